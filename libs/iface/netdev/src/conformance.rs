//! What every network device promises, as checks that run against two of them joined by a wire, or against one that
//! gives back what is sent to it.
//!
//! * before it is started it does nothing · frames of every size arrive unchanged, in order, none lost or doubled, in
//!   both directions at once: `frames`, from a seed
//! * a full ring refuses without calling `fill`, says when there is room again, and loses nothing · arrivals wake the
//!   key, whenever interrupts are switched: `waiting`
//!
//! A wrapper is checked like any other device, around whatever it wraps.

mod frames;
mod random;
mod waiting;

use crate::NetDevice;

/// Time for what should take microseconds.
const PATIENCE_NS: u64 = 5_000_000_000;

/// Two devices, and what lies between them. Neither has been started.
pub struct Pair<'a, N: NetDevice, F: NetDevice> {
    /// One end.
    pub near: &'static N,
    /// The other. A device that gives back what it is sent is both.
    pub far: &'static F,
    /// A monotonic clock.
    pub now_ns: &'a (dyn Fn() -> u64 + Sync),
    /// What the random part of the checks follows from; it is in the message of a failure if the caller prints it.
    pub seed: u64,
    /// Frames of any size that the wire holds while nobody takes them. At least 2.
    pub in_flight: usize,
}

/// Checks all promises.
pub fn check<N: NetDevice, F: NetDevice>(pair: &Pair<N, F>) {
    let Pair { near, far, .. } = pair;
    nothing_before_the_start(*near);
    let near_is = near.start().expect("the device is there");
    let far_is = if pair.is_loop() {
        near_is
    } else {
        nothing_before_the_start(*far);
        far.start().expect("the other device is there")
    };
    for capabilities in [near_is, far_is] {
        assert!(capabilities.mtu >= 576, "an MTU that IPv4 can live with");
        assert_eq!(capabilities.mac[0] & 1, 0, "a device's own address is not a group's");
        assert_ne!(capabilities.mac, [0; 6], "a device has an address");
    }
    assert!(near.can_transmit() && far.can_transmit(), "a fresh device has room");
    assert!(near.receive(|_| ()).is_none() && !near.can_receive(), "nothing has arrived");

    let mut link = frames::Link::new(pair, near_is, far_is);
    link.every_size_arrives();
    link.frames_keep_their_order_both_ways();
    link.a_consumer_may_answer();
    waiting::a_full_ring_says_so_and_recovers(pair, &mut link);
    waiting::arrivals_wake_the_key(pair, &mut link);
}

impl<N: NetDevice, F: NetDevice> Pair<'_, N, F> {
    /// Whether both ends are one device.
    fn is_loop(&self) -> bool {
        self.near.event_key() == self.far.event_key()
    }
}

fn nothing_before_the_start(device: &impl NetDevice) {
    assert!(!device.can_receive(), "a device that was not started has received nothing");
    assert!(!device.can_transmit(), "a device that was not started has no room");
    assert!(device.receive(|_| panic!("there is no frame")).is_none());
    assert!(device.transmit(60, |_| panic!("there is no buffer")).is_none());
}
