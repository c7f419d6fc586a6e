//! Making, moving and removing names: `mkdir`, `unlink`, `rename`, `link`, `symlink`, `readlink`.

use crate::Errno;
use crate::errno::{ret_count, ret_unit};
use crate::files::open::masked;
use crate::files::path::{Follow, Last, Place, read_link};
use crate::files::working::resolve;
use crate::files::{Node, errno_of};
use crate::user;
use alloc::borrow::Cow;
use core::ffi::{c_char, c_int, c_uint};
use kit_iface_fs::{FileSystem, NodeKind};
use kit_iface_image::WithFs;

const HERE: c_int = libc::AT_FDCWD;

/// Where a new name goes.
struct Vacancy<'p, I: WithFs> {
    directory: Node<I>,
    name: Cow<'p, [u8]>,
    wants_directory: bool,
}

/// Finds where a new name goes: nothing may be there, not even a dangling link.
fn vacant<I: WithFs>(base: c_int, path: &[u8]) -> Result<Vacancy<'_, I>, Errno> {
    let place = resolve::<I>(base, path, Follow::No)?;
    if place.node.is_some() {
        return Err(Errno(libc::EEXIST));
    }
    let Place { directory, last, wants_directory, .. } = place;
    match last {
        Last::Name(name) => Ok(Vacancy { directory, name, wants_directory }),
        _ => Err(Errno(libc::EEXIST)),
    }
}

/// `mkdir`
///
/// # Safety
/// As the C function.
pub unsafe fn mkdir<I: WithFs>(path: *const c_char, mode: libc::mode_t) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { mkdirat::<I>(HERE, path, mode) }
}

/// `mkdirat`
///
/// # Safety
/// As the C function.
pub unsafe fn mkdirat<I: WithFs>(base: c_int, path: *const c_char, mode: libc::mode_t) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(unsafe { user::path(path) }.and_then(|path| {
        let place = vacant::<I>(base, path)?;
        I::fs().create(&place.directory, &place.name, NodeKind::Directory, masked(mode)).map_err(errno_of)?;
        Ok(())
    }))
}

/// `rmdir`
///
/// # Safety
/// As the C function.
pub unsafe fn rmdir<I: WithFs>(path: *const c_char) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { unlinkat::<I>(HERE, path, libc::AT_REMOVEDIR) }
}

/// `unlink`
///
/// # Safety
/// As the C function.
pub unsafe fn unlink<I: WithFs>(path: *const c_char) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { unlinkat::<I>(HERE, path, 0) }
}

/// `unlinkat`
///
/// # Safety
/// As the C function.
pub unsafe fn unlinkat<I: WithFs>(base: c_int, path: *const c_char, flags: c_int) -> c_int {
    if flags & !libc::AT_REMOVEDIR != 0 {
        return ret_unit(Err(Errno(libc::EINVAL)));
    }
    let is_directory = flags & libc::AT_REMOVEDIR != 0;
    // SAFETY: forwarded to the caller.
    ret_unit(unsafe { user::path(path) }.and_then(|path| {
        let place = resolve::<I>(base, path, Follow::No)?;
        match (&place.last, is_directory) {
            (Last::Name(name), _) => {
                if let (Some(node), true, false) = (&place.node, place.wants_directory, is_directory) {
                    let kind = I::fs().metadata(node).kind;
                    let is_directory = kind == NodeKind::Directory;
                    return Err(Errno(if is_directory { libc::EISDIR } else { libc::ENOTDIR }));
                }
                I::fs().unlink(&place.directory, name, is_directory).map_err(errno_of)
            }
            (_, false) => Err(Errno(libc::EISDIR)),
            (Last::Dot, true) => Err(Errno(libc::EINVAL)),
            (Last::DotDot, true) => Err(Errno(libc::ENOTEMPTY)),
            (Last::Root, true) => Err(Errno(libc::EBUSY)),
        }
    }))
}

/// `rename`
///
/// # Safety
/// As the C function.
pub unsafe fn rename<I: WithFs>(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { renameat2::<I>(HERE, from, HERE, to, 0) }
}

/// `renameat`
///
/// # Safety
/// As the C function.
pub unsafe fn renameat<I: WithFs>(
    from_base: c_int,
    from: *const c_char,
    to_base: c_int,
    to: *const c_char,
) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { renameat2::<I>(from_base, from, to_base, to, 0) }
}

/// `renameat2`, of whose flags `RENAME_NOREPLACE` is known.
///
/// # Safety
/// As the C function.
pub unsafe fn renameat2<I: WithFs>(
    from_base: c_int,
    from: *const c_char,
    to_base: c_int,
    to: *const c_char,
    flags: c_uint,
) -> c_int {
    // SAFETY: forwarded to the caller.
    let (from, to) = unsafe { (user::path(from), user::path(to)) };
    ret_unit(from.and_then(|from| rename_checked::<I>(from_base, from, to_base, to?, flags)))
}

fn rename_checked<I: WithFs>(
    from_base: c_int,
    from: &[u8],
    to_base: c_int,
    to: &[u8],
    flags: c_uint,
) -> Result<(), Errno> {
    if flags & !libc::RENAME_NOREPLACE != 0 {
        return Err(Errno(libc::EINVAL));
    }
    let from = resolve::<I>(from_base, from, Follow::No)?;
    let to = resolve::<I>(to_base, to, Follow::No)?;
    let (Last::Name(from_name), Last::Name(to_name)) = (&from.last, &to.last) else {
        return Err(Errno(libc::EBUSY));
    };
    let fs = I::fs();
    let kind = from.node.as_ref().map(|node| fs.metadata(node).kind).ok_or(Errno(libc::ENOENT))?;
    if kind != NodeKind::Directory && (from.wants_directory || to.wants_directory) {
        return Err(Errno(libc::ENOTDIR));
    }
    if flags & libc::RENAME_NOREPLACE != 0 && to.node.is_some() {
        return Err(Errno(libc::EEXIST));
    }
    fs.rename(&from.directory, from_name, &to.directory, to_name).map_err(errno_of)
}

/// `link`
///
/// # Safety
/// As the C function.
pub unsafe fn link<I: WithFs>(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { linkat::<I>(HERE, from, HERE, to, 0) }
}

/// `linkat`
///
/// # Safety
/// As the C function.
pub unsafe fn linkat<I: WithFs>(
    from_base: c_int,
    from: *const c_char,
    to_base: c_int,
    to: *const c_char,
    flags: c_int,
) -> c_int {
    if flags & !libc::AT_SYMLINK_FOLLOW != 0 {
        return ret_unit(Err(Errno(libc::EINVAL)));
    }
    // SAFETY: forwarded to the caller.
    let (from, to) = unsafe { (user::path(from), user::path(to)) };
    ret_unit(from.and_then(|from| {
        let node = resolve::<I>(from_base, from, Follow::unless(flags & libc::AT_SYMLINK_FOLLOW == 0))?
            .existing()?;
        let place = vacant::<I>(to_base, to?)?;
        if place.wants_directory {
            return Err(Errno(libc::ENOENT));
        }
        I::fs().link(&node, &place.directory, &place.name).map_err(errno_of)
    }))
}

/// `symlink`
///
/// # Safety
/// As the C function.
pub unsafe fn symlink<I: WithFs>(target: *const c_char, path: *const c_char) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { symlinkat::<I>(target, HERE, path) }
}

/// `symlinkat`
///
/// # Safety
/// As the C function.
pub unsafe fn symlinkat<I: WithFs>(target: *const c_char, base: c_int, path: *const c_char) -> c_int {
    // SAFETY: forwarded to the caller.
    let (target, path) = unsafe { (user::path(target), user::path(path)) };
    ret_unit(target.and_then(|target| {
        if target.is_empty() {
            return Err(Errno(libc::ENOENT));
        }
        let place = vacant::<I>(base, path?)?;
        if place.wants_directory {
            return Err(Errno(libc::ENOENT));
        }
        I::fs().symlink(&place.directory, &place.name, target).map_err(errno_of)?;
        Ok(())
    }))
}

/// `readlink`
///
/// # Safety
/// As the C function.
pub unsafe fn readlink<I: WithFs>(path: *const c_char, buffer: *mut c_char, count: usize) -> isize {
    // SAFETY: forwarded to the caller.
    unsafe { readlinkat::<I>(HERE, path, buffer, count) }
}

/// `readlinkat`
///
/// # Safety
/// As the C function.
pub unsafe fn readlinkat<I: WithFs>(
    base: c_int,
    path: *const c_char,
    buffer: *mut c_char,
    count: usize,
) -> isize {
    // SAFETY: forwarded to the caller.
    let (path, buffer) = unsafe { (user::path(path), user::bytes_mut(buffer, count)) };
    ret_count(path.and_then(|path| {
        let buffer = buffer?;
        let node = resolve::<I>(base, path, Follow::OnSlash).and_then(Place::existing)?;
        if I::fs().metadata(&node).kind != NodeKind::Symlink || buffer.is_empty() {
            return Err(Errno(libc::EINVAL));
        }
        let target = read_link(I::fs(), &node)?;
        let length = target.len().min(buffer.len());
        buffer[..length].copy_from_slice(&target[..length]);
        Ok(length)
    }))
}

/// `mkfifo`: filesystems here have no node for it.
///
/// # Safety
/// As the C function.
pub unsafe fn mkfifo<I: WithFs>(_path: *const c_char, _mode: libc::mode_t) -> c_int {
    ret_unit(Err(Errno(libc::EPERM)))
}
