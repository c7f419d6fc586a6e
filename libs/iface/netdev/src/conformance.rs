//! What every network device promises, as a check that runs against two of them joined by a wire.

use crate::{ETHERNET_HEADER_BYTES, NetDevice};
use kit_iface_sched::{Wake, sleep_until, wait};

const PATIENCE_NS: u64 = 2_000_000_000;

/// Checks `near`; `far`, on the other end of the wire, must be one too. Neither has been started.
///
/// `now_ns` is a monotonic clock.
pub fn check(near: &'static impl NetDevice, far: &'static impl NetDevice, now_ns: fn() -> u64) {
    assert!(!near.can_receive(), "a device that was not started has received nothing");
    let capabilities = near.start().expect("the device is there");
    far.start().expect("the other device is there");
    assert!(capabilities.mtu >= 576, "an MTU that IPv4 can live with");
    assert_eq!(capabilities.mac[0] & 1, 0, "a device's own address is not a group's");
    assert!(near.can_transmit(), "a fresh device has room");
    assert!(near.receive(|_| ()).is_none());

    frames_arrive_whole(near, far, capabilities.mtu, now_ns);
    a_full_ring_says_so_and_recovers(near, far, now_ns);
    arrivals_wake_the_key(near, far, now_ns);
}

/// Frames of every size come out as they went in, in order.
fn frames_arrive_whole(near: &impl NetDevice, far: &impl NetDevice, mtu: usize, now_ns: fn() -> u64) {
    for bytes in [ETHERNET_HEADER_BYTES, 60, 61, 590, mtu + ETHERNET_HEADER_BYTES] {
        let sent = near.transmit(bytes, |frame| {
            assert_eq!(frame.len(), bytes, "the buffer is exactly as long as asked");
            frame.iter_mut().enumerate().for_each(|(at, byte)| *byte = (at * 7 + bytes) as u8);
            bytes
        });
        assert_eq!(sent, Some(bytes));
        let deadline_ns = now_ns() + PATIENCE_NS;
        while !far.can_receive() {
            assert!(now_ns() < deadline_ns, "a frame of {bytes} bytes did not arrive");
            sleep_until(now_ns() + 100_000);
        }
        let received = far.receive(|frame| {
            // A link may pad frames to its minimum.
            assert!(frame.len() == bytes || (bytes < 60 && frame.len() == 60), "a frame keeps its length");
            frame[..bytes].iter().enumerate().all(|(at, byte)| *byte == (at * 7 + bytes) as u8)
        });
        assert_eq!(received, Some(true), "a frame of {bytes} bytes arrives unchanged");
        assert!(!far.can_receive());
    }
}

/// When nobody takes frames, transmission is refused in the end, without calling `fill`; and works again later.
fn a_full_ring_says_so_and_recovers(near: &impl NetDevice, far: &impl NetDevice, now_ns: fn() -> u64) {
    let mut sent = 0u32;
    while near.can_transmit() && sent < 100_000 {
        assert!(near.transmit(60, |frame| frame.fill(1)).is_some(), "room was promised");
        sent += 1;
    }
    if !near.can_transmit() {
        assert!(near.transmit(60, |_| panic!("there is no buffer to fill")).is_none());
    }
    let deadline_ns = now_ns() + PATIENCE_NS;
    while far.receive(|_| ()).is_some() || !near.can_transmit() {
        assert!(now_ns() < deadline_ns, "there is no room again");
    }
}

/// With interrupts on, an arrival wakes the key, unless `can_receive` has told already.
fn arrivals_wake_the_key(near: &'static impl NetDevice, far: &'static impl NetDevice, now_ns: fn() -> u64) {
    far.set_receive_interrupts(false);
    while far.receive(|_| ()).is_some() {}
    far.set_receive_interrupts(true);
    near.transmit(60, |frame| frame.fill(2)).expect("there is room");
    while !far.can_receive() {
        let woken = wait(far.event_key(), now_ns() + PATIENCE_NS, || !far.can_receive());
        assert_ne!(woken, Wake::TimedOut, "an arrival wakes the event key");
    }
    assert!(far.receive(|_| ()).is_some());
}
