//! `stat`, `access`, `chmod`, `chown` and `utimensat`.
//!
//! There is one user, who may do everything: permission bits are kept and shown, and decide only whether a file
//! counts as executable.

use crate::Errno;
use crate::errno::ret_unit;
use crate::fd::control::times_change;
use crate::fd::{Status, table};
use crate::files::path::Follow;
use crate::files::working::{change_node, see};
use crate::files::{Node, errno_of};
use crate::user;
use core::ffi::{c_char, c_int, c_uint};
use kit_iface_fs::{Change, FileSystem, NodeKind};
use kit_iface_image::WithFs;

/// What is at a path.
struct Found {
    status: Status,
    /// It is in a filesystem that does not change.
    is_fixed: bool,
}

impl Found {
    fn node<I: WithFs>(node: &Node<I>) -> Self {
        let status = Status::of_node(I::fs(), node);
        // A device is written without a change of the filesystem.
        let is_device = status.mode & libc::S_IFMT == libc::S_IFCHR;
        Self { status, is_fixed: !is_device && !I::fs().is_writable(node) }
    }
}

/// What `path` leads to, or `base` itself if `flags` allow an empty path.
unsafe fn look<I: WithFs>(base: c_int, path: *const c_char, flags: c_int) -> Result<Found, Errno> {
    let may_be_empty = flags & libc::AT_EMPTY_PATH != 0;
    // SAFETY: forwarded to the caller.
    if may_be_empty && (path.is_null() || unsafe { path.read() } == 0) {
        return if base == libc::AT_FDCWD {
            see::<I>(base, b".", Follow::Yes).map(|node| Found::node::<I>(&node))
        } else {
            Ok(Found { status: table::get::<I>(base)?.status(), is_fixed: false })
        };
    }
    // SAFETY: forwarded to the caller.
    let path = unsafe { user::path(path) }?;
    see::<I>(base, path, Follow::unless(flags & libc::AT_SYMLINK_NOFOLLOW != 0))
        .map(|node| Found::node::<I>(&node))
}

/// `stat64`
///
/// # Safety
/// As the C function.
pub unsafe fn stat<I: WithFs>(path: *const c_char, status: *mut libc::stat64) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { fstatat::<I>(libc::AT_FDCWD, path, status, 0) }
}

/// `lstat64`
///
/// # Safety
/// As the C function.
pub unsafe fn lstat<I: WithFs>(path: *const c_char, status: *mut libc::stat64) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { fstatat::<I>(libc::AT_FDCWD, path, status, libc::AT_SYMLINK_NOFOLLOW) }
}

/// `fstatat64`
///
/// # Safety
/// As the C function.
pub unsafe fn fstatat<I: WithFs>(
    base: c_int,
    path: *const c_char,
    status: *mut libc::stat64,
    flags: c_int,
) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(unsafe {
        look::<I>(base, path, flags).and_then(|found| user::store(status, found.status.to_stat()))
    })
}

/// `statx`, with the basic fields whatever `mask` asks for.
///
/// # Safety
/// As the C function.
pub unsafe fn statx<I: WithFs>(
    base: c_int,
    path: *const c_char,
    flags: c_int,
    _mask: c_uint,
    status: *mut libc::statx,
) -> c_int {
    if status.is_null() {
        // `std` asks like this whether the call exists.
        return ret_unit(Err(Errno(libc::EFAULT)));
    }
    // SAFETY: forwarded to the caller.
    ret_unit(unsafe {
        look::<I>(base, path, flags).and_then(|found| user::store(status, found.status.to_statx()))
    })
}

/// `access`
///
/// # Safety
/// As the C function.
pub unsafe fn access<I: WithFs>(path: *const c_char, mode: c_int) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { faccessat::<I>(libc::AT_FDCWD, path, mode, 0) }
}

/// `faccessat`
///
/// # Safety
/// As the C function.
pub unsafe fn faccessat<I: WithFs>(base: c_int, path: *const c_char, mode: c_int, flags: c_int) -> c_int {
    if mode & !(libc::R_OK | libc::W_OK | libc::X_OK) != 0 {
        return ret_unit(Err(Errno(libc::EINVAL)));
    }
    // SAFETY: forwarded to the caller.
    ret_unit(unsafe { look::<I>(base, path, flags) }.and_then(|Found { status, is_fixed }| {
        let is_directory = status.mode & libc::S_IFMT == libc::S_IFDIR;
        if mode & libc::X_OK != 0 && !is_directory && status.mode & 0o111 == 0 {
            return Err(Errno(libc::EACCES));
        }
        if mode & libc::W_OK != 0 && is_fixed { Err(Errno(libc::EROFS)) } else { Ok(()) }
    }))
}

/// `chmod`
///
/// # Safety
/// As the C function.
pub unsafe fn chmod<I: WithFs>(path: *const c_char, mode: libc::mode_t) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { fchmodat::<I>(libc::AT_FDCWD, path, mode, 0) }
}

/// `fchmodat`
///
/// # Safety
/// As the C function.
pub unsafe fn fchmodat<I: WithFs>(
    base: c_int,
    path: *const c_char,
    mode: libc::mode_t,
    flags: c_int,
) -> c_int {
    let change = Change { mode: Some(mode as u16 & 0o7777), ..Change::default() };
    // SAFETY: forwarded to the caller.
    ret_unit(unsafe { user::path(path) }.and_then(|path| {
        let follow = Follow::unless(flags & libc::AT_SYMLINK_NOFOLLOW != 0);
        let node = see::<I>(base, path, follow)?;
        // Links have no mode of their own on Linux either.
        if I::fs().metadata(&node).kind == NodeKind::Symlink {
            return Err(Errno(libc::EOPNOTSUPP));
        }
        I::fs().change(&node, change).map_err(errno_of)
    }))
}

/// `chown`
///
/// # Safety
/// As the C function.
pub unsafe fn chown<I: WithFs>(path: *const c_char, user: libc::uid_t, group: libc::gid_t) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { fchownat::<I>(libc::AT_FDCWD, path, user, group, 0) }
}

/// `lchown`
///
/// # Safety
/// As the C function.
pub unsafe fn lchown<I: WithFs>(path: *const c_char, user: libc::uid_t, group: libc::gid_t) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { fchownat::<I>(libc::AT_FDCWD, path, user, group, libc::AT_SYMLINK_NOFOLLOW) }
}

/// `fchownat`: there is one user; giving a file away changes nothing, as long as there is a file.
///
/// # Safety
/// As the C function.
pub unsafe fn fchownat<I: WithFs>(
    base: c_int,
    path: *const c_char,
    _user: libc::uid_t,
    _group: libc::gid_t,
    flags: c_int,
) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(
        unsafe { look::<I>(base, path, flags) }
            .and_then(|found| if found.is_fixed { Err(Errno(libc::EROFS)) } else { Ok(()) }),
    )
}

/// `utimensat`
///
/// # Safety
/// As the C function.
pub unsafe fn utimensat<I: WithFs>(
    base: c_int,
    path: *const c_char,
    times: *const libc::timespec,
    flags: c_int,
) -> c_int {
    if path.is_null() {
        // What `futimens` is made of elsewhere.
        // SAFETY: forwarded to the caller.
        return unsafe { crate::fd::control::futimens::<I>(base, times) };
    }
    // SAFETY: forwarded to the caller.
    let (change, path) = unsafe { (times_change(times), user::path(path)) };
    let follow = Follow::unless(flags & libc::AT_SYMLINK_NOFOLLOW != 0);
    ret_unit(path.and_then(|path| change_node::<I>(base, path, follow, change?)))
}
