//! Pipes and connected pairs of local sockets: bytes between two ends in memory.
//!
//! Both are one thing, [`end`]: two ends, and for each end a ring of bytes on its way to it. A pipe uses one of the
//! two rings. This file has the calls that make them.

mod end;

use crate::Errno;
use crate::errno::ret_unit;
use crate::fd::{File, FileRef, table};
use crate::user;
use alloc::sync::Arc;
use core::ffi::c_int;
use end::End;
use kit_iface_image::Image;

fn install<I: Image>(ends: [Arc<dyn File>; 2], close_on_exec: bool, fds: *mut c_int) -> Result<(), Errno> {
    if fds.is_null() {
        return Err(Errno(libc::EFAULT));
    }
    let [from, to] = ends;
    let from = table::insert::<I>(FileRef::Counted(from), close_on_exec)?;
    let to = match table::insert::<I>(FileRef::Counted(to), close_on_exec) {
        Ok(to) => to,
        Err(errno) => {
            let _ = table::remove::<I>(from);
            return Err(errno);
        }
    };
    // SAFETY: the caller's array of two descriptors, not null.
    unsafe { user::store(fds.cast(), [from, to]) }
}

/// `pipe2`
///
/// # Safety
/// As the C function.
pub unsafe fn pipe2<I: Image>(fds: *mut c_int, flags: c_int) -> c_int {
    if flags & !(libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_DIRECT) != 0 {
        return ret_unit(Err(Errno(libc::EINVAL)));
    }
    ret_unit(install::<I>(End::pair(false, flags), flags & libc::O_CLOEXEC != 0, fds))
}

/// `pipe`
///
/// # Safety
/// As the C function.
pub unsafe fn pipe<I: Image>(fds: *mut c_int) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { pipe2::<I>(fds, 0) }
}

/// `socketpair`: streams of the local family.
///
/// # Safety
/// As the C function.
pub unsafe fn socketpair<I: Image>(family: c_int, kind: c_int, _protocol: c_int, fds: *mut c_int) -> c_int {
    let flags = kind & (libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC);
    ret_unit(match (family, kind & !flags) {
        (libc::AF_UNIX, libc::SOCK_STREAM) => {
            install::<I>(End::pair(true, flags), flags & libc::SOCK_CLOEXEC != 0, fds)
        }
        (libc::AF_UNIX, _) => Err(Errno(libc::ESOCKTNOSUPPORT)),
        _ => Err(Errno(libc::EAFNOSUPPORT)),
    })
}

// `SOCK_NONBLOCK` and `O_NONBLOCK` are one number on Linux; `End::pair` relies on it.
const _: () = assert!(libc::SOCK_NONBLOCK == libc::O_NONBLOCK);
