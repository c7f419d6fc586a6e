//! `statfs` and `statvfs`: how much room a filesystem has.

use crate::Errno;
use crate::errno::ret_unit;
use crate::fd::status::BLOCK;
use crate::fd::{FileRef, table};
use crate::files::Node;
use crate::files::directory::Directory;
use crate::files::path::Follow;
use crate::files::regular::Regular;
use crate::files::working::see;
use crate::user;
use core::any::Any;
use core::ffi::{c_char, c_int};
use kit_iface_fs::{FileSystem, NAME_MAX, Space};
use kit_iface_image::WithFs;

/// What both structures say.
struct Room {
    space: Space,
    filesystem: u32,
    is_fixed: bool,
}

fn room_at<I: WithFs>(node: &Node<I>) -> Room {
    let fs = I::fs();
    Room { space: fs.space(node), filesystem: fs.device(node), is_fixed: !fs.is_writable(node) }
}

unsafe fn by_path<I: WithFs>(path: *const c_char) -> Result<Room, Errno> {
    // SAFETY: forwarded to the caller.
    let path = unsafe { user::path(path) }?;
    Ok(room_at::<I>(&see::<I>(libc::AT_FDCWD, path, Follow::Yes)?))
}

fn by_descriptor<I: WithFs>(fd: c_int) -> Result<Room, Errno> {
    let file: FileRef = table::get::<I>(fd)?;
    let any: &dyn Any = &*file;
    let node = any.downcast_ref::<Regular<I>>().map(Regular::node);
    let node = node.or_else(|| any.downcast_ref::<Directory<I>>().map(|directory| &directory.node));
    node.map(room_at::<I>).ok_or(Errno(libc::ENOSYS))
}

impl Room {
    fn flags(&self) -> u64 {
        if self.is_fixed { libc::ST_RDONLY } else { 0 }
    }

    fn to_statfs(&self) -> libc::statfs64 {
        // SAFETY: a structure of integers, for which all zeroes is a value.
        let mut status: libc::statfs64 = unsafe { core::mem::zeroed() };
        status.f_bsize = BLOCK as _;
        status.f_frsize = BLOCK as _;
        status.f_blocks = self.space.total_bytes / BLOCK;
        status.f_bfree = self.space.free_bytes / BLOCK;
        status.f_bavail = status.f_bfree;
        status.f_namelen = NAME_MAX as _;
        status.f_flags = self.flags() as _;
        status
    }

    fn to_statvfs(&self) -> libc::statvfs64 {
        // SAFETY: as above.
        let mut status: libc::statvfs64 = unsafe { core::mem::zeroed() };
        status.f_bsize = BLOCK;
        status.f_frsize = BLOCK;
        status.f_blocks = self.space.total_bytes / BLOCK;
        status.f_bfree = self.space.free_bytes / BLOCK;
        status.f_bavail = status.f_bfree;
        status.f_fsid = self.filesystem.into();
        status.f_flag = self.flags();
        status.f_namemax = NAME_MAX as u64;
        status
    }
}

/// `statfs64`
///
/// # Safety
/// As the C function.
pub unsafe fn statfs<I: WithFs>(path: *const c_char, status: *mut libc::statfs64) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(unsafe { by_path::<I>(path).and_then(|room| user::store(status, room.to_statfs())) })
}

/// `fstatfs64`
///
/// # Safety
/// As the C function.
pub unsafe fn fstatfs<I: WithFs>(fd: c_int, status: *mut libc::statfs64) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(by_descriptor::<I>(fd).and_then(|room| unsafe { user::store(status, room.to_statfs()) }))
}

/// `statvfs64`
///
/// # Safety
/// As the C function.
pub unsafe fn statvfs<I: WithFs>(path: *const c_char, status: *mut libc::statvfs64) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(unsafe { by_path::<I>(path).and_then(|room| user::store(status, room.to_statvfs())) })
}

/// `fstatvfs64`
///
/// # Safety
/// As the C function.
pub unsafe fn fstatvfs<I: WithFs>(fd: c_int, status: *mut libc::statvfs64) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(by_descriptor::<I>(fd).and_then(|room| unsafe { user::store(status, room.to_statvfs()) }))
}
