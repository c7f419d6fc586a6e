//! Cooperative scheduling: a thread runs until it blocks, yields or ends.
//!
//! One queue, first come first served. No timer is ever set for a slice, so an image pays for no preemption,
//! and code between two blocking calls is never interleaved with another thread's. The price: a thread that
//! computes for a second keeps all others waiting for a second.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use kit_iface_sched::{Fairness, Queue, Runnable, Scheduler, ThreadRef};

/// The run-to-block policy.
pub struct Coop {
    queue: Queue,
}

impl Coop {
    /// Nobody is runnable.
    pub const fn new() -> Self {
        Self { queue: Queue::new() }
    }
}

impl Scheduler for Coop {
    const PREEMPTIVE: bool = false;
    const FAIRNESS: Fairness = Fairness::Turns(1);

    fn push(&mut self, thread: ThreadRef, _reason: Runnable) -> bool {
        self.queue.push(thread);
        false
    }

    fn pop(&mut self) -> Option<ThreadRef> {
        self.queue.pop()
    }

    fn remove(&mut self, thread: ThreadRef) {
        self.queue.remove(thread);
    }

    fn slice_ns(&self, _thread: ThreadRef) -> Option<u64> {
        None
    }

    fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}
