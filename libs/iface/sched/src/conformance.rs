//! What every scheduling policy promises, as tests. `tests/conformance.rs` of an implementation is
//! `all(Policy::new)`; each function panics with what was broken.
//!
//! Policies differ in whom they prefer, so what is tested is what a program may rely on with any of them: no
//! thread is lost or run twice, equals take turns in order of arrival, nobody starves, and the answers about
//! preemption agree with each other. All threads here have the same priority.

use crate::{Links, Runnable, Scheduler, ThreadRef};
use core::ptr::NonNull;

/// Every reason for which a thread enters a policy's hands.
pub const REASONS: [Runnable; 4] = [Runnable::New, Runnable::Woken, Runnable::Yielded, Runnable::Preempted];

const THREADS: usize = 12;

/// Runs the whole suite; `new` makes an empty policy.
pub fn all<S: Scheduler>(new: impl Fn() -> S) {
    starts_empty(new());
    loses_nobody(new());
    REASONS.iter().for_each(|reason| equals_go_in_order_of_arrival(new(), *reason));
    yielding_lets_the_others_go(new());
    removed_threads_do_not_run(new());
    answers_about_preemption_agree(new());
    spinning_threads_share(new());
    nobody_starves(new());
    survives_random_use(new(), 1);
}

/// A new policy has no thread.
pub fn starts_empty<S: Scheduler>(mut policy: S) {
    assert!(policy.is_empty(), "a new policy is empty");
    assert_eq!(policy.pop(), None, "an empty policy picks nobody");
    assert!(policy.is_empty(), "picking nobody changes nothing");
}

/// Each thread that enters, for whatever reason, comes out once.
pub fn loses_nobody<S: Scheduler>(mut policy: S) {
    with_threads(|threads| {
        let mut popped = [0; THREADS];
        for (i, thread) in threads.iter().enumerate() {
            policy.push(*thread, REASONS[i % REASONS.len()]);
        }
        for _ in threads {
            assert!(!policy.is_empty(), "threads wait");
            popped[index(threads, policy.pop())] += 1;
        }
        assert_eq!(popped, [1; THREADS], "each thread comes out once");
        starts_empty(policy);
    });
}

/// Threads that enter for one reason leave in the order in which they came.
pub fn equals_go_in_order_of_arrival<S: Scheduler>(mut policy: S, reason: Runnable) {
    with_threads(|threads| {
        for thread in threads {
            policy.push(*thread, reason);
        }
        for (i, _) in threads.iter().enumerate() {
            assert_eq!(index(threads, policy.pop()), i, "{reason:?} threads go first in, first out");
        }
    });
}

/// A thread that yields runs after those that already waited.
pub fn yielding_lets_the_others_go<S: Scheduler>(mut policy: S) {
    with_threads(|threads| {
        for reason in REASONS {
            policy.push(threads[0], reason);
            policy.push(threads[1], reason);
            let first = index(threads, policy.pop());
            policy.push(threads[first], Runnable::Yielded);
            assert_eq!(
                index(threads, policy.pop()),
                1 - first,
                "the thread that waited ({reason:?}) is next"
            );
            assert_eq!(index(threads, policy.pop()), first, "then the one that yielded");
        }
    });
}

/// A removed thread never comes out, the others all do; removing one that is not there changes nothing.
pub fn removed_threads_do_not_run<S: Scheduler>(mut policy: S) {
    with_threads(|threads| {
        for (i, thread) in threads.iter().enumerate() {
            policy.push(*thread, REASONS[i % REASONS.len()]);
        }
        for gone in [0, THREADS / 2, THREADS / 2 + 1, THREADS - 1] {
            policy.remove(threads[gone]);
        }
        let mut popped = [0; THREADS];
        while let Some(thread) = policy.pop() {
            popped[index(threads, Some(thread))] += 1;
        }
        let expected = core::array::from_fn(|i| usize::from(![0, 6, 7, 11].contains(&i)));
        assert_eq!(popped, expected, "who was removed is gone, who was not is not");
        policy.remove(threads[0]);
        // The removed thread may enter again later.
        policy.push(threads[0], Runnable::Woken);
        assert_eq!(index(threads, policy.pop()), 0);
        starts_empty(policy);
    });
}

/// Slices and requests for preemption exist only where the policy is preemptive, a slice is not empty, and a
/// thread for which the running one is to be interrupted is the one picked next.
pub fn answers_about_preemption_agree<S: Scheduler>(mut policy: S) {
    with_threads(|threads| {
        for running_reason in REASONS {
            for reason in REASONS {
                policy.push(threads[0], running_reason);
                let running = index(threads, policy.pop());
                let slice_ns = policy.slice_ns(threads[running]);
                assert_ne!(slice_ns, Some(0), "a slice has a length");
                assert!(S::PREEMPTIVE || slice_ns.is_none(), "slices need preemption");
                let goes_first = policy.push(threads[1], reason);
                assert!(S::PREEMPTIVE || !goes_first, "going first needs preemption");
                if goes_first {
                    policy.push(threads[0], Runnable::Preempted);
                    assert_eq!(index(threads, policy.pop()), 1, "who interrupts is picked next");
                    assert_eq!(index(threads, policy.pop()), 0, "who was interrupted runs later");
                } else {
                    assert_eq!(index(threads, policy.pop()), 1, "a thread that waits is picked");
                }
            }
        }
        starts_empty(policy);
    });
}

/// Threads that never block each get their turn: no less than half of an equal share.
pub fn spinning_threads_share<S: Scheduler>(mut policy: S) {
    const TURNS_EACH: usize = 50;
    with_threads(|threads| {
        let mut turns = [0; THREADS];
        for thread in threads {
            policy.push(*thread, Runnable::New);
        }
        for _ in 0..THREADS * TURNS_EACH {
            let i = index(threads, policy.pop());
            turns[i] += 1;
            policy.push(threads[i], Runnable::Preempted);
        }
        assert!(turns.iter().all(|n| *n >= TURNS_EACH / 2), "an unfair share of turns: {turns:?}");
    });
}

/// A thread that computes runs again within a bounded number of turns, however busily others wake each other,
/// and so do the others.
pub fn nobody_starves<S: Scheduler>(mut policy: S) {
    const BOUND: usize = 1000;
    with_threads(|threads| {
        let mut waited = [0; THREADS];
        for thread in threads {
            policy.push(*thread, Runnable::New);
        }
        for _ in 0..20 * BOUND {
            let i = index(threads, policy.pop());
            waited.iter_mut().for_each(|turns| *turns += 1);
            waited[i] = 0;
            assert!(waited.iter().all(|turns| *turns < BOUND), "a thread starves: {waited:?}");
            // Threads 0 and 1 compute; the others wake each other all the time.
            policy.push(threads[i], if i < 2 { Runnable::Preempted } else { Runnable::Woken });
        }
    });
}

/// Random pushes, picks and removals against a model, from `seed`.
pub fn survives_random_use<S: Scheduler>(mut policy: S, seed: u64) {
    let mut random = seed | 1;
    let mut next = move || {
        // Marsaglia, "Xorshift RNGs" (2003).
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 16) as usize
    };
    with_threads(|threads| {
        let mut held = [false; THREADS];
        for _ in 0..20_000 {
            let i = next() % THREADS;
            match next() % 8 {
                0..=3 if !held[i] => {
                    policy.push(threads[i], REASONS[next() % REASONS.len()]);
                    held[i] = true;
                }
                4 if held[i] => {
                    policy.remove(threads[i]);
                    held[i] = false;
                }
                5..=7 => match policy.pop() {
                    Some(thread) => {
                        let i = index(threads, Some(thread));
                        assert!(held[i], "thread {i} was picked and is not in the policy's hands");
                        held[i] = false;
                    }
                    None => assert_eq!(held, [false; THREADS], "nobody was picked and somebody waits"),
                },
                _ => {}
            }
            assert_eq!(policy.is_empty(), held == [false; THREADS], "`is_empty` tells the truth");
        }
    });
}

fn with_threads(body: impl FnOnce(&[ThreadRef; THREADS])) {
    let links: [Links; THREADS] = core::array::from_fn(|_| Links::new(0));
    // SAFETY: the links outlive `body`, which is all that uses them. (A policy that is dropped with threads
    // still in it does not touch them: no policy has a `Drop` that could.)
    body(&core::array::from_fn(|i| unsafe { ThreadRef::new(NonNull::from(&links[i])) }));
}

fn index(threads: &[ThreadRef; THREADS], picked: Option<ThreadRef>) -> usize {
    let picked = picked.expect("a thread waits, so one is picked");
    threads.iter().position(|thread| *thread == picked).expect("the policy returns threads that it was given")
}
