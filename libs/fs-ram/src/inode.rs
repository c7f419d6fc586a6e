//! One node: its number, what it is, and what is known about it.

use crate::contents::Contents;
use crate::directory::Directory;
use alloc::boxed::Box;
use kit_iface_fs::{Change, FsError, Metadata, NodeKind};
use kit_util_sync::{SleepGuard, SleepLock};

/// A file, directory or symbolic link, kept by the directories and the handles that name it.
pub struct Inode {
    /// Identifies the node.
    pub number: u64,
    /// What it is.
    pub body: Body,
    status: SleepLock<Status>,
}

/// What a node is, with what it holds.
pub enum Body {
    /// A file.
    File(SleepLock<Contents>),
    /// A directory.
    Directory(SleepLock<Directory>),
    /// A symbolic link's target.
    Symlink(Box<[u8]>),
    /// A device's number.
    Device(u32),
}

/// What changes about a node besides its contents.
struct Status {
    mode: u16,
    /// Names in directories.
    links: u32,
    accessed_ns: u64,
    modified_ns: u64,
    changed_ns: u64,
}

impl Inode {
    /// A node with one name.
    pub fn new(number: u64, body: Body, mode: u16) -> Self {
        let now = kit_iface_clock::wall_ns();
        let status = Status { mode, links: 1, accessed_ns: now, modified_ns: now, changed_ns: now };
        Self { number, body, status: SleepLock::new(status) }
    }

    /// What it is.
    pub fn kind(&self) -> NodeKind {
        match self.body {
            Body::File(_) => NodeKind::File,
            Body::Directory(_) => NodeKind::Directory,
            Body::Symlink(_) => NodeKind::Symlink,
            Body::Device(number) => NodeKind::Device(number),
        }
    }

    /// Locks a file's contents.
    pub fn contents(&self) -> Result<SleepGuard<'_, Contents>, FsError> {
        match &self.body {
            Body::File(contents) => Ok(contents.lock()),
            Body::Directory(_) => Err(FsError::IsADirectory),
            Body::Symlink(_) | Body::Device(_) => Err(FsError::Invalid),
        }
    }

    /// Locks a directory's entries.
    pub fn directory(&self) -> Result<SleepGuard<'_, Directory>, FsError> {
        match &self.body {
            Body::Directory(directory) => Ok(directory.lock()),
            _ => Err(FsError::NotADirectory),
        }
    }

    /// Records that the contents changed now.
    pub fn touch(&self) {
        let now = kit_iface_clock::wall_ns();
        let mut status = self.status.lock();
        status.modified_ns = now;
        status.changed_ns = now;
    }

    /// Counts one name more. A node that lost its last name stays without.
    pub fn add_link(&self) -> Result<(), FsError> {
        let now = kit_iface_clock::wall_ns();
        let mut status = self.status.lock();
        if status.links == 0 {
            return Err(FsError::NotFound);
        }
        status.links = status.links.checked_add(1).ok_or(FsError::TooManyLinks)?;
        status.changed_ns = now;
        Ok(())
    }

    /// Counts one name less.
    pub fn remove_link(&self) {
        let now = kit_iface_clock::wall_ns();
        let mut status = self.status.lock();
        status.links = status.links.saturating_sub(1);
        status.changed_ns = now;
    }

    /// See [`kit_iface_fs::FileSystem::change`].
    pub fn change(&self, change: Change) {
        let now = kit_iface_clock::wall_ns();
        let mut status = self.status.lock();
        status.mode = change.mode.unwrap_or(status.mode) & 0o7777;
        status.accessed_ns = change.accessed_ns.unwrap_or(status.accessed_ns);
        status.modified_ns = change.modified_ns.unwrap_or(status.modified_ns);
        status.changed_ns = now;
    }

    /// See [`kit_iface_fs::FileSystem::metadata`].
    pub fn metadata(&self) -> Metadata {
        let (size, stored_bytes, subdirectories) = match &self.body {
            Body::File(contents) => {
                let contents = contents.lock();
                (contents.size(), contents.stored(), 0)
            }
            Body::Directory(directory) => {
                let directory = directory.lock();
                // A directory that has a name is called by it, by its own "." and by each child's "..".
                (directory.len() as u64, 0, 1 + directory.subdirectories())
            }
            Body::Symlink(target) => (target.len() as u64, 0, 0),
            Body::Device(_) => (0, 0, 0),
        };
        let status = self.status.lock();
        Metadata {
            inode: self.number,
            kind: self.kind(),
            mode: status.mode,
            links: if status.links == 0 { 0 } else { status.links + subdirectories },
            size,
            stored_bytes,
            accessed_ns: status.accessed_ns,
            modified_ns: status.modified_ns,
            changed_ns: status.changed_ns,
        }
    }
}
