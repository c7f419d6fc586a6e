//! Lock words: locks that say who holds them.
//!
//! The layout is that of a priority-inheritance futex (futex(2), `FUTEX_LOCK_PI`): zero is free, else the number of the
//! holder in the low 30 bits, and [`HAS_WAITERS`] on top if somebody waits. Taking a free word and releasing one that
//! nobody waits for is the caller's own compare-and-exchange; the rest is [`lock_word`] and [`unlock_word`].
//!
//! Where the policy has strict priorities the mechanism does that rest: it lends the holder the level of who waits,
//! along chains of holders that wait themselves, and hands the word to the most urgent waiter (Sha, Rajkumar and
//! Lehoczky, "Priority Inheritance Protocols", 1990). Elsewhere it is done by waiting and waking.

use crate::{NO_DEADLINE, Threads, Wake};
use core::sync::atomic::{AtomicU32, Ordering};

/// The bits that say who holds a word; `FUTEX_TID_MASK`.
pub const HOLDER: u32 = 0x3fff_ffff;
/// Set while somebody may wait for the word; `FUTEX_WAITERS`.
pub const HAS_WAITERS: u32 = 0x8000_0000;

/// Whether the mechanism makes use of who holds a lock. Known when the image is compiled; a lock of the OS does
/// without the holder where this is false.
#[inline]
pub fn inherits() -> bool {
    crate::__kit_inherits()
}

/// What the running thread writes into a free word to take it: its number. Not zero.
#[inline]
pub fn holder_mark() -> u32 {
    crate::__kit_holder_mark()
}

/// Takes a word that was not free a moment ago; blocks until then or until `deadline_ns` of the ambient monotonic clock
/// ([`crate::NO_DEADLINE`] for none). Answers whether the caller has it. The caller does not hold it already, and the
/// word stays where it is while anybody waits for it.
pub fn lock_word(word: &AtomicU32, deadline_ns: u64) -> bool {
    crate::__kit_lock_word(word, deadline_ns)
}

/// Releases a word that somebody may wait for.
pub fn unlock_word(word: &AtomicU32) {
    crate::__kit_unlock_word(word);
}

/// [`lock_word`] on top of waiting: whoever comes first gets the word.
pub fn lock_by_waiting<T: Threads + ?Sized>(threads: &T, word: &AtomicU32, deadline_ns: u64) -> bool {
    let mine = threads.holder_mark();
    let (key, mut is_late, mut kept) = (word.as_ptr() as usize, false, 0);
    loop {
        let seen = word.load(Ordering::Relaxed);
        if seen & HOLDER == 0 {
            // Who has waited does not know whether others still do.
            let taken = mine | kept;
            if word.compare_exchange(seen, taken, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                return true;
            }
            continue;
        }
        if is_late {
            return false;
        }
        let waited_for = seen | HAS_WAITERS;
        if word.compare_exchange(seen, waited_for, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let mut still = || word.load(Ordering::Relaxed) == waited_for;
            is_late =
                threads.wait(key, &mut still, deadline_ns) == Wake::TimedOut && deadline_ns != NO_DEADLINE;
            kept = HAS_WAITERS;
        }
    }
}

/// [`unlock_word`] for words that were taken by [`lock_by_waiting`].
pub fn unlock_by_waking<T: Threads + ?Sized>(threads: &T, word: &AtomicU32) {
    if word.swap(0, Ordering::Release) & HAS_WAITERS != 0 {
        threads.wake(word.as_ptr() as usize, 1);
    }
}
