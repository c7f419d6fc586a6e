//! Deadlines, and who gets how much of the processor.

use super::{Crowd, MS};
use crate::{Random, compute, now_ns, rehearse, spawn, time_of};
use kit_iface_sched::{Scheduler, ThreadId, Urgency, sleep_until, yield_now};
use std::sync::{Arc, Mutex};

/// Sleeping threads wake at their deadlines, to the nanosecond on an idle processor and in order; and not before them on
/// a busy one.
pub fn deadlines_are_kept<P: Scheduler>(policy: P) {
    rehearse(policy, || {
        let woken = Arc::new(Mutex::new(Vec::new()));
        let (crowd, mut random) = (Crowd::new(), Random::new(1));
        for _ in 0..20 {
            let (deadline_ns, woken) = (MS + random.below(100 * MS), woken.clone());
            crowd.spawn(Urgency::NORMAL, move || {
                sleep_until(deadline_ns);
                assert_eq!(now_ns(), deadline_ns, "an idle processor wakes a thread when it is due");
                woken.lock().unwrap().push(deadline_ns);
            });
        }
        crowd.join();
        assert!(woken.lock().unwrap().is_sorted(), "deadlines in order");

        // One thread that is never idle, and gives way now and then.
        let start = now_ns();
        crowd.spawn(Urgency::NORMAL, move || {
            sleep_until(start + 5 * MS);
            assert!(
                now_ns() <= start + 6 * MS,
                "a busy processor wakes a thread when it is due: {}",
                now_ns()
            );
        });
        for _ in 0..20 {
            yield_now();
            compute(MS);
        }
        crowd.join();

        crowd.spawn(Urgency::NORMAL, || compute(50 * MS));
        for _ in 0..20 {
            let deadline_ns = now_ns() + random.below(60 * MS);
            crowd.spawn(Urgency::NORMAL, move || {
                sleep_until(deadline_ns);
                assert!(now_ns() >= deadline_ns, "nobody wakes early");
                compute(MS / 10);
            });
        }
        crowd.join();
    });
}

/// Spins for ever.
fn spinner(nice: i32) -> ThreadId {
    let spin = || {
        loop {
            compute(MS);
        }
    };
    spawn(Urgency::nice(nice), spin).expect("there is memory for a thread")
}

/// Threads of one level that never block get equal shares, to a slice or a few.
pub fn spinning_threads_share<P: Scheduler>(policy: P) {
    const FOR_MS: u64 = 3000;
    rehearse(policy, || {
        let threads: Vec<_> = (0..6).map(|_| spinner(0)).collect();
        // This thread waits most of the time, as the others do not.
        sleep_until(FOR_MS * MS);
        let times: Vec<_> = threads.into_iter().map(|thread| time_of(thread) / MS).collect();
        let (least, most) = (times.iter().min().unwrap(), times.iter().max().unwrap());
        assert!(most - least <= FOR_MS / 6 / 10, "an unfair share: {times:?} ms");
        assert!(times.iter().sum::<u64>() >= FOR_MS - 20, "the processor was idle: {times:?} ms");
    });
}

/// Where nice values are shares, each is worth 1.25 times the next.
pub fn shares_follow_from_nice_values<P: Scheduler>(policy: P) {
    rehearse(policy, || {
        let nice = [-5, 0, 3, 10];
        let threads = nice.map(spinner);
        sleep_until(10_000 * MS);
        let all: f64 = nice.iter().map(|nice| 1.25_f64.powi(-nice)).sum();
        for (thread, nice) in threads.into_iter().zip(nice) {
            let (time, share) = (time_of(thread) as f64 / (10_000 * MS) as f64, 1.25_f64.powi(-nice) / all);
            assert!((time - share).abs() < 0.01, "nice {nice}: {time:.3} of the time in place of {share:.3}");
        }
    });
}
