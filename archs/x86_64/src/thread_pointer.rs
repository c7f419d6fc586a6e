//! The FS base, which the System V ABI uses as thread pointer.

use crate::cpu::Cpu;
use core::arch::asm;
use kit_util_x86::msr;

/// Sets it: by WRFSBASE where the processor has it, else by WRMSR, which takes ten times as long.
///
/// # Safety
/// As [`kit_iface_arch::Arch::set_thread_pointer`]; this processor's block is set up.
#[inline]
pub(crate) unsafe fn set(pointer: usize) {
    if Cpu::has_fsgsbase() {
        // SAFETY: CR4.FSGSBASE is set.
        unsafe { asm!("wrfsbase {}", in(reg) pointer, options(nostack, preserves_flags)) };
    } else {
        // SAFETY: every x86-64 processor has this register; the caller answers for the value.
        unsafe { msr::write(msr::FS_BASE, pointer as u64) };
    }
}

/// Reads it.
pub(crate) fn get() -> usize {
    if Cpu::has_fsgsbase() {
        let pointer;
        // SAFETY: CR4.FSGSBASE is set; reads one register.
        unsafe { asm!("rdfsbase {}", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
        pointer
    } else {
        // SAFETY: every x86-64 processor has this register.
        unsafe { msr::read(msr::FS_BASE) as usize }
    }
}
