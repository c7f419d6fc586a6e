//! What is known about a file, on its way to the C structures that say so.

use kit_iface_fs::{FileSystem, NodeKind};

/// The block size that programs are told to use.
pub const BLOCK: u64 = 4096;

/// The contents of `struct stat`, as far as they mean anything here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Status {
    /// Kind and permission bits (`S_IFREG | 0o644`).
    pub mode: u32,
    /// The filesystem that the node is in; 0 where there is none.
    pub filesystem: u32,
    /// Number of the node; 0 where there is none.
    pub inode: u64,
    /// Names.
    pub links: u32,
    /// Bytes.
    pub size: u64,
    /// Bytes of storage.
    pub stored_bytes: u64,
    /// Number of the device that a device file is.
    pub device: u32,
    /// Last read.
    pub accessed_ns: u64,
    /// Last change of the contents.
    pub modified_ns: u64,
    /// Last change of anything.
    pub changed_ns: u64,
}

impl Status {
    /// The status of something that has no name: a pipe, a socket, a device.
    pub const fn nameless(mode: u32) -> Self {
        Self {
            mode,
            filesystem: 0,
            inode: 0,
            links: 1,
            size: 0,
            stored_bytes: 0,
            device: 0,
            accessed_ns: 0,
            modified_ns: 0,
            changed_ns: 0,
        }
    }

    /// The status of a node.
    pub fn of_node<F: FileSystem>(fs: &F, node: &F::Node) -> Self {
        let metadata = fs.metadata(node);
        let (kind, device) = match metadata.kind {
            NodeKind::File => (libc::S_IFREG, 0),
            NodeKind::Directory => (libc::S_IFDIR, 0),
            NodeKind::Symlink => (libc::S_IFLNK, 0),
            NodeKind::Device(number) => (libc::S_IFCHR, number),
        };
        Self {
            mode: kind | u32::from(metadata.mode),
            filesystem: fs.device(node),
            inode: metadata.inode,
            links: metadata.links,
            size: metadata.size,
            stored_bytes: metadata.stored_bytes,
            device,
            accessed_ns: metadata.accessed_ns,
            modified_ns: metadata.modified_ns,
            changed_ns: metadata.changed_ns,
        }
    }

    /// As `struct stat64`.
    pub fn to_stat(&self) -> libc::stat64 {
        // SAFETY: a structure of integers, for which all zeroes is a value.
        let mut stat: libc::stat64 = unsafe { core::mem::zeroed() };
        stat.st_dev = self.filesystem.into();
        stat.st_ino = self.inode;
        stat.st_nlink = self.links.into();
        stat.st_mode = self.mode;
        stat.st_rdev = self.device.into();
        stat.st_size = self.size as i64;
        stat.st_blksize = BLOCK as i64;
        stat.st_blocks = self.stored_bytes.div_ceil(512) as i64;
        (stat.st_atime, stat.st_atime_nsec) = split(self.accessed_ns);
        (stat.st_mtime, stat.st_mtime_nsec) = split(self.modified_ns);
        (stat.st_ctime, stat.st_ctime_nsec) = split(self.changed_ns);
        stat
    }

    /// As `struct statx` with the basic fields.
    pub fn to_statx(&self) -> libc::statx {
        // SAFETY: a structure of integers, for which all zeroes is a value.
        let mut statx: libc::statx = unsafe { core::mem::zeroed() };
        statx.stx_mask = libc::STATX_BASIC_STATS;
        statx.stx_blksize = BLOCK as u32;
        statx.stx_nlink = self.links;
        statx.stx_mode = self.mode as u16;
        statx.stx_ino = self.inode;
        statx.stx_size = self.size;
        statx.stx_blocks = self.stored_bytes.div_ceil(512);
        statx.stx_rdev_major = self.device >> 8;
        statx.stx_rdev_minor = self.device & 0xff;
        statx.stx_dev_minor = self.filesystem;
        for (time, ns) in [
            (&mut statx.stx_atime, self.accessed_ns),
            (&mut statx.stx_mtime, self.modified_ns),
            (&mut statx.stx_ctime, self.changed_ns),
        ] {
            let (seconds, rest) = split(ns);
            time.tv_sec = seconds;
            time.tv_nsec = rest as u32;
        }
        statx
    }
}

/// Whole seconds and the nanoseconds over.
fn split(ns: u64) -> (i64, i64) {
    ((ns / 1_000_000_000) as i64, (ns % 1_000_000_000) as i64)
}
