//! Waiting, waking, beginning and ending.

use super::{Crowd, MS};
use crate::{Random, at, compute, rehearse, spawn};
use kit_iface_sched::{NO_DEADLINE, Scheduler, SpawnError, ThreadId, Urgency, Wake, wait, wake, yield_now};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Tokens that threads and interrupts put down and threads pick up.
struct Tokens(AtomicU32);

impl Tokens {
    fn key(&self) -> usize {
        self.0.as_ptr() as usize
    }

    fn put(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        wake(self.key(), 1);
    }

    fn take(&self, random: &mut Random) {
        loop {
            let there = self.0.load(Ordering::Relaxed);
            // Whoever looks and then waits may be interrupted in between.
            compute(random.below(MS / 2));
            if there > 0 {
                if self.0.compare_exchange(there, there - 1, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                    return;
                }
                continue;
            }
            let deadline_ns = match random.below(3) {
                0 => crate::now_ns() + random.below(5 * MS),
                _ => NO_DEADLINE,
            };
            wait(self.key(), deadline_ns, || self.0.load(Ordering::Relaxed) == 0);
        }
    }
}

/// Threads that take tokens get as many as others and interrupts put down: were a wake-up lost, all would sleep in
/// the end, which the machine notices.
pub fn no_wakeup_is_lost<P: Scheduler>(policy: P, seed: u64) {
    const PLACES: usize = 3;
    const TAKERS: u64 = 8;
    const EACH: u64 = 30;
    rehearse(policy, move || {
        let mut random = Random::new(seed);
        let places: Arc<[Tokens; PLACES]> = Arc::new([const { Tokens(AtomicU32::new(0)) }; PLACES]);
        let crowd = Crowd::new();
        let mut demand = [0; PLACES];
        for taker in 0..TAKERS {
            let place = random.below(PLACES as u64) as usize;
            demand[place] += EACH;
            let (places, mut random) = (places.clone(), Random::new(seed ^ taker << 32));
            let urgency = Urgency::nice(random.below(3) as i32);
            crowd.spawn(urgency, move || (0..EACH).for_each(|_| places[place].take(&mut random)));
        }
        for (place, demand) in demand.into_iter().enumerate() {
            let by_interrupt = demand / 3;
            for _ in 0..by_interrupt {
                let places = places.clone();
                at(random.below(300 * MS), move || places[place].put());
            }
            let (places, mut random) = (places.clone(), Random::new(seed ^ (place as u64) << 40));
            crowd.spawn(Urgency::nice(random.below(3) as i32), move || {
                for _ in 0..demand - by_interrupt {
                    compute(random.below(2 * MS));
                    places[place].put();
                    if random.below(4) == 0 {
                        yield_now();
                    }
                }
            });
        }
        crowd.join();
        assert!(places.iter().all(|place| place.0.load(Ordering::Relaxed) == 0), "a token is left");
    });
}

/// Threads have numbers of their own, run once, and more of them than ever live at a time can come and go.
pub fn threads_come_and_go<P: Scheduler>(policy: P) {
    rehearse(policy, || {
        let runs = Arc::new(AtomicU32::new(0));
        let mut last = ThreadId(1);
        for _ in 0..10 {
            let crowd = Crowd::new();
            for _ in 0..8 {
                let runs = runs.clone();
                let id = crowd.spawn(Urgency::NORMAL, move || {
                    compute(MS);
                    runs.fetch_add(1, Ordering::Relaxed);
                });
                assert!(id > last, "numbers are not used again");
                last = id;
            }
            crowd.join();
        }
        assert_eq!(runs.load(Ordering::Relaxed), 80);
    });
}

/// Where a policy bounds the number of threads, that many live and one more is refused; and the threads there are
/// wait, time out and are woken as always.
pub fn refuses_too_many<P: Scheduler>(policy: P) {
    rehearse(policy, || {
        let key = 0_u8;
        let key = &raw const key as usize;
        at(5 * MS, move || {
            wake(key, 1);
        });
        assert_eq!(wait(key, 9 * MS, || true), Wake::Woken);
        assert_eq!(crate::now_ns(), 5 * MS);
        assert_eq!(wait(key, 9 * MS, || true), Wake::TimedOut);
        assert_eq!(crate::now_ns(), 9 * MS);
        assert_eq!(wait(key, NO_DEADLINE, || false), Wake::Unneeded);
        yield_now();
        if P::MOST_THREADS < 100 {
            for _ in 1..P::MOST_THREADS {
                spawn(Urgency::NORMAL, || compute(MS)).expect("the policy has room");
            }
            assert_eq!(spawn(Urgency::NORMAL, || ()), Err(SpawnError::TooMany));
            assert_eq!(kit_iface_sched::spawn("worker", 4096, |_| {}, 0), Err(SpawnError::TooMany));
        }
    });
}
