//! Fair shares: who has run least, divided by its share, runs next.
//!
//! Each thread has a *virtual time*, the time that it has run multiplied by `1024 / weight`; the least goes first, from
//! a heap in which every operation takes at most `O(log n)` steps. Over any stretch in which two threads can
//! run, what both got, divided by their weights, differs by little more than one slice each. This is start-time fair
//! queueing (Goyal, Vin and Cheng, "Start-time Fair Queueing", 1996) with processor time in place of packets, which
//! is what Linux's scheduler was until 6.6; stride scheduling (Waldspurger, 1995) is the same for slices that
//! are always used up.
//!
//! Weights are as in Linux: 1024 for nice 0, and each nice value weighs 1.25 times the next. Real-time priorities mean nothing here beyond
//! the greatest weight. A thread that has slept does not get what it has missed, but starts one slice ahead of the
//! others, so that a thread which mostly waits runs as soon as it is woken.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use kit_iface_sched::{Fairness, Levels, MinHeap, Runnable, Scheduler, ThreadRef};

/// The weight of nice 0.
pub const NORMAL_WEIGHT: u64 = 1024;

/// Weights by nice value, from -20 on, in units of 2^-16: each is 1.25 times the next.
const WEIGHTS: [u64; 40] = {
    let mut weights = [NORMAL_WEIGHT << 16; 40];
    let mut distance = 1;
    while distance <= 20 {
        weights[20 - distance] = weights[20 - distance + 1] * 5 / 4;
        if distance < 20 {
            weights[20 + distance] = weights[20 + distance - 1] * 4 / 5;
        }
        distance += 1;
    }
    weights
};

/// The weight of a thread of this level.
pub fn weight(level: u8) -> u64 {
    WEIGHTS[usize::from(level.saturating_sub(100)).min(WEIGHTS.len() - 1)] >> 16
}

/// The policy; a slice lasts `SLICE_US` microseconds.
pub struct Fair<const SLICE_US: u32> {
    /// Who waits, by virtual time in nanoseconds of a thread with nice 0.
    threads: MinHeap,
    /// Who has yielded last: it goes after one other, whatever its virtual time.
    yielded: Option<ThreadRef>,
    /// The virtual time that has been reached: it never falls, and the running thread's is close to it.
    reached: u64,
    /// The virtual time of the thread that was picked last, kept up to date as it runs.
    running: u64,
}

impl<const SLICE_US: u32> Fair<SLICE_US> {
    const SLICE_NS: u64 = SLICE_US as u64 * 1000;
    /// How far a woken thread must be behind the running one to interrupt it: switching for less is not worth it.
    const MARGIN_NS: u64 = Self::SLICE_NS / 4;

    /// Nobody is runnable.
    pub const fn new() -> Self {
        const { assert!(SLICE_US > 0, "a slice lasts at least a microsecond") };
        Self { threads: MinHeap::new(), yielded: None, reached: 0, running: 0 }
    }
}

/// Whether one virtual time comes after another; both count modulo 2^64.
const fn is_after(one: u64, other: u64) -> bool {
    one.wrapping_sub(other) as i64 > 0
}

impl<const SLICE_US: u32> Scheduler for Fair<SLICE_US> {
    const PREEMPTIVE: bool = true;
    const LEVELS: Levels = Levels::Shares;
    const FAIRNESS: Fairness = Fairness::Slices(2);
    const MEASURES: bool = true;

    fn push(&mut self, thread: ThreadRef, reason: Runnable) -> bool {
        let time = &thread.links().tag;
        let earliest = match reason {
            Runnable::New => Some(self.reached),
            Runnable::Woken => Some(self.reached.wrapping_sub(Self::SLICE_NS)),
            Runnable::Yielded | Runnable::Preempted | Runnable::Expired => None,
        };
        if let Some(earliest) =
            earliest.filter(|earliest| reason == Runnable::New || is_after(*earliest, time.get()))
        {
            time.set(earliest);
        }
        if reason == Runnable::Yielded
            && let Some(before) = self.yielded.replace(thread)
        {
            self.threads.push(before);
        } else if reason != Runnable::Yielded {
            self.threads.push(thread);
        }
        reason == Runnable::Woken && is_after(self.running, time.get().wrapping_add(Self::MARGIN_NS))
    }

    fn pop(&mut self) -> Option<ThreadRef> {
        let next = self.threads.pop();
        // Whoever yielded has let one thread go first, or there was none.
        let yielded = self.yielded.take();
        let thread = match (next, yielded) {
            (Some(next), Some(yielded)) => {
                self.threads.push(yielded);
                next
            }
            (next, yielded) => next.or(yielded)?,
        };
        self.running = thread.links().tag.get();
        if is_after(self.running, self.reached) {
            self.reached = self.running;
        }
        Some(thread)
    }

    fn remove(&mut self, thread: ThreadRef) {
        if self.yielded == Some(thread) {
            self.yielded = None;
        } else {
            self.threads.remove(thread);
        }
    }

    fn slice_ns(&self, _thread: ThreadRef) -> Option<u64> {
        Some(Self::SLICE_NS)
    }

    fn is_empty(&self) -> bool {
        self.threads.is_empty() && self.yielded.is_none()
    }

    fn ran(&mut self, thread: ThreadRef, ns: u64) {
        let links = thread.links();
        let virtual_ns = ns.saturating_mul(NORMAL_WEIGHT) / weight(links.level.get());
        self.running = links.tag.get().wrapping_add(virtual_ns);
        links.tag.set(self.running);
    }
}
