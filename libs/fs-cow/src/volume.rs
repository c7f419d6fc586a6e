//! Transactions: what an operation may take, when it is committed, and what happens when one fails in its middle.

use crate::cache::buffer;
use crate::items::{INODE_MAX, Inode, Item, ROOT, key};
use crate::layout::BLOCK_BYTES;
use crate::open::{Held, Table};
use crate::store::{MountError, Store};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use kit_iface_block::{BlockDevice, Disk};
use kit_iface_fs::{FsError, NodeKind, Space};

/// Places in the tree that the largest operation changes: a rename that replaces a directory. Items that are
/// neighbours, such as the extents that a write replaces, are one or two places.
const PATHS: u64 = 8;
/// Leaves that an operation splits at most: by the sixteen pieces of a symlink's target, and its name.
const SPLITS: u64 = 4;

/// What an operation does to the number of free blocks in the end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It may take some for good: it leaves enough for a removal.
    Grow,
    /// It gives some back, and may use the last ones on the way.
    Shrink,
}

/// A mounted filesystem.
pub struct Volume<D: 'static> {
    /// The tree and what is below.
    pub store: Store<D>,
    /// Nodes that are held.
    pub open: Table,
    /// Nodes without a name; those that nobody holds any more are removed by the next change.
    pub orphans: Vec<u64>,
    /// Where the last data went.
    pub goal: u64,
    /// One block to put partial writes together.
    pub scratch: Box<[u8]>,
    commit_after_ns: u64,
    changed_at_ns: u64,
    /// A change failed in its middle: what is in memory must not reach the disk.
    is_torn: bool,
}

impl<D: BlockDevice> Volume<D> {
    /// Mounts a disk, formats it if it is blank, and removes what a power cut left without names.
    pub fn mount(
        device: &'static D,
        disk: Disk,
        cache_blocks: usize,
        commit_after_ns: u64,
    ) -> Result<Self, MountError> {
        let store = Store::mount(device, disk, cache_blocks, true)?;
        let scratch = buffer(1).ok_or(FsError::NoSpace)?;
        let mut volume = Self {
            store,
            open: Table::default(),
            orphans: Vec::new(),
            goal: 0,
            scratch,
            commit_after_ns,
            changed_at_ns: 0,
            is_torn: false,
        };
        if volume.store.root.address == 0 && !volume.store.disk.is_read_only {
            let root = Inode::new(NodeKind::Directory, 0o755, ROOT, kit_iface_clock::wall_ns());
            volume.begin(0, Purpose::Grow)?;
            volume.apply(|volume| volume.put_inode(ROOT, &root))?;
        }
        if !volume.store.disk.is_read_only {
            volume.remove_orphans()?;
        }
        Ok(volume)
    }

    /// Prepares a change that takes up to `data` blocks for contents: [`FsError::NoSpace`] says that it does not fit,
    /// and nothing has changed. Commits what is older than the limit, and whatever must be committed to get at
    /// blocks that were freed.
    pub fn begin(&mut self, data: u64, purpose: Purpose) -> Result<(), FsError> {
        if self.store.disk.is_read_only {
            return Err(FsError::ReadOnly);
        }
        if self.is_torn || self.store.disk.is_broken {
            return Err(FsError::Device);
        }
        let now = kit_iface_clock::monotonic_ns();
        if !self.store.is_changed {
            self.changed_at_ns = now;
        } else if now - self.changed_at_ns > self.commit_after_ns {
            self.commit()?;
            self.changed_at_ns = now;
        }
        let worst = self.worst_case();
        let need = if purpose == Purpose::Grow { 2 * worst + data } else { worst };
        if self.store.available() < need && self.store.free() > self.store.available() {
            self.commit()?;
        }
        if self.store.available() < need { Err(FsError::NoSpace) } else { Ok(()) }
    }

    /// Blocks of the tree that one change takes at most: a copy of every node on its paths, of which there are no
    /// more than nodes, and what splits. Never less than for a tree of two leaves, so that growing to one does not
    /// make a full disk overfull.
    fn worst_case(&mut self) -> u64 {
        let levels = u64::from(self.store.levels).max(2);
        (PATHS * levels).min(self.store.nodes_at_most().max(3)) + SPLITS * levels + 1
    }

    /// How large it is, and how much of that files can still take.
    pub fn room(&mut self) -> Space {
        let kept = 2 * self.worst_case();
        let bytes = |blocks: u64| blocks * BLOCK_BYTES as u64;
        let total_bytes = bytes(self.store.committed.blocks);
        Space { total_bytes, free_bytes: bytes(self.store.free().saturating_sub(kept)) }
    }

    /// Carries out a change that [`Volume::begin`] has made room for and whose reasons to be refused were checked.
    /// Fails only where the disk or memory does, and then for good: the disk keeps the last commit.
    pub fn apply<R>(&mut self, change: impl FnOnce(&mut Self) -> Result<R, FsError>) -> Result<R, FsError> {
        let result = change(self);
        if result.is_err() && !self.is_torn {
            self.is_torn = true;
            kit_iface_console::log_str(
                "kit: fs-cow: the disk or memory failed during a change; the filesystem can only be read until it \
                 is mounted again\n",
            );
        }
        result
    }

    /// Makes everything durable.
    pub fn commit(&mut self) -> Result<(), FsError> {
        if self.is_torn { Err(FsError::Device) } else { self.store.commit() }
    }

    /// A number for a new node.
    pub fn new_number(&mut self) -> Result<u64, FsError> {
        let number = self.store.next_inode;
        if number > INODE_MAX {
            return Err(FsError::NoSpace);
        }
        self.store.next_inode += 1;
        Ok(number)
    }

    /// What is known about node `number`.
    pub fn inode(&mut self, number: u64) -> Result<Inode, FsError> {
        if let Some(held) = self.open.get(number) {
            return Ok(held.inode());
        }
        let entry = self.store.get(key(number, Item::Inode, 0))?;
        entry.and_then(|entry| Inode::decode(entry.value())).ok_or(FsError::Corrupt)
    }

    /// Stores what is known about node `number`.
    pub fn put_inode(&mut self, number: u64, inode: &Inode) -> Result<(), FsError> {
        self.store.put(key(number, Item::Inode, 0), &inode.encode())?;
        self.open.update(number, inode);
        Ok(())
    }

    /// Holds node `number`.
    pub fn hold(&mut self, number: u64) -> Result<Arc<Held>, FsError> {
        if let Some(held) = self.open.get(number) {
            return Ok(held);
        }
        let inode = self.inode(number)?;
        Ok(self.open.insert(number, inode))
    }
}
