//! A lock that blocks the thread: Drepper's futex mutex ("Futexes Are Tricky", mutex 2) on the ambient wait/wake.
//!
//! Where the scheduling policy has strict priorities the word says who holds it, and the mechanism lends the holder
//! the urgency of who waits: see [`kit_iface_sched::lock_word`]. Which of the two it is, is known when the image is compiled,
//! and the other half of each `if` is not in it.

use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_sched::{NO_DEADLINE, holder_mark, inherits, lock_word, unlock_word, wait, wake};

const FREE: u32 = 0;
const HELD: u32 = 1;
const HELD_WITH_WAITERS: u32 = 2;

/// A value behind a blocking lock. Not for interrupt handlers, and not with interrupts masked.
pub struct SleepLock<T> {
    state: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: the lock hands the value to one holder at a time.
unsafe impl<T: Send> Sync for SleepLock<T> {}

impl<T> SleepLock<T> {
    /// A lock around `value`.
    pub const fn new(value: T) -> Self {
        Self { state: AtomicU32::new(FREE), value: UnsafeCell::new(value) }
    }

    /// Takes the lock; blocks while another thread holds it.
    #[inline]
    pub fn lock(&self) -> SleepGuard<'_, T> {
        if !self.take() {
            wait_for(&self.state);
        }
        SleepGuard { lock: self }
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_lock(&self) -> Option<SleepGuard<'_, T>> {
        self.take().then(|| SleepGuard { lock: self })
    }

    #[inline]
    fn take(&self) -> bool {
        let held = if inherits() { holder_mark() } else { HELD };
        self.state.compare_exchange(FREE, held, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }
}

/// The contended path; not generic, so that an image has it once.
#[cold]
fn wait_for(state: &AtomicU32) {
    if inherits() {
        while !lock_word(state, NO_DEADLINE) {}
        return;
    }
    while state.swap(HELD_WITH_WAITERS, Ordering::Acquire) != FREE {
        wait(key(state), NO_DEADLINE, || state.load(Ordering::Relaxed) == HELD_WITH_WAITERS);
    }
}

fn key(state: &AtomicU32) -> usize {
    state.as_ptr() as usize
}

/// Exclusive access to a [`SleepLock`]'s value.
pub struct SleepGuard<'a, T> {
    lock: &'a SleepLock<T>,
}

impl<T> Deref for SleepGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard exists only while its lock is held.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for SleepGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and `&mut self` makes this the only reference.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for SleepGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if inherits() {
            let is_wanted = self
                .lock
                .state
                .compare_exchange(holder_mark(), FREE, Ordering::Release, Ordering::Relaxed)
                .is_err();
            if is_wanted {
                unlock_word(&self.lock.state);
            }
        } else if self.lock.state.swap(FREE, Ordering::Release) == HELD_WITH_WAITERS {
            wake(key(&self.lock.state), 1);
        }
    }
}
