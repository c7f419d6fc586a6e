//! Control registers, for the setup of a processor.

use core::arch::asm;

/// CR4: RDFSBASE and its kind work.
pub(crate) const CR4_FSGSBASE: usize = 1 << 16;
/// CR4: the OS saves extended state with XSAVE, so programs may use AVX.
pub(crate) const CR4_OSXSAVE: usize = 1 << 18;

/// Sets bits of CR4.
///
/// # Safety
/// The processor has the features, and kit handles what they add.
pub(crate) unsafe fn set_cr4(bits: usize) {
    // SAFETY: promised by the caller.
    unsafe {
        asm!("mov {0}, cr4", "or {0}, {1}", "mov cr4, {0}", out(reg) _, in(reg) bits, options(nostack))
    };
}

/// Enables state components for XSAVE and for programs.
///
/// # Safety
/// CR4.OSXSAVE is set, and the processor supports these components in this combination.
pub(crate) unsafe fn set_xcr0(components: u32) {
    // SAFETY: promised by the caller.
    unsafe { asm!("xsetbv", in("ecx") 0, in("eax") components, in("edx") 0, options(nostack)) };
}
