//! What the thread core promises under every policy, and what it adds where a policy says so in its constants.
//!
//! Each function runs a rehearsal and panics with what was broken; random ones print their seed.

mod locks;
mod times;
mod urgency;
mod wakeups;

pub use locks::{locks_exclude, words_time_out};
pub use times::{deadlines_are_kept, shares_follow_from_nice_values, spinning_threads_share};
pub use urgency::{
    chains_inherit, inversion_is_bounded, loans_end, random_locks_are_bounded, urgent_threads_go_first,
    urgent_waiters_go_first,
};
pub use wakeups::{no_wakeup_is_lost, refuses_too_many, threads_come_and_go};

use kit_iface_sched::{Levels, NO_DEADLINE, Scheduler, ThreadId, Urgency, wait, wake};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Seeds of the random rehearsals.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=12;

/// Runs the whole suite; `new` makes an empty policy.
pub fn all<P: Scheduler>(new: impl Fn() -> P) {
    refuses_too_many(new());
    if P::MOST_THREADS < u32::MAX {
        return;
    }
    deadlines_are_kept(new());
    threads_come_and_go(new());
    words_time_out(new());
    for seed in SEEDS {
        eprintln!("seed {seed}");
        no_wakeup_is_lost(new(), seed);
        locks_exclude(new(), seed);
    }
    if P::PREEMPTIVE {
        spinning_threads_share(new());
    }
    if P::LEVELS == Levels::Shares {
        shares_follow_from_nice_values(new());
    }
    if P::LEVELS == Levels::Strict {
        inversion_is_bounded(new());
        chains_inherit(new());
        urgent_waiters_go_first(new());
        loans_end(new());
        for seed in SEEDS {
            eprintln!("seed {seed}");
            urgent_threads_go_first(new(), seed);
            random_locks_are_bounded(new(), seed);
        }
    }
}

/// Threads that are waited for.
struct Crowd {
    left: AtomicU32,
}

impl Crowd {
    fn new() -> Arc<Self> {
        Arc::new(Self { left: 0.into() })
    }

    /// Starts one of them.
    fn spawn(self: &Arc<Self>, urgency: Urgency, actor: impl FnOnce() + Send + 'static) -> ThreadId {
        let crowd = self.clone();
        self.left.fetch_add(1, Ordering::Relaxed);
        let body = move || {
            actor();
            if crowd.left.fetch_sub(1, Ordering::Relaxed) == 1 {
                wake(Arc::as_ptr(&crowd) as usize, usize::MAX);
            }
        };
        crate::spawn(urgency, body).expect("there is memory for a thread")
    }

    /// Waits until all have ended.
    fn join(self: &Arc<Self>) {
        let some_run = || self.left.load(Ordering::Relaxed) != 0;
        while some_run() {
            wait(Arc::as_ptr(self) as usize, NO_DEADLINE, some_run);
        }
    }
}

const MS: u64 = 1_000_000;
