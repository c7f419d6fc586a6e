//! `syscall(2)`, the back door by which programs call what their libc has no function for.
//!
//! `std` reaches `futex` through it, and anything whose weak symbol is missing. There is no kernel below: the
//! numbers are those of x86-64 Linux, served by the functions that the C names use.

use crate::errno::{ret, ret_count};
use crate::futex::{Request, futex};
use crate::types::{c_long, c_uint};
use crate::{random, threads};

/// `syscall`: variadic in C; no call served here has more than six arguments.
///
/// # Safety
/// The arguments are those that the call of that number demands.
pub unsafe fn syscall(number: c_long, a: usize, b: usize, c: usize, d: usize, _e: usize, f: usize) -> c_long {
    match number {
        libc::SYS_futex => {
            let request = Request {
                word: a as *const _,
                operation: b as i32,
                value: c as u32,
                timeout_or_count: d,
                value3: f as u32,
            };
            // SAFETY: forwarded to the caller.
            ret_count(unsafe { futex(&request) }) as c_long
        }
        libc::SYS_gettid => c_long::from(threads::identity::id()),
        // SAFETY: forwarded to the caller.
        libc::SYS_getrandom => unsafe { random::get(a as *mut _, b, c as c_uint) as c_long },
        // These have a libc function in front, which a caller tries first; it knows what to do without them.
        libc::SYS_statx
        | libc::SYS_copy_file_range
        | libc::SYS_pidfd_open
        | libc::SYS_pidfd_send_signal
        | libc::SYS_close_range
        | libc::SYS_membarrier
        | libc::SYS_rseq => ret(Err(crate::Errno(libc::ENOSYS))),
        _ => ret(Err(crate::unsupported("this number of syscall()"))),
    }
}

/// Exports the group `futex`.
#[macro_export]
macro_rules! export_futex {
    ($image:ty) => {
        $crate::c_calls! {
            $image;
            fn syscall(number: c_long, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> c_long = $crate::syscall::syscall;
        }
    };
}
