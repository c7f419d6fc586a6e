//! Preemptive round robin that lets threads which wait for events go before threads which compute.
//!
//! Two queues, each first come first served. A thread that was woken (or just created) enters the *ready*
//! queue; one that used up its slice, or yielded, enters the *spent* queue. Ready threads go first, and a woken
//! thread interrupts a spent one at once: a server's connection is answered without waiting for the end of a
//! computation's slice. Where no thread computes for as long as a slice, all of them are in one queue and this
//! is plain round robin.
//!
//! Fairness is bounded: after [`READY_IN_A_ROW`] ready threads in a row the oldest spent thread gets a slice
//! that no woken thread cuts short. So among `n` spent threads each runs at least once in
//! `n * (READY_IN_A_ROW + 1)` turns, however often others wake. Multi-level feedback queues (Corbató, Daggett
//! and Daley, "An Experimental Time-Sharing System", 1962) are this idea with more levels.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use kit_iface_sched::{Fairness, Queue, Runnable, Scheduler, ThreadRef};

/// How many ready threads may go before a spent one that waits.
pub const READY_IN_A_ROW: u32 = 32;

/// The policy; a slice lasts `SLICE_US` microseconds.
pub struct RoundRobin<const SLICE_US: u32> {
    ready: Queue,
    spent: Queue,
    ready_in_a_row: u32,
    // Whether a woken thread goes before the one that runs now.
    may_interrupt: bool,
}

// What a thread's `tag` says: the queue that it is in, so that `remove` finds it.
const READY: u64 = 0;
const SPENT: u64 = 1;

impl<const SLICE_US: u32> RoundRobin<SLICE_US> {
    /// Nobody is runnable.
    pub const fn new() -> Self {
        const { assert!(SLICE_US > 0, "a slice lasts at least a microsecond") };
        Self { ready: Queue::new(), spent: Queue::new(), ready_in_a_row: 0, may_interrupt: false }
    }
}

impl<const SLICE_US: u32> Scheduler for RoundRobin<SLICE_US> {
    const PREEMPTIVE: bool = true;
    const FAIRNESS: Fairness = Fairness::Turns(READY_IN_A_ROW + 1);

    fn push(&mut self, thread: ThreadRef, reason: Runnable) -> bool {
        match reason {
            Runnable::New | Runnable::Woken => {
                thread.links().tag.set(READY);
                self.ready.push(thread);
                self.may_interrupt && reason == Runnable::Woken
            }
            Runnable::Yielded | Runnable::Preempted | Runnable::Expired => {
                thread.links().tag.set(SPENT);
                self.spent.push(thread);
                false
            }
        }
    }

    fn pop(&mut self) -> Option<ThreadRef> {
        let is_spents_turn = self.ready_in_a_row >= READY_IN_A_ROW && !self.spent.is_empty();
        if !is_spents_turn && let Some(thread) = self.ready.pop() {
            self.ready_in_a_row = if self.spent.is_empty() { 0 } else { self.ready_in_a_row + 1 };
            self.may_interrupt = false;
            return Some(thread);
        }
        self.ready_in_a_row = 0;
        self.may_interrupt = !is_spents_turn;
        self.spent.pop()
    }

    fn remove(&mut self, thread: ThreadRef) {
        let queue = if thread.links().tag.get() == SPENT { &mut self.spent } else { &mut self.ready };
        queue.remove(thread);
    }

    fn slice_ns(&self, _thread: ThreadRef) -> Option<u64> {
        Some(SLICE_US as u64 * 1000)
    }

    fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.spent.is_empty()
    }
}
