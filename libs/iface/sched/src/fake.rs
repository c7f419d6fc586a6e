//! A policy for tests of the mechanism: it picks at random, so that code which relies on an order fails.

use crate::{Fairness, Queue, Runnable, Scheduler, ThreadRef};

/// Picks any runnable thread and asks for preemption at random, the same way for the same seed.
pub struct Shuffle {
    queue: Queue,
    length: usize,
    random: u64,
}

impl Shuffle {
    /// An empty policy whose choices follow from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { queue: Queue::new(), length: 0, random: seed | 1 }
    }

    fn below(&mut self, limit: usize) -> usize {
        // Marsaglia, "Xorshift RNGs" (2003).
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 16) as usize % limit
    }
}

impl Scheduler for Shuffle {
    const PREEMPTIVE: bool = true;
    const FAIRNESS: Fairness = Fairness::None;

    fn push(&mut self, thread: ThreadRef, _reason: Runnable) -> bool {
        self.queue.push(thread);
        self.length += 1;
        self.below(2) == 0
    }

    fn pop(&mut self) -> Option<ThreadRef> {
        let skipped = self.below(self.length.max(1));
        for _ in 0..skipped {
            let thread = self.queue.pop()?;
            self.queue.push(thread);
        }
        self.length = self.length.saturating_sub(1);
        self.queue.pop()
    }

    fn remove(&mut self, thread: ThreadRef) {
        self.length -= usize::from(self.queue.remove(thread));
    }

    fn slice_ns(&self, _thread: ThreadRef) -> Option<u64> {
        Some(1)
    }

    fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::*;

    #[test]
    fn keeps_what_holds_without_an_order() {
        for seed in 0..20 {
            starts_empty(Shuffle::new(seed));
            loses_nobody(Shuffle::new(seed));
            removed_threads_do_not_run(Shuffle::new(seed));
            spinning_threads_share(Shuffle::new(seed));
            nobody_starves(Shuffle::new(seed));
            survives_random_use(Shuffle::new(seed), seed);
        }
    }
}
