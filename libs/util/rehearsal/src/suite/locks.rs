//! Locks under every policy: nobody is let in twice, nobody is forgotten.

use super::{Crowd, MS};
use crate::{Random, compute, now_ns, rehearse};
use kit_iface_sched::{
    HAS_WAITERS, HOLDER, NO_DEADLINE, Scheduler, Urgency, holder_mark, lock_word, unlock_word,
};
use kit_util_sync::SleepLock;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// A lock word, used as a program does.
#[derive(Default)]
pub(super) struct Word(AtomicU32);

impl Word {
    pub fn lock(&self, deadline_ns: u64) -> bool {
        let is_free = self.0.compare_exchange(0, holder_mark(), Ordering::Acquire, Ordering::Relaxed).is_ok();
        is_free || lock_word(&self.0, deadline_ns)
    }

    pub fn unlock(&self) {
        if self.0.compare_exchange(holder_mark(), 0, Ordering::Release, Ordering::Relaxed).is_err() {
            unlock_word(&self.0);
        }
    }
}

/// One thread at a time is inside, and what it leaves behind is what the next one finds, with threads that are
/// interrupted inside, that give up, and that are differently urgent.
pub fn locks_exclude<P: Scheduler>(policy: P, seed: u64) {
    const EACH: u64 = 40;
    rehearse(policy, move || {
        let crowd = Crowd::new();
        let (lock, word) = (Arc::new(SleepLock::new(0_u64)), Arc::new(Word::default()));
        let (is_inside, passes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        for thread in 0..6 {
            let mut random = Random::new(seed ^ thread << 32);
            let (lock, word, is_inside, passes) =
                (lock.clone(), word.clone(), is_inside.clone(), passes.clone());
            crowd.spawn(Urgency::nice(random.below(3) as i32), move || {
                for _ in 0..EACH {
                    let mut count = lock.lock();
                    let before = *count;
                    compute(random.below(MS));
                    *count = before + 1;
                    drop(count);
                    compute(random.below(MS));
                    let may_give_up = random.below(2) == 0;
                    let deadline_ns = if may_give_up { now_ns() + random.below(3 * MS) } else { NO_DEADLINE };
                    if word.lock(deadline_ns) {
                        assert!(!is_inside.swap(true, Ordering::Relaxed), "two threads hold one word");
                        compute(random.below(MS));
                        is_inside.store(false, Ordering::Relaxed);
                        word.unlock();
                        passes.fetch_add(1, Ordering::Relaxed);
                    } else {
                        assert!(may_give_up && now_ns() >= deadline_ns, "gave up before the deadline");
                    }
                }
            });
        }
        crowd.join();
        assert_eq!(*lock.lock(), 6 * EACH, "an update was lost");
        assert_eq!(word.0.load(Ordering::Relaxed) & HOLDER, 0, "the word is free in the end");
        assert!(passes.load(Ordering::Relaxed) > 60, "the word was hardly ever taken");
    });
}

/// Who gives up waiting for a word is out of the books: it is not handed the word later.
pub fn words_time_out<P: Scheduler>(policy: P) {
    rehearse(policy, || {
        let (crowd, word) = (Crowd::new(), Arc::new(Word::default()));
        assert!(word.lock(NO_DEADLINE));
        let theirs = word.clone();
        crowd.spawn(Urgency::NORMAL, move || {
            assert!(!theirs.lock(5 * MS), "the word is held");
            assert_eq!(now_ns(), 5 * MS);
        });
        kit_iface_sched::sleep_until(10 * MS);
        assert_eq!(word.0.load(Ordering::Relaxed) & HAS_WAITERS, HAS_WAITERS, "somebody has waited");
        word.unlock();
        assert_eq!(word.0.load(Ordering::Relaxed), 0, "and nobody does any more");
        assert!(word.lock(NO_DEADLINE));
        word.unlock();
        crowd.join();
    });
}
