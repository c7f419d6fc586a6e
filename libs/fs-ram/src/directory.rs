//! One directory: an index by name over a table of slots.
//!
//! A reader's cursor is a slot number, so it stays meaningful while names come and go: an entry never moves
//! from its slot, and a freed slot is used again only for a name that is new. (A cursor that counts entries in
//! name order, as `readdir` of a sorted map would, skips or repeats names when others are removed.)

use crate::inode::Inode;
use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use kit_iface_fs::{FsError, NAME_MAX, NodeKind, Visit};

/// Names and what they mean.
pub struct Directory {
    by_name: BTreeMap<Arc<[u8]>, u32>,
    slots: Vec<Option<Entry>>,
    free: Vec<u32>,
    subdirectories: u32,
    /// The directory that this one is in; the root is in itself.
    pub parent: Weak<Inode>,
    /// Set by `rmdir`: nothing may be made in a directory that has no name.
    pub is_removed: bool,
}

struct Entry {
    name: Arc<[u8]>,
    node: Arc<Inode>,
}

impl Directory {
    /// An empty directory in `parent`.
    pub fn new(parent: Weak<Inode>) -> Self {
        Self {
            by_name: BTreeMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            subdirectories: 0,
            parent,
            is_removed: false,
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// How many of them are directories.
    pub fn subdirectories(&self) -> u32 {
        self.subdirectories
    }

    /// What `name` means.
    pub fn get(&self, name: &[u8]) -> Option<&Arc<Inode>> {
        let slot = *self.by_name.get(name)?;
        self.slots[slot as usize].as_ref().map(|entry| &entry.node)
    }

    /// Whether `name` could be made here.
    pub fn check_new(&self, name: &[u8]) -> Result<(), FsError> {
        check_name(name)?;
        if self.is_removed {
            return Err(FsError::NotFound);
        }
        if self.by_name.contains_key(name) { Err(FsError::Exists) } else { Ok(()) }
    }

    /// Gives `node` a name that [`Directory::check_new`] accepted.
    pub fn insert(&mut self, name: &[u8], node: Arc<Inode>) -> Result<(), FsError> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.try_reserve(1).map_err(|_| FsError::NoSpace)?;
                // One place in the list of free slots for each slot, so that a removal never allocates.
                self.free.try_reserve(self.slots.len() + 1).map_err(|_| FsError::NoSpace)?;
                self.slots.push(None);
                self.slots.len() as u32 - 1
            }
        };
        self.subdirectories += u32::from(node.kind() == NodeKind::Directory);
        let name: Arc<[u8]> = name.into();
        self.slots[slot as usize] = Some(Entry { name: name.clone(), node });
        self.by_name.insert(name, slot);
        Ok(())
    }

    /// Takes a name away.
    pub fn remove(&mut self, name: &[u8]) -> Option<Arc<Inode>> {
        let slot = self.by_name.remove(name)?;
        let entry = self.slots[slot as usize].take()?;
        self.subdirectories -= u32::from(entry.node.kind() == NodeKind::Directory);
        self.free.push(slot);
        Some(entry.node)
    }

    /// Calls what `from` means `to` instead of whatever that meant; both in this directory.
    pub fn rename(&mut self, from: &[u8], to: &[u8]) -> Result<(), FsError> {
        if from == to {
            return Ok(());
        }
        let node = self.remove(from).ok_or(FsError::NotFound)?;
        self.remove(to);
        // A slot has just become free: nothing is left to fail.
        self.insert(to, node)
    }

    /// Visits the entries behind `cursor`; see [`FileSystem::read_directory`].
    ///
    /// [`FileSystem::read_directory`]: kit_iface_fs::FileSystem::read_directory
    pub fn visit(&self, cursor: u64, visit: &mut Visit<'_>) {
        let first = usize::try_from(cursor).unwrap_or(usize::MAX);
        for (slot, entry) in self.slots.iter().enumerate().skip(first) {
            if let Some(Entry { name, node }) = entry
                && !visit(slot as u64 + 1, name, node.number, node.kind())
            {
                return;
            }
        }
    }
}

/// Refuses what is not a name.
pub fn check_name(name: &[u8]) -> Result<(), FsError> {
    if name.len() > NAME_MAX {
        return Err(FsError::NameTooLong);
    }
    let is_illegal =
        name.is_empty() || name == b"." || name == b".." || name.iter().any(|b| matches!(b, b'/' | 0));
    if is_illegal { Err(FsError::Invalid) } else { Ok(()) }
}
