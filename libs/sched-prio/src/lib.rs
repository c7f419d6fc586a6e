//! Fixed priorities: while a more urgent thread can run, no other does; equal ones take turns.
//!
//! One queue for each level and a bitmap of those that are not empty, so that every operation takes the same few
//! steps however many threads there are. This is the scheduling of POSIX (IEEE 1003.1, "Scheduling Policies"): a thread
//! that is interrupted by a more urgent one stays the first of its level and keeps what is left of its slice
//! (`SCHED_RR`), or has no slice at all (`SCHED_FIFO`); one that yields, or whose slice has ended, becomes the last.
//!
//! That a thread which holds a lock counts with the level of who waits for it is the mechanism's doing; all that
//! this policy adds is to say that its levels are strict.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use kit_iface_sched::{Fairness, LEVELS, Levels, Queue, Runnable, Scheduler, ThreadRef};

/// Bits of a word of the bitmap.
const BITS: usize = 64;
const WORDS: usize = LEVELS.div_ceil(BITS);
/// A level below every thread's: nobody runs.
const NOBODY: u8 = u8::MAX;

/// The policy; threads of one level take turns of `SLICE_US` microseconds.
pub struct Priorities<const SLICE_US: u32> {
    queues: [Queue; LEVELS],
    /// Bit `level % 64` of word `level / 64`: the level's queue is not empty.
    waiting: [u64; WORDS],
    /// [`NOBODY`] minus the level of the thread that runs, so that a fresh policy is all zero bytes.
    running: u8,
}

impl<const SLICE_US: u32> Priorities<SLICE_US> {
    const SLICE_NS: u64 = SLICE_US as u64 * 1000;

    /// Nobody is runnable.
    pub const fn new() -> Self {
        const { assert!(SLICE_US > 0, "a slice lasts at least a microsecond") };
        Self { queues: [const { Queue::new() }; LEVELS], waiting: [0; WORDS], running: 0 }
    }

    fn first_level(&self) -> Option<usize> {
        let word = self.waiting.iter().position(|word| *word != 0)?;
        Some(word * BITS + self.waiting[word].trailing_zeros() as usize)
    }
}

fn level_of(thread: ThreadRef) -> usize {
    // The scale ends below; this spares the image a check of bounds with a message.
    usize::from(thread.links().level.get()).min(LEVELS - 1)
}

impl<const SLICE_US: u32> Scheduler for Priorities<SLICE_US> {
    const PREEMPTIVE: bool = true;
    const LEVELS: Levels = Levels::Strict;
    const FAIRNESS: Fairness = Fairness::Turns(1);
    const MEASURES: bool = true;

    fn push(&mut self, thread: ThreadRef, reason: Runnable) -> bool {
        let (links, level) = (thread.links(), level_of(thread));
        // The tag is how much of its slice it has used.
        let keeps_its_turn =
            reason == Runnable::Preempted && (!links.has_slice.get() || links.tag.get() < Self::SLICE_NS);
        if keeps_its_turn {
            self.queues[level].push_first(thread);
        } else {
            links.tag.set(0);
            self.queues[level].push(thread);
        }
        self.waiting[level / BITS] |= 1 << (level % BITS);
        level < usize::from(NOBODY - self.running)
    }

    fn pop(&mut self) -> Option<ThreadRef> {
        let level = self.first_level()?;
        let queue = &mut self.queues[level];
        let thread = queue.pop()?;
        if queue.is_empty() {
            self.waiting[level / BITS] &= !(1 << (level % BITS));
        }
        self.running = NOBODY - level as u8;
        Some(thread)
    }

    fn remove(&mut self, thread: ThreadRef) {
        let level = level_of(thread);
        let queue = &mut self.queues[level];
        queue.remove(thread);
        if queue.is_empty() {
            self.waiting[level / BITS] &= !(1 << (level % BITS));
        }
    }

    fn slice_ns(&self, thread: ThreadRef) -> Option<u64> {
        let links = thread.links();
        links.has_slice.get().then(|| Self::SLICE_NS.saturating_sub(links.tag.get()).max(1))
    }

    fn is_empty(&self) -> bool {
        self.waiting == [0; WORDS]
    }

    fn ran(&mut self, thread: ThreadRef, ns: u64) {
        let used_ns = &thread.links().tag;
        used_ns.set(used_ns.get().saturating_add(ns));
    }
}
