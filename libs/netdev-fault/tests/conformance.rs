//! The slot's suite around a card at a perfect network, and each fault by itself.

use kit_iface_netdev::NetDevice;
use kit_iface_netdev::conformance::{self, Pair};
use kit_iface_netdev::fake::FakeDevice;
use kit_iface_sched::{Wake, wait};
use kit_netdev_fault::{Fault, Rates};
use kit_util_host_test::reexport::kit_iface_clock::monotonic_ns;

kit_util_host_test::bind!();

type Card = Fault<FakeDevice>;

const NONE: Rates = Rates { seed: 1, drop: 0, corrupt: 0, duplicate: 0, reorder: 0, delay: 0, delay_ms: 10 };

/// A card with these faults, and a perfect one at the other end of its wire.
fn pair(rates: Rates) -> (&'static Card, &'static FakeDevice) {
    let card = |last| -> &'static FakeDevice { Box::leak(Box::new(FakeDevice::new([2, 0, 0, 0, 0, last]))) };
    let (inner, far) = (card(1), card(2));
    FakeDevice::join(inner, far);
    (Box::leak(Box::new(Fault::new(inner, rates))), far)
}

fn started(rates: Rates) -> (&'static Card, &'static FakeDevice) {
    let (near, far) = pair(rates);
    near.start().unwrap();
    far.start().unwrap();
    (near, far)
}

/// Sends an IPv4 frame with this number in all its payload.
fn send(from: &impl NetDevice, number: u8) {
    let fill = |frame: &mut [u8]| {
        frame.fill(number);
        frame[12..14].copy_from_slice(&[0x08, 0x00]);
    };
    from.transmit(60, fill).expect("there is room");
}

/// The numbers of all frames that have arrived.
fn arrived(to: &impl NetDevice) -> Vec<u8> {
    std::iter::from_fn(|| to.receive(|frame| frame[59])).collect()
}

#[test]
fn without_faults_the_card_conforms() {
    let (near, far) = pair(NONE);
    conformance::check(&Pair { near, far, now_ns: &monotonic_ns, seed: 9, in_flight: 8 });
    let (far, near) = pair(NONE);
    conformance::check(&Pair { near, far, now_ns: &monotonic_ns, seed: 10, in_flight: 8 });
}

#[test]
fn lost_frames_are_sent_as_far_as_the_stack_can_tell() {
    let (near, far) = started(Rates { drop: 1000, ..NONE });
    (0..100).for_each(|number| send(near, number));
    (0..10).for_each(|number| send(far, number));
    assert!(arrived(far).is_empty() && arrived(near).is_empty());
    assert!(!near.can_receive() && near.can_transmit());
}

#[test]
fn doubled_frames_arrive_twice() {
    let (near, far) = started(Rates { duplicate: 1000, ..NONE });
    send(near, 1);
    send(near, 2);
    assert_eq!(arrived(far), [1, 1, 2, 2]);
    send(far, 3);
    assert_eq!(arrived(near), [3, 3]);
}

#[test]
fn corrupted_frames_differ_in_one_bit() {
    let (near, far) = started(Rates { corrupt: 1000, ..NONE });
    send(near, 0);
    send(far, 0);
    let flipped = |frame: &mut [u8]| frame[14..].iter().map(|byte| byte.count_ones()).sum::<u32>();
    assert_eq!((far.receive(flipped), near.receive(flipped)), (Some(1), Some(1)));
}

/// Does what a stack behind the bad card does, until this many frames have arrived at either end: near's and far's.
fn live(near: &'static Card, far: &FakeDevice, count: usize) -> [Vec<u8>; 2] {
    let mut all = [Vec::new(), Vec::new()];
    loop {
        all[0].extend(arrived(near));
        all[1].extend(arrived(far));
        if all.iter().map(Vec::len).sum::<usize>() >= count {
            return all;
        }
        let woken = wait(near.event_key(), monotonic_ns() + 5_000_000_000, || !near.can_receive());
        assert_ne!(woken, Wake::TimedOut, "frames that are due wake the stack: {all:?}");
    }
}

#[test]
fn overtaken_frames_come_after_the_next_or_a_moment_later() {
    // Half of them, so that there is one to overtake.
    let (near, far) = started(Rates { reorder: 500, ..NONE });
    let mut order = Vec::new();
    for number in 0..40 {
        send(near, number);
        order.extend(arrived(far));
    }
    let [_, rest] = live(near, far, 40 - order.len());
    order.extend(rest);
    assert!(!order.is_sorted(), "some were overtaken: {order:?}");
    order.sort_unstable();
    assert!(order.iter().copied().eq(0..40), "each arrives once: {order:?}");
}

#[test]
fn delayed_frames_come_when_their_time_has_come() {
    let (near, far) = started(Rates { delay: 1000, delay_ms: 30, ..NONE });
    let before_ns = monotonic_ns();
    for number in 0..3 {
        send(near, number);
        send(far, 100 + number);
    }
    assert!(arrived(near).is_empty() && arrived(far).is_empty(), "nothing is there at once");
    assert_eq!(live(near, far, 6), [vec![100, 101, 102], vec![0, 1, 2]]);
    assert!(monotonic_ns() - before_ns >= 30_000_000);
}

#[test]
fn no_more_is_held_back_than_memory_allows() {
    let (near, far) = started(Rates { delay: 1000, delay_ms: 60_000, ..NONE });
    let arrived_at_once: usize = (0..200u8).map(|number| (send(near, number), arrived(far).len()).1).sum();
    assert_eq!(arrived_at_once, 200 - 64);
}

#[test]
fn the_same_seed_has_the_same_faults() {
    let run = |seed| {
        let rates = Rates { seed, drop: 100, duplicate: 100, corrupt: 100, ..NONE };
        let (near, far) = started(rates);
        let mut frames = Vec::new();
        for number in 0..100 {
            send(near, number);
            while let Some(frame) = far.receive(|frame| frame.to_vec()) {
                frames.push(frame);
            }
            near.receive(|_| ());
        }
        frames
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
