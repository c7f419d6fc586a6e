//! An open directory: a place to start paths from, and what `fdopendir` reads.

use crate::Errno;
use crate::fd::{File, FileRef, Status};
use crate::files::{Node, errno_of};
use alloc::sync::Arc;
use core::ffi::c_int;
use core::sync::atomic::AtomicI32;
use kit_iface_fs::{Change, FileSystem};
use kit_iface_image::WithFs;

/// An open directory.
pub struct Directory<I: WithFs> {
    /// The directory.
    pub node: Node<I>,
    flags: AtomicI32,
}

impl<I: WithFs> Directory<I> {
    /// Opens `node`, which is a directory.
    pub fn open(node: Node<I>, flags: c_int) -> FileRef {
        FileRef::Counted(Arc::new(Self { node, flags: AtomicI32::new(flags) }))
    }
}

impl<I: WithFs> File for Directory<I> {
    fn flags(&self) -> &AtomicI32 {
        &self.flags
    }

    fn status(&self) -> Status {
        Status::of_node(I::fs(), &self.node)
    }

    fn read(&self, _buffer: &mut [u8]) -> Result<usize, Errno> {
        Err(Errno(libc::EISDIR))
    }

    fn read_at(&self, _offset: u64, _buffer: &mut [u8]) -> Result<usize, Errno> {
        Err(Errno(libc::EISDIR))
    }

    fn sync(&self) -> Result<(), Errno> {
        I::fs().sync(&self.node).map_err(errno_of)
    }

    fn change(&self, change: Change) -> Result<(), Errno> {
        I::fs().change(&self.node, change).map_err(errno_of)
    }
}
