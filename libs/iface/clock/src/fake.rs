//! A clock that a test moves by hand.

use crate::Clock;
use core::sync::atomic::{AtomicU64, Ordering};

/// Stands still until it is told to go on.
pub struct ManualClock {
    monotonic_ns: AtomicU64,
    wall_offset_ns: u64,
}

impl ManualClock {
    /// A clock at monotonic zero, which is `wall_ns` of Unix time.
    pub const fn new(wall_ns: u64) -> Self {
        Self { monotonic_ns: AtomicU64::new(0), wall_offset_ns: wall_ns }
    }

    /// Lets `ns` nanoseconds pass.
    pub fn advance(&self, ns: u64) {
        self.monotonic_ns.fetch_add(ns, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn monotonic_ns(&self) -> u64 {
        self.monotonic_ns.load(Ordering::Relaxed)
    }

    fn wall_ns(&self) -> u64 {
        self.wall_offset_ns + self.monotonic_ns()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_by_hand_only() {
        let clock = ManualClock::new(1_700_000_000_000_000_000);
        crate::conformance::never_steps_back(&clock);
        crate::conformance::wall_is_set(&clock);
        assert_eq!(clock.monotonic_ns(), 0);
        clock.advance(5);
        assert_eq!((clock.monotonic_ns(), clock.wall_ns()), (5, 1_700_000_000_000_000_005));
    }
}
