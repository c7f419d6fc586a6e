//! Strict levels: who is urgent runs at once, and who holds what an urgent thread waits for is lent its urgency.

use super::locks::Word;
use super::{Crowd, MS};
use crate::{Random, at, compute, now_ns, rehearse, set_urgency, spawn};
use kit_iface_sched::{NO_DEADLINE, Scheduler, Urgency, current, sleep_until, wait, wake};
use kit_util_sync::SleepLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

fn real_time(priority: i32) -> Urgency {
    Urgency::real_time(priority, true).expect("a real-time priority")
}

/// Makes the first thread the most urgent, so that what it starts begins together.
fn direct() {
    assert!(set_urgency(current(), real_time(99)));
}

/// Threads wake threads of all levels, and so do interrupts: while one computes, nobody more urgent can run.
pub fn urgent_threads_go_first<P: Scheduler>(policy: P, seed: u64) {
    const THREADS: usize = 8;
    const AWAKE: u64 = 0;
    const ASLEEP: u64 = 1;
    const ENDED: u64 = 2;
    rehearse(policy, move || {
        direct();
        let states: Arc<[AtomicU64; THREADS]> = Arc::new([const { AtomicU64::new(AWAKE) }; THREADS]);
        let (crowd, mut random) = (Crowd::new(), Random::new(seed));
        let wake_one = |states: &[AtomicU64; THREADS], i: usize| {
            let woken = states[i].compare_exchange(ASLEEP, AWAKE, Ordering::Relaxed, Ordering::Relaxed);
            if woken.is_ok() {
                wake(states[i].as_ptr() as usize, 1);
            }
        };
        for i in 0..THREADS {
            let (states, mut random) = (states.clone(), Random::new(seed ^ (i as u64) << 32));
            crowd.spawn(real_time(50 - i as i32), move || {
                for _ in 0..40 {
                    for _ in 0..random.below(20) {
                        if random.below(8) == 0 {
                            wake_one(&states, random.below(THREADS as u64) as usize);
                        }
                        compute(MS / 10);
                        let waiting =
                            states[..i].iter().position(|state| state.load(Ordering::Relaxed) == AWAKE);
                        assert_eq!(waiting, None, "thread {i} runs and a more urgent one waits");
                    }
                    wake_one(&states, random.below(THREADS as u64) as usize);
                    let (state, deadline_ns) = (&states[i], now_ns() + random.below(4 * MS));
                    state.store(ASLEEP, Ordering::Relaxed);
                    wait(state.as_ptr() as usize, deadline_ns, || state.load(Ordering::Relaxed) == ASLEEP);
                    state.store(AWAKE, Ordering::Relaxed);
                }
                states[i].store(ENDED, Ordering::Relaxed);
            });
        }
        for _ in 0..100 {
            let (states, i) = (states.clone(), random.below(THREADS as u64) as usize);
            at(random.below(300 * MS), move || wake_one(&states, i));
        }
        crowd.join();
    });
}

/// Of several threads that wait for one event, or for one lock, the most urgent goes first, whoever came first.
pub fn urgent_waiters_go_first<P: Scheduler>(policy: P) {
    rehearse(policy, || {
        direct();
        for wants_word in [false, true] {
            let (crowd, word, order) =
                (Crowd::new(), Arc::new(Word::default()), Arc::new(Mutex::new(Vec::new())));
            let key = Arc::as_ptr(&order) as usize;
            assert!(word.lock(NO_DEADLINE));
            for priority in [30, 10, 50, 20, 40] {
                let (word, order) = (word.clone(), order.clone());
                crowd.spawn(real_time(priority), move || {
                    if wants_word {
                        assert!(word.lock(NO_DEADLINE));
                    } else {
                        wait(key, NO_DEADLINE, || true);
                    }
                    order.lock().unwrap().push(priority);
                    if wants_word {
                        word.unlock();
                    }
                });
                // Meanwhile it comes to wait, after those before.
                sleep_until(now_ns() + MS);
            }
            if wants_word {
                word.unlock();
            } else {
                for _ in 0..5 {
                    wake(key, 1);
                    sleep_until(now_ns() + MS);
                }
            }
            crowd.join();
            assert_eq!(*order.lock().unwrap(), [50, 40, 30, 20, 10]);
        }
    });
}

/// The case that gives inheritance its name: a thread of low priority holds a lock, one of high priority waits for it,
/// and one in between would compute for a second. The wait lasts as long as the lock is held, whichever the lock.
pub fn inversion_is_bounded<P: Scheduler>(policy: P) {
    rehearse(policy, || {
        direct();
        let (crowd, lock, word) = (Crowd::new(), Arc::new(SleepLock::new(())), Arc::new(Word::default()));
        for uses_word in [false, true] {
            let start = now_ns();
            let (l, w) = (lock.clone(), word.clone());
            crowd.spawn(real_time(1), move || {
                let guard = (!uses_word).then(|| l.lock());
                assert!(!uses_word || w.lock(NO_DEADLINE));
                compute(20 * MS);
                assert_eq!(
                    now_ns() - start,
                    21 * MS,
                    "the middle one had a millisecond, before anybody waited"
                );
                drop(guard);
                if uses_word {
                    w.unlock();
                }
                compute(MS);
                assert!(now_ns() - start > 1000 * MS, "without the lock it is not urgent any more");
            });
            crowd.spawn(real_time(10), move || {
                sleep_until(start + 5 * MS);
                compute(1000 * MS);
            });
            let (l, w) = (lock.clone(), word.clone());
            crowd.spawn(real_time(20), move || {
                sleep_until(start + 6 * MS);
                let guard = (!uses_word).then(|| l.lock());
                assert!(!uses_word || w.lock(NO_DEADLINE));
                let waited = now_ns() - start - 6 * MS;
                // The holder computed for five of its twenty milliseconds before, and the middle one for one.
                assert_eq!(waited, 15 * MS, "the wait is what is left of the critical section");
                drop(guard);
                if uses_word {
                    w.unlock();
                }
            });
            crowd.join();
        }
    });
}

/// A holder that waits itself passes on what it is lent, and a thread that is made more urgent while it waits makes the
/// whole chain so.
pub fn chains_inherit<P: Scheduler>(policy: P) {
    rehearse(policy, || {
        direct();
        let crowd = Crowd::new();
        let words: Arc<[Word; 3]> = Arc::default();
        // Thread i holds word i, and waits for word i - 1.
        for i in 0..3 {
            let words = words.clone();
            crowd.spawn(real_time(1 + i as i32), move || {
                assert!(words[i].lock(NO_DEADLINE));
                sleep_until(MS * (1 + i as u64));
                if i > 0 {
                    assert!(words[i - 1].lock(NO_DEADLINE));
                    words[i - 1].unlock();
                }
                compute(10 * MS);
                words[i].unlock();
            });
        }
        // In between, all the time.
        let middle = crowd.spawn(real_time(10), || {
            sleep_until(4 * MS);
            compute(1000 * MS);
        });
        let theirs = words.clone();
        let last = crowd.spawn(real_time(9), move || {
            sleep_until(5 * MS);
            assert!(theirs[2].lock(NO_DEADLINE));
            // The first had computed for less than three milliseconds when the middle one began.
            assert!(now_ns() < 20 * MS + 32 * MS, "three critical sections, and not a second: {}", now_ns());
            theirs[2].unlock();
        });
        at(20 * MS, move || assert!(set_urgency(last, real_time(20))));
        crowd.join();
        assert!(!set_urgency(middle, real_time(1)), "an ended thread has no urgency");
    });
}

/// What was lent is given back when the lock is released, and when the lender gives up.
pub fn loans_end<P: Scheduler>(policy: P) {
    rehearse(policy, || {
        direct();
        let (crowd, word) = (Crowd::new(), Arc::new(Word::default()));
        let held = Arc::new(AtomicU64::new(0));
        let (theirs, note) = (word.clone(), held.clone());
        crowd.spawn(real_time(1), move || {
            assert!(theirs.lock(NO_DEADLINE));
            compute(30 * MS);
            theirs.unlock();
            note.store(now_ns(), Ordering::Relaxed);
        });
        crowd.spawn(real_time(10), move || {
            sleep_until(5 * MS);
            compute(100 * MS);
        });
        crowd.spawn(real_time(20), move || {
            sleep_until(6 * MS);
            assert!(!word.lock(10 * MS), "it gives up");
            assert_eq!(now_ns(), 10 * MS);
        });
        crowd.join();
        // Before the middle one came: five; while the lender waited: four. The rest after its hundred.
        assert_eq!(held.load(Ordering::Relaxed), 130 * MS, "the loan ended when the lender gave up");
    });
}

/// Threads of many levels hold up to two locks at a time, others compute without end: whatever the most urgent one waits
/// for, it waits no longer than critical sections last.
pub fn random_locks_are_bounded<P: Scheduler>(policy: P, seed: u64) {
    const LOCKS: u64 = 3;
    const SECTION_NS: u64 = MS;
    rehearse(policy, move || {
        direct();
        let locks: Arc<[SleepLock<()>; LOCKS as usize]> =
            Arc::new([const { SleepLock::new(()) }; LOCKS as usize]);
        for priority in [5, 15] {
            let spin = || {
                sleep_until(20 * MS);
                loop {
                    compute(MS);
                    if now_ns() % (40 * MS) < MS {
                        sleep_until(now_ns() + 20 * MS);
                    }
                }
            };
            spawn(real_time(priority), spin).expect("there is memory for a thread");
        }
        for thread in 0..6 {
            let (locks, mut random) = (locks.clone(), Random::new(seed ^ thread << 32));
            let work = move || {
                loop {
                    // In one order, or they would wait for each other.
                    let first = random.below(LOCKS);
                    let second = first + random.below(LOCKS - first);
                    let outer = locks[first as usize].lock();
                    compute(random.below(SECTION_NS));
                    if second > first {
                        let inner = locks[second as usize].lock();
                        compute(random.below(SECTION_NS));
                        drop(inner);
                    }
                    drop(outer);
                    compute(random.below(2 * MS));
                    sleep_until(now_ns() + random.below(5 * MS));
                }
            };
            spawn(real_time(1 + 4 * thread as i32), work).expect("there is memory for a thread");
        }
        let (crowd, mut random) = (Crowd::new(), Random::new(seed));
        crowd.spawn(real_time(98), move || {
            for _ in 0..300 {
                sleep_until(now_ns() + random.below(6 * MS));
                let before = now_ns();
                drop(locks[random.below(LOCKS) as usize].lock());
                let waited = now_ns() - before;
                // The outer section of the first holder, and those that it waits for in turn.
                let bound = 2 * LOCKS * SECTION_NS;
                assert!(waited <= bound, "seed {seed}: waited for {waited} ns");
            }
        });
        crowd.join();
    });
}
