//! The two instructions that this crate is made of.

use core::arch::asm;
use core::arch::x86_64::__cpuid;

/// CPUID.01H:ECX.RDRAND, bit 30 (Intel SDM volume 2, CPUID).
const RDRAND: u32 = 1 << 30;

/// Whether this processor has RDRAND.
pub(crate) fn is_present() -> bool {
    __cpuid(1).ecx & RDRAND != 0
}

/// Asks the generator for a word; the carry flag says whether it had one.
///
/// # Safety
/// The processor has the instruction.
#[inline]
pub(crate) unsafe fn rdrand() -> Option<u64> {
    let (word, has_word): (u64, u8);
    // SAFETY: the caller says that the instruction exists; it writes one register and the flags.
    unsafe { asm!("rdrand {}", "setc {}", out(reg) word, out(reg_byte) has_word, options(nomem, nostack)) };
    (has_word != 0).then_some(word)
}
