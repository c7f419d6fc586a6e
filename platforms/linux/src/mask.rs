//! The interrupt mask: a flag that the alarm handler looks at.
//!
//! The kernel could block signals itself, but two system calls for every short lock would cost more than what
//! the locks protect. An alarm that comes while the flag is set only leaves a note, and whoever clears the flag
//! reads it.

use crate::alarm;
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering, compiler_fence};
use kit_util_linux::{block_signals, send_signal, unblock_signals};

/// The boot path begins masked.
static IS_MASKED: AtomicBool = AtomicBool::new(true);
/// What to do when interrupts are unmasked: a set of the notes below.
static NOTES: AtomicU8 = AtomicU8::new(0);

/// An alarm came while interrupts were masked.
pub(crate) const ALARM_CAME: u8 = 1;
/// A deadline was set that no alarm is programmed for.
pub(crate) const ALARM_WANTED: u8 = 2;

const WAS_MASKED: usize = 1;

/// Masks interrupts; returns what they were before.
#[inline]
pub fn mask_interrupts() -> usize {
    let was_masked = IS_MASKED.load(Ordering::Relaxed);
    IS_MASKED.store(true, Ordering::Relaxed);
    // The handler runs on this very processor, so the compiler is the only one who could reorder.
    compiler_fence(Ordering::SeqCst);
    usize::from(was_masked)
}

/// Whether interrupts were enabled when [`mask_interrupts`] returned `state`.
#[inline]
pub const fn were_enabled(state: usize) -> bool {
    state != WAS_MASKED
}

/// The counterpart of [`mask_interrupts`].
///
/// # Safety
/// `state` came from the matching [`mask_interrupts`], or is `usize::MAX`, which unmasks.
#[inline]
pub unsafe fn restore_interrupts(state: usize) {
    if were_enabled(state) {
        compiler_fence(Ordering::SeqCst);
        IS_MASKED.store(false, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        if NOTES.load(Ordering::Relaxed) != 0 {
            read_notes();
        }
    }
}

/// Leaves notes for whoever unmasks.
pub(crate) fn leave_note(note: u8) {
    NOTES.fetch_or(note, Ordering::Relaxed);
}

/// Takes a note back; its matter has been settled.
pub(crate) fn take_note(note: u8) {
    NOTES.fetch_and(!note, Ordering::Relaxed);
}

/// Masks interrupts at the entry of a handler. False if they were masked: the handler must leave a note only.
pub(crate) fn enter_handler() -> bool {
    !IS_MASKED.swap(true, Ordering::Relaxed)
}

/// Unmasks at the end of a handler that [`enter_handler`] let in. The kernel blocks alarms until it returns.
pub(crate) fn leave_handler() {
    // SAFETY: the handler was entered unmasked.
    unsafe { restore_interrupts(0) };
}

#[cold]
fn read_notes() {
    let masked = mask_interrupts();
    let notes = NOTES.swap(0, Ordering::Relaxed);
    if notes & ALARM_WANTED != 0 {
        alarm::program();
    }
    compiler_fence(Ordering::SeqCst);
    // Whether a note arrived meanwhile does not matter: the signal below, or the next unmasking, sees it.
    IS_MASKED.store(masked == WAS_MASKED, Ordering::Relaxed);
    compiler_fence(Ordering::SeqCst);
    if (notes | NOTES.load(Ordering::Relaxed)) & ALARM_CAME != 0 {
        // The handler needs the frame of an interrupt to switch threads; so be interrupted, now.
        let _ = send_signal(libc::SIGALRM);
    }
}

/// Lets the kernel deliver alarms again.
pub(crate) fn unblock_alarms() {
    let _ = unblock_signals(&alarm::SIGNALS);
}

/// Unmasks while the kernel blocks alarms, for a thread whose saved frame unblocks them.
pub(crate) fn open_behind_blocked_alarms() {
    let _ = block_signals(&alarm::SIGNALS);
    // SAFETY: an interrupted thread was not masked. An alarm that `restore` raises stays with the kernel.
    unsafe { restore_interrupts(0) };
}
