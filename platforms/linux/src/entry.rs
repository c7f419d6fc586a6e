//! The first instructions of the process, and what the kernel left on the initial stack.
//!
//! System V ABI, AMD64 supplement, 3.4.1: at entry the stack holds argc, the argument pointers, a null, the
//! environment pointers, a null, and the auxiliary vector. There is no dynamic linker and no libc before us.

use core::ffi::{CStr, c_char};
use core::sync::atomic::{AtomicPtr, Ordering};

/// The stack pointer at entry; null in a process that was not started here (host tests).
static INITIAL_STACK: AtomicPtr<usize> = AtomicPtr::new(core::ptr::null_mut());

// Weak, so that host tests of this crate keep the start code that they have.
core::arch::global_asm!(
    ".section .text.kit_start,\"ax\",@progbits",
    ".weak _start",
    "_start:",
    ".cfi_startproc",
    ".cfi_undefined rip", // the end of every backtrace
    "xor ebp, ebp",
    "mov rdi, rsp",
    "and rsp, -16",
    "call {enter}",
    "ud2",
    ".cfi_endproc",
    enter = sym enter,
);

unsafe extern "C" {
    /// The composed root: starts every part of the OS in order.
    safe fn kit_root() -> !;
}

extern "C" fn enter(stack: *mut usize) -> ! {
    INITIAL_STACK.store(stack, Ordering::Relaxed);
    kit_root()
}

/// The strings of the argument vector.
pub(crate) fn arguments() -> impl Iterator<Item = &'static CStr> {
    vectors().map(|(arguments, _)| arguments).into_iter().flatten()
}

/// The strings of the environment, `NAME=value`.
pub(crate) fn environment() -> impl Iterator<Item = &'static CStr> {
    vectors().map(|(_, environment)| environment).into_iter().flatten()
}

/// The value of one environment variable.
pub(crate) fn variable(name: &str) -> Option<&'static [u8]> {
    text_variable(name).map(CStr::to_bytes)
}

/// The value of one environment variable, as the kernel takes text.
pub(crate) fn text_variable(name: &str) -> Option<&'static CStr> {
    environment().find_map(|entry| {
        let value = entry.to_bytes_with_nul().strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        CStr::from_bytes_with_nul(value).ok()
    })
}

/// The value of an entry of the auxiliary vector (getauxval(3)).
pub(crate) fn auxiliary(kind: usize) -> Option<usize> {
    let (_, mut environment) = vectors()?;
    environment.by_ref().for_each(drop);
    // SAFETY: the vector begins behind the null that ended the environment, and ends with an entry of kind 0.
    unsafe {
        let mut entry = environment.0.add(1).cast::<[usize; 2]>();
        while (*entry)[0] != 0 {
            if (*entry)[0] == kind {
                return Some((*entry)[1]);
            }
            entry = entry.add(1);
        }
    }
    None
}

fn vectors() -> Option<(Strings, Strings)> {
    let stack = INITIAL_STACK.load(Ordering::Relaxed);
    if stack.is_null() {
        return None;
    }
    // SAFETY: `stack` is the initial stack pointer, where the kernel put argc and that many pointers, a null,
    // and a null-terminated list; all of it stays in place for the life of the process.
    unsafe {
        let arguments = stack.add(1).cast::<*const c_char>();
        Some((Strings(arguments), Strings(arguments.add(*stack + 1))))
    }
}

/// A null-terminated list of C strings.
struct Strings(*const *const c_char);

impl Iterator for Strings {
    type Item = &'static CStr;

    fn next(&mut self) -> Option<&'static CStr> {
        // SAFETY: the list is one of the kernel's (see `vectors`), and `self.0` has not passed its null.
        unsafe {
            let string = *self.0;
            if string.is_null() {
                return None;
            }
            self.0 = self.0.add(1);
            Some(CStr::from_ptr(string))
        }
    }
}
