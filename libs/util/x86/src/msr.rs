//! Model-specific registers, by the names of the SDM's volume 4.

use core::arch::asm;

/// Base and state of the local APIC.
pub const APIC_BASE: u32 = 0x1b;
/// The TSC value at which the local APIC's timer fires, in deadline mode.
pub const TSC_DEADLINE: u32 = 0x6e0;
/// Extended features: long mode, no-execute.
pub const EFER: u32 = 0xc000_0080;
/// Base of FS, the thread pointer of the System V ABI.
pub const FS_BASE: u32 = 0xc000_0100;
/// Base of GS, the per-processor block of kit.
pub const GS_BASE: u32 = 0xc000_0101;

/// Reads a register.
///
/// # Safety
/// The processor has this register, and runs in ring 0.
#[inline]
pub unsafe fn read(register: u32) -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: promised by the caller.
    unsafe {
        asm!("rdmsr", in("ecx") register, out("eax") low, out("edx") high, options(nostack, preserves_flags))
    };
    (high as u64) << 32 | low as u64
}

/// Writes a register.
///
/// # Safety
/// The processor has this register, runs in ring 0, and goes on as Rust expects with the new value.
#[inline]
pub unsafe fn write(register: u32, value: u64) {
    // SAFETY: promised by the caller.
    unsafe {
        asm!("wrmsr", in("ecx") register, in("eax") value as u32, in("edx") (value >> 32) as u32, options(nostack, preserves_flags))
    };
}
