//! A node: a descriptor of the host's kernel.

use core::ffi::CStr;
use kit_iface_fs::{FsError, Metadata, NodeKind};
use kit_util_linux::folders::{self, Status};
use kit_util_linux::{Errno, close};
use kit_util_sync::SleepLock;
use libc::{O_DIRECTORY, O_NONBLOCK, O_PATH, O_RDONLY, O_RDWR};

/// A node in use. Dropping it closes its descriptor.
pub struct Inode {
    pub(crate) descriptor: i32,
    pub(crate) kind: NodeKind,
    /// The descriptor's own place, which listing a directory moves.
    pub(crate) listing: SleepLock<()>,
}

impl Drop for Inode {
    fn drop(&mut self) {
        let _ = close(self.descriptor);
    }
}

/// What a failed call means.
pub fn failure(errno: Errno) -> FsError {
    FsError::of_linux(errno.0.unsigned_abs())
}

impl Inode {
    /// The node of a descriptor.
    pub fn of(descriptor: i32) -> Result<Self, FsError> {
        let status = folders::status(descriptor).map_err(failure);
        let status = status.inspect_err(|_| _ = close(descriptor))?;
        Ok(Self { descriptor, kind: kind_of(&status), listing: SleepLock::new(()) })
    }

    /// Opens the node that `name` leads to from the descriptor of a directory, for as much as is allowed.
    pub fn open(directory: i32, name: &CStr) -> Result<Self, FsError> {
        let found = Self::of(folders::open_at(directory, name, O_PATH, 0).map_err(failure)?)?;
        let attempts: &[i32] = match found.kind {
            NodeKind::Directory => &[O_RDONLY | O_DIRECTORY],
            // Not to wait where somebody has put a pipe in place of the file.
            NodeKind::File if found.is_plain()? => &[O_RDWR | O_NONBLOCK, O_RDONLY | O_NONBLOCK],
            _ => &[],
        };
        for flags in attempts {
            if let Ok(descriptor) = folders::open_at(directory, name, *flags, 0) {
                return Self::of(descriptor);
            }
        }
        // It can be looked at and not be read: links, and what this user may not open.
        Ok(found)
    }

    fn is_plain(&self) -> Result<bool, FsError> {
        Ok(u32::from(self.status()?.stx_mode) & libc::S_IFMT == libc::S_IFREG)
    }

    /// What the kernel knows about it.
    pub fn status(&self) -> Result<Status, FsError> {
        folders::status(self.descriptor).map_err(failure)
    }

    /// Whether this and the other are one node.
    pub fn is(&self, other: &Self) -> bool {
        let same = |one: &Status, other: &Status| {
            let number = |status: &Status| (status.stx_dev_major, status.stx_dev_minor, status.stx_ino);
            number(one) == number(other)
        };
        matches!((self.status(), other.status()), (Ok(one), Ok(other)) if same(&one, &other))
    }

    /// What the slot wants to know about it.
    pub fn metadata(&self) -> Metadata {
        let Ok(status) = self.status() else {
            // A descriptor that is open always has an answer; this one is for a kernel that knows no `statx`.
            return Metadata {
                inode: u64::MAX,
                kind: self.kind,
                mode: 0,
                links: 0,
                size: 0,
                stored_bytes: 0,
                accessed_ns: 0,
                modified_ns: 0,
                changed_ns: 0,
            };
        };
        let time = |time: &libc::statx_timestamp| {
            let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
            seconds.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec.into())
        };
        // A folder may have others of the host's filesystems mounted in it.
        let device = u64::from(status.stx_dev_major) << 20 | u64::from(status.stx_dev_minor);
        Metadata {
            inode: (status.stx_ino ^ device.rotate_right(20)).max(1),
            kind: self.kind,
            mode: status.stx_mode & 0o7777,
            links: status.stx_nlink,
            size: status.stx_size,
            stored_bytes: status.stx_blocks.saturating_mul(512),
            accessed_ns: time(&status.stx_atime),
            modified_ns: time(&status.stx_mtime),
            changed_ns: time(&status.stx_ctime),
        }
    }
}

fn kind_of(status: &Status) -> NodeKind {
    match u32::from(status.stx_mode) & libc::S_IFMT {
        libc::S_IFDIR => NodeKind::Directory,
        libc::S_IFLNK => NodeKind::Symlink,
        // Devices and pipes of the host are files that cannot be opened.
        _ => NodeKind::File,
    }
}
