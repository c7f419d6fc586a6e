//! No caller sleeps through what it waits for: room, and arrivals.

use super::frames::Link;
use super::random::Random;
use super::{PATIENCE_NS, Pair};
use crate::NetDevice;
use core::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use kit_iface_sched::{Wake, spawn, wait, yield_now};

const BYTES: usize = 60;
/// A device that takes this many frames while nobody looks has an end that swallows them.
const MOST_FRAMES: u64 = 20_000;
const STACK_BYTES: usize = 64 * 1024;
const ROUNDS: u64 = 300;

/// When nobody takes frames, transmission is refused in the end, without calling `fill`; whoever waits for room is woken
/// when frames are taken; and what was accepted before has not been lost.
pub(super) fn a_full_ring_says_so_and_recovers<N: NetDevice, F: NetDevice>(
    pair: &Pair<N, F>,
    link: &mut Link<N, F>,
) {
    let Pair { near, far, now_ns, .. } = *pair;
    let mut sent = 0u64;
    while near.can_transmit() && sent < MOST_FRAMES {
        link.send(BYTES).expect("room was promised");
        sent += 1;
    }
    if sent == MOST_FRAMES {
        // A wire without end: what it swallowed is gone by design.
        let quiet = |_: &Link<N, F>| far.receive(|_| ()).is_none();
        return link.until(quiet, "frames go on arriving");
    }
    assert!(near.transmit(BYTES, |_| panic!("there is no buffer to fill")).is_none());

    let drain = Drain { device: far, taken: AtomicU64::new(0), is_over: AtomicBool::new(false) };
    let argument = core::ptr::from_ref(&drain) as usize;
    spawn("drain", STACK_BYTES, take_all::<F>, argument).expect("a thread");
    let deadline_ns = now_ns() + PATIENCE_NS;
    while !near.can_transmit() {
        let woken = wait(near.event_key(), deadline_ns, || !near.can_transmit());
        assert_ne!(woken, Wake::TimedOut, "room wakes the event key");
    }
    link.until(|_| drain.taken.load(Ordering::Acquire) >= sent, "a frame that was accepted is lost");
    drain.is_over.store(true, Ordering::Release);
    link.until(|_| !drain.is_over.load(Ordering::Acquire), "a thread ends");
    assert_eq!(drain.taken.load(Ordering::Acquire), sent, "each frame arrives once");
}

/// What the draining thread works on. It clears `is_over` as its last act.
struct Drain<F: NetDevice> {
    device: &'static F,
    taken: AtomicU64,
    is_over: AtomicBool,
}

fn take_all<F: NetDevice>(argument: usize) {
    // SAFETY: whoever started this thread waits for its last act, which is the last use.
    let drain = unsafe { &*(argument as *const Drain<F>) };
    while !drain.is_over.load(Ordering::Acquire) {
        if drain.device.receive(|_| ()).is_some() {
            drain.taken.fetch_add(1, Ordering::Release);
        } else {
            yield_now();
        }
    }
    drain.is_over.store(false, Ordering::Release);
}

/// However sending and switching interrupts fall together, a receiver that does as it should is woken or need not sleep.
pub(super) fn arrivals_wake_the_key<N: NetDevice, F: NetDevice>(pair: &Pair<N, F>, link: &mut Link<N, F>) {
    let Pair { near, far, now_ns, seed, .. } = *pair;
    let sender = Sender {
        device: near,
        wanted: AtomicU64::new(0),
        pause: AtomicUsize::new(0),
        macs: link.macs,
        is_over: AtomicBool::new(false),
        turn: AtomicBool::new(false),
    };
    let argument = core::ptr::from_ref(&sender) as usize;
    spawn("sender", STACK_BYTES, send_on_demand::<N>, argument).expect("a thread");
    let mut random = Random::new(seed);
    for round in 0..ROUNDS {
        far.set_receive_interrupts(false);
        while sender.in_turn(|| far.receive(|_| ()).is_some()) {}
        sender.pause.store(random.below(2000), Ordering::Relaxed);
        sender.wanted.store(round + 1, Ordering::Release);
        (0..random.below(2000)).for_each(|_| core::hint::spin_loop());
        sender.in_turn(|| far.set_receive_interrupts(true));
        let deadline_ns = now_ns() + PATIENCE_NS;
        while sender.in_turn(|| far.receive(|_| ()).is_none()) {
            let woken = wait(far.event_key(), deadline_ns, || !far.can_receive());
            assert_ne!(woken, Wake::TimedOut, "seed {seed}, round {round}: an arrival wakes the event key");
        }
    }
    sender.is_over.store(true, Ordering::Release);
    link.until(|_| !sender.is_over.load(Ordering::Acquire), "a thread ends");
}

/// What the sending thread works on: it sends until it has sent `wanted` frames.
struct Sender<N: NetDevice> {
    device: &'static N,
    wanted: AtomicU64,
    /// Turns to spin before sending.
    pause: AtomicUsize,
    macs: [[u8; 6]; 2],
    is_over: AtomicBool,
    /// Held during a call: a device has one caller at a time, and both ends may be one device.
    turn: AtomicBool,
}

impl<N: NetDevice> Sender<N> {
    fn in_turn<R>(&self, body: impl FnOnce() -> R) -> R {
        while self.turn.swap(true, Ordering::Acquire) {
            yield_now();
        }
        let result = body();
        self.turn.store(false, Ordering::Release);
        result
    }
}

fn send_on_demand<N: NetDevice>(argument: usize) {
    // SAFETY: as in `take_all`.
    let sender = unsafe { &*(argument as *const Sender<N>) };
    let (mut sent, [near, far]) = (0, sender.macs);
    while !sender.is_over.load(Ordering::Acquire) {
        if sender.wanted.load(Ordering::Acquire) > sent {
            (0..sender.pause.load(Ordering::Relaxed)).for_each(|_| core::hint::spin_loop());
            let fill = |frame: &mut [u8]| super::random::write(frame, far, near, sent);
            sent += u64::from(sender.in_turn(|| sender.device.transmit(BYTES, fill)).is_some());
        } else {
            yield_now();
        }
    }
    sender.is_over.store(false, Ordering::Release);
}
