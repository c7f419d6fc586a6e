//! One thread: it runs, or the processor idles until it can.
//!
//! There is nobody to choose between, so the queue is a place for one. The mechanism refuses a second thread
//! ([`Scheduler::MOST_THREADS`]) and leaves out of the image what only several need.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use kit_iface_sched::{Fairness, Runnable, Scheduler, ThreadRef};

/// The policy.
pub struct Single {
    waiting: Option<ThreadRef>,
}

impl Single {
    /// The thread is not runnable.
    pub const fn new() -> Self {
        Self { waiting: None }
    }
}

impl Scheduler for Single {
    const PREEMPTIVE: bool = false;
    const FAIRNESS: Fairness = Fairness::Turns(1);
    const MOST_THREADS: u32 = 1;

    fn push(&mut self, thread: ThreadRef, _reason: Runnable) -> bool {
        debug_assert!(self.waiting.is_none(), "there is one thread");
        self.waiting = Some(thread);
        false
    }

    fn pop(&mut self) -> Option<ThreadRef> {
        self.waiting.take()
    }

    fn remove(&mut self, thread: ThreadRef) {
        self.waiting.take_if(|waiting| *waiting == thread);
    }

    fn slice_ns(&self, _thread: ThreadRef) -> Option<u64> {
        None
    }

    fn is_empty(&self) -> bool {
        self.waiting.is_none()
    }
}
