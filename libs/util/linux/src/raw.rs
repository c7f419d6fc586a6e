//! The `syscall` instruction (System V ABI, AMD64 supplement, A.2.1): number in rax, arguments in rdi, rsi,
//! rdx, r10, r8, r9; the kernel clobbers rcx and r11 and touches no user stack.

use crate::Errno;
use core::arch::asm;

/// A call with up to three arguments.
///
/// # Safety
/// The kernel does what the numbers say: memory that the call writes is the caller's to write, and nothing that
/// the call unmaps, protects or closes is in use.
#[inline(always)]
pub(crate) unsafe fn syscall3(number: i64, a: usize, b: usize, c: usize) -> Result<usize, Errno> {
    let result: isize;
    // SAFETY: the operands are those of the ABI above; what the call does is the caller's promise.
    unsafe {
        asm!("syscall", inlateout("rax") number as isize => result, in("rdi") a, in("rsi") b, in("rdx") c,
            lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    Errno::check(result)
}

/// A call with up to six arguments.
///
/// # Safety
/// As [`syscall3`].
#[inline(always)]
pub(crate) unsafe fn syscall6(number: i64, arguments: [usize; 6]) -> Result<usize, Errno> {
    let result: isize;
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: as in `syscall3`.
    unsafe {
        asm!("syscall", inlateout("rax") number as isize => result, in("rdi") a, in("rsi") b, in("rdx") c,
            in("r10") d, in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    Errno::check(result)
}
