//! What every scheduling policy promises, as tests. `tests/conformance.rs` of an implementation is
//! `all(Policy::new)`; each function panics with what was broken.
//!
//! Policies differ in whom they prefer. What a program may rely on with any of them is tested for all: no thread is
//! lost or run twice, equals take turns in order of arrival, nobody starves among equals, and the answers about preemption
//! agree with each other. What a policy promises beyond that it says in its constants ([`Scheduler::FAIRNESS`],
//! [`Scheduler::LEVELS`], [`Scheduler::MOST_THREADS`]), and exactly that is tested.
//!
//! What the mechanism makes of a policy (no lost wake-up, time-outs, inherited urgency) is `libs/util/rehearsal`'s
//! suite, which an implementation calls as well.

use crate::{Fairness, LEVELS, Levels, Links, Runnable, Scheduler, ThreadRef, Urgency};
use core::ptr::NonNull;

/// Reasons for which a thread enters a policy's hands other than in the middle of its turn.
pub const REASONS: [Runnable; 4] = [Runnable::New, Runnable::Woken, Runnable::Yielded, Runnable::Expired];

const THREADS: usize = 12;

/// Runs the whole suite; `new` makes an empty policy.
pub fn all<S: Scheduler>(new: impl Fn() -> S) {
    starts_empty(new());
    holds_one_thread(new());
    if S::MOST_THREADS < THREADS as u32 {
        return;
    }
    loses_nobody(new());
    REASONS.iter().for_each(|reason| equals_go_in_order_of_arrival(new(), *reason));
    yielding_lets_the_others_go(new());
    removed_threads_do_not_run(new());
    answers_about_preemption_agree(new());
    spinning_threads_share(new());
    nobody_starves(new());
    (1..=20).for_each(|seed| survives_random_use(new(), seed));
    (1..=20).for_each(|seed| fairness_is_as_promised(new(), seed));
    (1..=20).for_each(|seed| strict_levels_are_strict(new(), seed));
}

/// A new policy has no thread.
pub fn starts_empty<S: Scheduler>(mut policy: S) {
    assert!(policy.is_empty(), "a new policy is empty");
    assert_eq!(policy.pop(), None, "an empty policy picks nobody");
    assert!(policy.is_empty(), "picking nobody changes nothing");
}

/// One thread goes in and out, for whatever reason, and can be removed.
pub fn holds_one_thread<S: Scheduler>(mut policy: S) {
    with_threads(|threads| {
        for reason in REASONS.into_iter().chain([Runnable::Preempted]) {
            policy.push(threads[0], reason);
            assert!(!policy.is_empty(), "a thread waits");
            assert_eq!(index(threads, policy.pop()), 0, "the only thread is picked");
            assert!(policy.is_empty(), "a thread that was picked waits no more");
            policy.push(threads[0], reason);
            policy.remove(threads[0]);
            policy.remove(threads[0]);
            assert_eq!(policy.pop(), None, "a removed thread is not picked");
        }
        starts_empty(policy);
    });
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
            policy.push(threads[i], Runnable::Expired);
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
            policy.push(threads[i], if i < 2 { Runnable::Expired } else { Runnable::Woken });
        }
    });
}

/// Random pushes, picks and removals against a model, from `seed`.
pub fn survives_random_use<S: Scheduler>(mut policy: S, seed: u64) {
    let mut next = random(seed);
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

/// What [`Scheduler::FAIRNESS`] says, for threads of one level that compute, block and wake each other at random.
pub fn fairness_is_as_promised<S: Scheduler>(policy: S, seed: u64) {
    match S::FAIRNESS {
        Fairness::None => {}
        Fairness::Turns(bound) => turns_come_in_time(policy, seed, bound as usize),
        Fairness::Slices(bound) => time_is_shared(policy, seed, u64::from(bound)),
    }
}

/// No thread waits for more than `bound` turns for each thread that there is.
fn turns_come_in_time<S: Scheduler>(mut policy: S, seed: u64, bound: usize) {
    let mut next = random(seed);
    with_threads(|threads| {
        let mut waited: [Option<usize>; THREADS] = [None; THREADS];
        for turn in 0..20_000 {
            // A stretch in which all can run, then one in which they block often, and so on.
            let blocks_often = turn / 1000 % 2 == 1;
            for (i, waits) in waited.iter_mut().enumerate() {
                if waits.is_none() && (next() & 3 == 0 || i == 0) {
                    policy.push(threads[i], if turn == 0 { Runnable::New } else { Runnable::Woken });
                    *waits = Some(0);
                }
            }
            let count = waited.iter().flatten().count();
            let i = index(threads, policy.pop());
            waited.iter_mut().flatten().for_each(|turns| *turns += 1);
            waited[i] = None;
            for (other, turns) in waited.iter().enumerate().filter_map(|(i, turns)| Some((i, (*turns)?))) {
                assert!(
                    turns <= bound * THREADS,
                    "seed {seed}: thread {other} has waited for {turns} turns among {count} threads"
                );
            }
            let is_spent = if blocks_often { next() & 3 == 0 } else { next() & 7 != 0 };
            if is_spent {
                policy.push(threads[i], Runnable::Expired);
                waited[i] = Some(0);
            }
        }
    });
}

/// The times that two threads ran while both could differ by at most `bound` slices of each.
fn time_is_shared<S: Scheduler>(mut policy: S, seed: u64, bound: u64) {
    assert!(S::MEASURES, "a policy that promises shares of time must be told how long threads run");
    let mut next = random(seed);
    with_threads(|threads| {
        let mut can_run = [false; THREADS];
        // How much longer one has run than the other since both can: now, at the least, at the most.
        let mut ahead = [[(0_i64, 0_i64, 0_i64); THREADS]; THREADS];
        for turn in 0..20_000 {
            let blocks_often = turn / 1000 % 2 == 1;
            for i in 0..THREADS {
                if !can_run[i] && (next() & 3 == 0 || i == 0) {
                    policy.push(threads[i], if turn == 0 { Runnable::New } else { Runnable::Woken });
                    can_run[i] = true;
                    ahead[i] = [(0, 0, 0); THREADS];
                    ahead.iter_mut().for_each(|of_other| of_other[i] = (0, 0, 0));
                }
            }
            let i = index(threads, policy.pop());
            let slice_ns = policy.slice_ns(threads[i]).expect("a share of time is given in slices");
            let is_spent = if blocks_often { next() & 3 == 0 } else { next() & 7 != 0 };
            let ran_ns = if is_spent { slice_ns } else { next() as u64 % slice_ns };
            policy.ran(threads[i], ran_ns);
            for other in (0..THREADS).filter(|other| *other != i && can_run[*other]) {
                let (now, least, most) = &mut ahead[i][other];
                *now += ran_ns as i64;
                *most = (*most).max(*now);
                let spread = (*most - *least) as u64;
                assert!(
                    spread <= bound * 2 * slice_ns,
                    "seed {seed}: thread {i} ran {spread} ns more than thread {other}, of {slice_ns} ns a slice"
                );
                let (now, least, _) = &mut ahead[other][i];
                *now -= ran_ns as i64;
                *least = (*least).min(*now);
            }
            // A thread that yields gives up its turn on top of that; so nobody does here.
            if is_spent {
                policy.push(threads[i], Runnable::Expired);
            } else {
                can_run[i] = false;
            }
        }
    });
}

/// Where levels are strict: nobody is picked while a more urgent thread waits, a more urgent thread interrupts at
/// once, and equals go in order of arrival.
pub fn strict_levels_are_strict<S: Scheduler>(mut policy: S, seed: u64) {
    if S::LEVELS != Levels::Strict {
        return;
    }
    let mut next = random(seed);
    with_threads(|threads| {
        // Who waits, with the level and the number of the arrival.
        let mut waits: [Option<(u8, usize)>; THREADS] = [None; THREADS];
        let mut running = None;
        for arrival in 0..20_000 {
            let i = next() % THREADS;
            match (next() % 8, waits[i]) {
                (0..=4, None) if running != Some(i) => {
                    let level = match next() % 3 {
                        0 => (next() % LEVELS) as u8,
                        _ => 118 + (next() % 4) as u8,
                    };
                    threads[i].links().level.set(level);
                    let goes_first = policy.push(threads[i], REASONS[next() % REASONS.len()]);
                    waits[i] = Some((level, arrival));
                    if let Some(running) = running {
                        let of_running: &Links = ThreadRef::links(&threads[running]);
                        assert_eq!(goes_first, level < of_running.level.get(), "seed {seed}: who goes first");
                    }
                }
                (5, Some(_)) => {
                    policy.remove(threads[i]);
                    waits[i] = None;
                }
                (6..=7, _) => {
                    let first = waits.iter().enumerate().filter_map(|(i, waits)| Some(((*waits)?, i))).min();
                    let Some((_, first)) = first else { continue };
                    assert_eq!(
                        index(threads, policy.pop()),
                        first,
                        "seed {seed}: the most urgent, the first of equals"
                    );
                    waits[first] = None;
                    running = Some(first);
                }
                _ => {}
            }
        }
    });
}

/// Random numbers that follow from `seed`.
fn random(seed: u64) -> impl FnMut() -> usize {
    let mut state = seed | 1;
    move || {
        // Marsaglia, "Xorshift RNGs" (2003).
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize
    }
}

fn with_threads(body: impl FnOnce(&[ThreadRef; THREADS])) {
    let links: [Links; THREADS] = core::array::from_fn(|_| Links::new(Urgency::NORMAL));
    // SAFETY: the links outlive `body`, which is all that uses them. (A policy that is dropped with threads
    // still in it does not touch them: no policy has a `Drop` that could.)
    body(&core::array::from_fn(|i| unsafe { ThreadRef::new(NonNull::from(&links[i])) }));
}

fn index(threads: &[ThreadRef; THREADS], picked: Option<ThreadRef>) -> usize {
    let picked = picked.expect("a thread waits, so one is picked");
    threads.iter().position(|thread| *thread == picked).expect("the policy returns threads that it was given")
}
