//! The interrupt flag of this processor.

use core::arch::asm;

/// RFLAGS.IF.
pub(crate) const INTERRUPTS_ENABLED: usize = 1 << 9;

/// Masks interrupts on this processor; returns the state that [`restore_interrupts`] takes.
#[inline]
pub fn mask_interrupts() -> usize {
    let flags: usize;
    // SAFETY: reads the flags and clears IF. No `nomem`: memory accesses must not move across it. No
    // `nostack`: the push needs the stack below the red zone.
    unsafe { asm!("pushfq", "pop {}", "cli", out(reg) flags) };
    flags
}

/// Whether interrupts were enabled when [`mask_interrupts`] returned `state`.
#[inline]
pub const fn were_enabled(state: usize) -> bool {
    state & INTERRUPTS_ENABLED != 0
}

/// Unmasks interrupts if they were enabled in `state`.
///
/// # Safety
/// `state` came from the matching [`mask_interrupts`] on this processor, or is `usize::MAX` where nobody
/// relies on the mask.
#[inline]
pub unsafe fn restore_interrupts(state: usize) {
    if were_enabled(state) {
        // SAFETY: sets IF, as the caller asked.
        unsafe { asm!("sti", options(nostack)) };
    }
}

/// Unmasks interrupts and sleeps until one has been handled; returns masked. STI takes effect after the next
/// instruction (SDM volume 2), so no interrupt can fall between it and HLT.
///
/// # Safety
/// Interrupts are masked, and the traps are installed.
#[inline]
pub unsafe fn halt() {
    // SAFETY: promised by the caller; the handlers preserve every register.
    unsafe { asm!("sti", "hlt", "cli", options(nostack)) };
}

/// Stops this processor.
pub fn halt_forever() -> ! {
    loop {
        // SAFETY: with interrupts masked only an NMI ends a HLT, and the loop resumes it.
        unsafe { asm!("cli", "hlt", options(nomem, nostack)) };
    }
}
