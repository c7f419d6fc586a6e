//! `open` and its like.

use crate::Errno;
use crate::errno::{ret, ret_unit};
use crate::fd::{FileRef, table};
use crate::files::directory::Directory;
use crate::files::path::{Follow, Last, Place};
use crate::files::regular::Regular;
use crate::files::working::resolve;
use crate::files::{Node, device, errno_of};
use crate::user;
use alloc::sync::Arc;
use core::ffi::{c_char, c_int};
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_fs::{FileSystem, NodeKind};
use kit_iface_image::WithFs;

/// Flags that `fcntl(F_GETFL)` shows: the access mode and the status, not what only `open` itself looks at.
const KEPT: c_int = libc::O_ACCMODE
    | libc::O_APPEND
    | libc::O_NONBLOCK
    | libc::O_DSYNC
    | libc::O_SYNC
    | libc::O_DIRECT
    | libc::O_NOATIME
    | libc::O_DIRECTORY
    | libc::O_PATH;
/// `O_TMPFILE` without the `O_DIRECTORY` that it includes.
const TMPFILE_BIT: c_int = libc::O_TMPFILE & !libc::O_DIRECTORY;

static UMASK: AtomicU32 = AtomicU32::new(0o022);

/// `umask`
pub fn umask(mask: libc::mode_t) -> libc::mode_t {
    UMASK.swap(mask & 0o777, Ordering::Relaxed)
}

/// The permission bits that a new node gets when `mode` is asked for.
pub fn masked(mode: libc::mode_t) -> u16 {
    (mode & !UMASK.load(Ordering::Relaxed) & 0o7777) as u16
}

/// `open64`
///
/// # Safety
/// As the C function.
pub unsafe fn open<I: WithFs>(path: *const c_char, flags: c_int, mode: libc::mode_t) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { openat::<I>(libc::AT_FDCWD, path, flags, mode) }
}

/// `creat`
///
/// # Safety
/// As the C function.
pub unsafe fn creat<I: WithFs>(path: *const c_char, mode: libc::mode_t) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { open::<I>(path, libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC, mode) }
}

/// `openat64`
///
/// # Safety
/// As the C function.
pub unsafe fn openat<I: WithFs>(base: c_int, path: *const c_char, flags: c_int, mode: libc::mode_t) -> c_int {
    // SAFETY: forwarded to the caller.
    ret(unsafe { user::path(path) }.and_then(|path| {
        let file = open_path::<I>(base, path, flags, mode)?;
        table::insert::<I>(file, flags & libc::O_CLOEXEC != 0)
    }))
}

/// Opens what `path` leads to.
pub fn open_path<I: WithFs>(
    base: c_int,
    path: &[u8],
    flags: c_int,
    mode: libc::mode_t,
) -> Result<FileRef, Errno> {
    if flags & TMPFILE_BIT != 0 {
        return Err(Errno(libc::EOPNOTSUPP));
    }
    let creates = flags & libc::O_CREAT != 0;
    let is_new = creates && flags & libc::O_EXCL != 0;
    loop {
        let place = resolve::<I>(base, path, Follow::unless(flags & libc::O_NOFOLLOW != 0 || is_new))?;
        if let Some(node) = place.node {
            let exists = if is_new { Err(Errno(libc::EEXIST)) } else { Ok(()) };
            return exists.and_then(|()| open_node::<I>(node, flags));
        }
        if !creates {
            return Err(Errno(libc::ENOENT));
        }
        match create::<I>(place, mode) {
            // Somebody else was faster: then it exists, and is opened.
            Err(Errno(libc::EEXIST)) if !is_new => {}
            result => return result.map(|node| regular::<I>(node, flags)),
        }
    }
}

fn create<I: WithFs>(place: Place<'_, Node<I>>, mode: libc::mode_t) -> Result<Node<I>, Errno> {
    match place.last {
        Last::Name(_) if place.wants_directory => Err(Errno(libc::EISDIR)),
        Last::Name(name) => {
            I::fs().create(&place.directory, &name, NodeKind::File, masked(mode)).map_err(errno_of)
        }
        _ => Err(Errno(libc::EISDIR)),
    }
}

fn open_node<I: WithFs>(node: Node<I>, flags: c_int) -> Result<FileRef, Errno> {
    let writes = flags & libc::O_ACCMODE != libc::O_RDONLY;
    match I::fs().metadata(&node).kind {
        NodeKind::Directory if writes || flags & libc::O_CREAT != 0 => Err(Errno(libc::EISDIR)),
        NodeKind::Directory => Ok(Directory::<I>::open(node, flags & KEPT)),
        _ if flags & libc::O_DIRECTORY != 0 => Err(Errno(libc::ENOTDIR)),
        NodeKind::Device(number) => device::open::<I>(node, number, flags & KEPT),
        // Only with O_NOFOLLOW a path ends at a link. There is no way to open a link itself.
        NodeKind::Symlink => Err(Errno(libc::ELOOP)),
        NodeKind::File if writes && !I::fs().is_writable(&node) => Err(Errno(libc::EROFS)),
        NodeKind::File => {
            if flags & libc::O_TRUNC != 0 && writes {
                I::fs().truncate(&node, 0).map_err(errno_of)?;
            }
            Ok(regular::<I>(node, flags))
        }
    }
}

fn regular<I: WithFs>(node: Node<I>, flags: c_int) -> FileRef {
    FileRef::Counted(Arc::new(Regular::<I>::new(node, flags & KEPT)))
}

/// `truncate64`
///
/// # Safety
/// As the C function.
pub unsafe fn truncate<I: WithFs>(path: *const c_char, size: i64) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(unsafe { user::path(path) }.and_then(|path| {
        let size = u64::try_from(size).map_err(|_| Errno(libc::EINVAL))?;
        let node = resolve::<I>(libc::AT_FDCWD, path, Follow::Yes)?.existing()?;
        I::fs().truncate(&node, size).map_err(errno_of)
    }))
}
