//! An open file of the filesystem: a node and a position.

use crate::Errno;
use crate::fd::file::{read_each, write_each};
use crate::fd::{File, Status};
use crate::files::locks::{self, Owner};
use crate::files::{Node, errno_of};
use crate::user::{Source, Target};
use core::ffi::c_int;
use core::sync::atomic::{AtomicI32, Ordering};
use kit_iface_fs::{Change, FileSystem};
use kit_iface_image::WithFs;
use kit_util_sync::SleepLock;

/// An open file.
pub struct Regular<I: WithFs> {
    node: Node<I>,
    flags: AtomicI32,
    /// Held through each call that uses it: two threads that read get different bytes.
    position: SleepLock<u64>,
    owner: Owner,
}

impl<I: WithFs> Regular<I> {
    /// Opens `node`, which is a file, at its beginning.
    pub fn new(node: Node<I>, flags: c_int) -> Self {
        Self { node, flags: AtomicI32::new(flags), position: SleepLock::new(0), owner: Owner::new() }
    }

    /// The file.
    pub fn node(&self) -> &Node<I> {
        &self.node
    }

    fn read_from(&self, position: &mut u64, buffer: &mut [u8]) -> Result<usize, Errno> {
        let count = self.read_at(*position, buffer)?;
        *position += count as u64;
        Ok(count)
    }

    fn write_from(&self, position: &mut u64, bytes: &[u8]) -> Result<usize, Errno> {
        if self.flags.load(Ordering::Relaxed) & libc::O_APPEND != 0 {
            *position = I::fs().append(&self.node, bytes).map_err(errno_of)?;
            return Ok(bytes.len());
        }
        let count = self.write_at(*position, bytes)?;
        *position += count as u64;
        Ok(count)
    }
}

impl<I: WithFs> Drop for Regular<I> {
    fn drop(&mut self) {
        locks::release(&self.owner);
    }
}

impl<I: WithFs> File for Regular<I> {
    fn flags(&self) -> &AtomicI32 {
        &self.flags
    }

    fn status(&self) -> Status {
        Status::of_node(I::fs(), &self.node)
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        self.read_from(&mut self.position.lock(), buffer)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        self.write_from(&mut self.position.lock(), bytes)
    }

    fn read_vectored(&self, targets: &mut [Target<'_>]) -> Result<usize, Errno> {
        let mut position = self.position.lock();
        read_each(targets, &mut |target| self.read_from(&mut position, target))
    }

    fn write_vectored(&self, sources: &[Source<'_>]) -> Result<usize, Errno> {
        let mut position = self.position.lock();
        write_each(sources, &mut |source| self.write_from(&mut position, source))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Errno> {
        I::fs().read(&self.node, offset, buffer).map_err(errno_of)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<usize, Errno> {
        I::fs().write(&self.node, offset, bytes).map_err(errno_of)
    }

    fn seek(&self, offset: i64, whence: c_int) -> Result<u64, Errno> {
        let mut position = self.position.lock();
        let size = || I::fs().metadata(&self.node).size;
        let base = match whence {
            libc::SEEK_SET => 0,
            libc::SEEK_CUR => *position,
            libc::SEEK_END => size(),
            // Without a map of holes a file is all data, with a hole at its end (lseek(2)).
            libc::SEEK_DATA | libc::SEEK_HOLE if offset < 0 || offset as u64 >= size() => {
                return Err(Errno(libc::ENXIO));
            }
            libc::SEEK_DATA => 0,
            libc::SEEK_HOLE => {
                *position = size();
                return Ok(*position);
            }
            _ => return Err(Errno(libc::EINVAL)),
        };
        let moved = base.checked_add_signed(offset).filter(|moved| *moved <= i64::MAX as u64);
        *position = moved.ok_or(Errno(libc::EINVAL))?;
        Ok(*position)
    }

    fn truncate(&self, size: u64) -> Result<(), Errno> {
        I::fs().truncate(&self.node, size).map_err(errno_of)
    }

    fn sync(&self) -> Result<(), Errno> {
        I::fs().sync(&self.node).map_err(errno_of)
    }

    fn change(&self, change: Change) -> Result<(), Errno> {
        I::fs().change(&self.node, change).map_err(errno_of)
    }

    fn lock(&self, operation: c_int) -> Result<(), Errno> {
        let Status { filesystem, inode, .. } = self.status();
        locks::lock(&self.owner, (filesystem, inode), operation)
    }

    fn readable_bytes(&self) -> Result<usize, Errno> {
        Ok(self.status().size.saturating_sub(*self.position.lock()) as usize)
    }
}
