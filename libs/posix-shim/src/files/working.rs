//! The working directory, and absolute paths.
//!
//! The working directory is an open directory like any other, kept here instead of in the table; as long as
//! nobody changed it, it is the root and nothing is kept.

use crate::Errno;
use crate::errno::{ret, ret_unit};
use crate::fd::{FileRef, table};
use crate::files::directory::Directory;
use crate::files::path::{self, Follow, Last, Place};
use crate::files::{Node, errno_of};
use crate::user;
use alloc::vec::Vec;
use core::any::Any;
use core::ffi::{c_char, c_int};
use kit_iface_fs::{FileSystem, NodeKind};
use kit_iface_image::WithFs;
use kit_util_sync::SleepLock;

static WORKING: SleepLock<Option<FileRef>> = SleepLock::new(None);

/// The directory that a relative path starts in, for the `…at` call with `base`.
pub fn base<I: WithFs>(base: c_int) -> Result<Node<I>, Errno> {
    if base == libc::AT_FDCWD {
        let working = WORKING.lock().clone();
        return working.map_or_else(|| I::fs().root().map_err(errno_of), |file| directory_of::<I>(&file));
    }
    directory_of::<I>(&table::get::<I>(base)?)
}

/// The node of an open directory.
pub fn directory_of<I: WithFs>(file: &FileRef) -> Result<Node<I>, Errno> {
    let any: &dyn Any = &**file;
    any.downcast_ref::<Directory<I>>().map(|directory| directory.node.clone()).ok_or(Errno(libc::ENOTDIR))
}

/// Resolves a C caller's path.
pub fn resolve<I: WithFs>(base_fd: c_int, path: &[u8], follow: Follow) -> Result<Place<'_, Node<I>>, Errno> {
    path::resolve(I::fs(), || base::<I>(base_fd), path, follow)
}

/// `chdir`
///
/// # Safety
/// As the C function.
pub unsafe fn chdir<I: WithFs>(path: *const c_char) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(unsafe { user::path(path) }.and_then(|path| {
        let node = resolve::<I>(libc::AT_FDCWD, path, Follow::Yes)?.existing()?;
        if I::fs().metadata(&node).kind != NodeKind::Directory {
            return Err(Errno(libc::ENOTDIR));
        }
        set_working(Directory::<I>::open(node, libc::O_RDONLY));
        Ok(())
    }))
}

/// `fchdir`
pub fn fchdir<I: WithFs>(fd: c_int) -> c_int {
    ret_unit(table::get::<I>(fd).and_then(|file| {
        directory_of::<I>(&file)?;
        set_working(file);
        Ok(())
    }))
}

fn set_working(directory: FileRef) {
    let before = WORKING.lock().replace(directory);
    drop(before);
}

/// `getcwd`
///
/// # Safety
/// As the C function.
pub unsafe fn getcwd<I: WithFs>(buffer: *mut c_char, count: usize) -> *mut c_char {
    let path = base::<I>(libc::AT_FDCWD).and_then(|node| path::path_of(I::fs(), &node));
    ret(path.and_then(|path| {
        let room = if buffer.is_null() && count == 0 { usize::MAX } else { count };
        if room == 0 {
            return Err(Errno(libc::EINVAL));
        }
        if path.len() >= room {
            return Err(Errno(libc::ERANGE));
        }
        // SAFETY: forwarded to the caller; the path fits.
        unsafe { give(buffer, &path) }
    }))
}

/// `realpath`
///
/// # Safety
/// As the C function: `place` is null or has room for `PATH_MAX` bytes.
pub unsafe fn realpath<I: WithFs>(path: *const c_char, place: *mut c_char) -> *mut c_char {
    if path.is_null() {
        return ret(Err(Errno(libc::EINVAL)));
    }
    // SAFETY: forwarded to the caller.
    let absolute = unsafe { user::path(path) }.and_then(absolute::<I>);
    ret(absolute.and_then(|absolute| {
        if absolute.len() >= libc::PATH_MAX as usize {
            return Err(Errno(libc::ENAMETOOLONG));
        }
        // SAFETY: forwarded to the caller; the path fits.
        unsafe { give(place, &absolute) }
    }))
}

fn absolute<I: WithFs>(path: &[u8]) -> Result<Vec<u8>, Errno> {
    let place = resolve::<I>(libc::AT_FDCWD, path, Follow::Yes)?;
    if place.node.is_none() {
        return Err(Errno(libc::ENOENT));
    }
    let mut absolute = path::path_of(I::fs(), &place.directory)?;
    if let Last::Name(name) = &place.last {
        if absolute.last() != Some(&b'/') {
            absolute.push(b'/');
        }
        absolute.extend_from_slice(name);
    }
    Ok(absolute)
}

/// Copies `path` and a NUL to `place`, or to a fresh block if that is null.
///
/// # Safety
/// `place` is null or has room.
unsafe fn give(place: *mut c_char, path: &[u8]) -> Result<*mut c_char, Errno> {
    let place = if place.is_null() { crate::memory::blocks::malloc(path.len() + 1).cast() } else { place };
    if place.is_null() {
        return Err(Errno(libc::ENOMEM));
    }
    // SAFETY: there is room for the path and one more byte.
    unsafe {
        core::ptr::copy_nonoverlapping(path.as_ptr().cast(), place, path.len());
        place.add(path.len()).write(0);
    }
    Ok(place)
}

/// Resolves a path to what is there.
pub fn see<I: WithFs>(base_fd: c_int, path: &[u8], follow: Follow) -> Result<Node<I>, Errno> {
    resolve::<I>(base_fd, path, follow)?.existing()
}

/// Changes what is known about the node that a path leads to.
pub fn change_node<I: WithFs>(
    base_fd: c_int,
    path: &[u8],
    follow: Follow,
    change: kit_iface_fs::Change,
) -> Result<(), Errno> {
    I::fs().change(&see::<I>(base_fd, path, follow)?, change).map_err(errno_of)
}
