//! The copy-on-write B+tree (Rodeh, "B-trees, Shadowing, and Clones", 2008): changing an item copies the path to it,
//! once in each transaction.
//!
//! Changes recurse at most [`LEVELS_MAX`] deep. An error in the middle of one leaves the tree in memory unusable and
//! that on the disk untouched; `volume` sees to it that the former never becomes the latter.

use crate::items::Entry;
use crate::node::{self, CAPACITY, Key, LEVELS_MAX, Pointer};
use crate::store::Store;
use kit_iface_block::BlockDevice;
use kit_iface_fs::FsError;

/// A node with fewer bytes looks for a neighbour to join.
const SPARSE: usize = CAPACITY / 4;

impl<D: BlockDevice> Store<D> {
    /// An upper bound of the number of nodes, good where there are few.
    pub fn nodes_at_most(&mut self) -> u64 {
        match self.levels {
            0 | 1 => 1,
            2 => self
                .cache
                .node(&mut self.disk, self.root)
                .map_or(u64::MAX, |root| 1 + node::count(root) as u64),
            _ => u64::MAX,
        }
    }

    /// The item with `key`.
    pub fn get(&mut self, key: Key) -> Result<Option<Entry>, FsError> {
        Ok(self.at_least(key)?.filter(|entry| entry.key == key))
    }

    /// The first item whose key is not less than `key`.
    pub fn at_least(&mut self, mut key: Key) -> Result<Option<Entry>, FsError> {
        loop {
            let mut bound = None;
            let leaf = match self.leaf(key, |block, slot| {
                if slot + 1 < node::count(block) {
                    bound = Some(node::key(block, slot + 1));
                }
            })? {
                Some(leaf) => leaf,
                None => return Ok(None),
            };
            let block = self.cache.node(&mut self.disk, leaf)?;
            let slot = node::find(block, key).unwrap_or_else(|slot| slot);
            if slot < node::count(block) {
                return Ok(Some(Entry::new(node::key(block, slot), node::value(block, slot))));
            }
            match bound {
                // Keys ascend from leaf to leaf; a tree in which they do not would be walked for ever.
                Some(next) if next > key => key = next,
                Some(_) => return Err(FsError::Corrupt),
                None => return Ok(None),
            }
        }
    }

    /// The last item whose key is not greater than `key`.
    pub fn at_most(&mut self, mut key: Key) -> Result<Option<Entry>, FsError> {
        loop {
            let mut bound = None;
            let leaf = match self.leaf(key, |block, slot| {
                if slot > 0 {
                    bound = Some(node::key(block, slot));
                }
            })? {
                Some(leaf) => leaf,
                None => return Ok(None),
            };
            let block = self.cache.node(&mut self.disk, leaf)?;
            let slot = match node::find(block, key) {
                Ok(slot) => Some(slot),
                Err(slot) => slot.checked_sub(1),
            };
            if let Some(slot) = slot {
                return Ok(Some(Entry::new(node::key(block, slot), node::value(block, slot))));
            }
            match bound.and_then(|bound: Key| bound.checked_sub(1)) {
                Some(before) if before < key => key = before,
                _ => return Ok(None),
            }
        }
    }

    /// Walks to the leaf below which `key` is and shows each inner node on the way, with the slot taken.
    fn leaf(&mut self, key: Key, mut visit: impl FnMut(&[u8], usize)) -> Result<Option<Pointer>, FsError> {
        if self.root.address == 0 {
            return Ok(None);
        }
        let mut at = self.root;
        for level in (0..self.levels).rev() {
            let block = self.cache.node(&mut self.disk, at)?;
            if node::level(block) != level {
                return Err(FsError::Corrupt);
            }
            if level == 0 {
                return Ok(Some(at));
            }
            let slot = node::descend(block, key);
            visit(block, slot);
            at = node::child(block, slot);
        }
        Err(FsError::Corrupt)
    }

    /// Changes bytes of an existing value in place.
    pub fn patch(&mut self, key: Key, change: impl FnOnce(&mut [u8])) -> Result<(), FsError> {
        let mut at = self.own_root()?;
        for level in (0..self.levels).rev() {
            let block = self.cache.node_mut(&mut self.disk, at)?;
            if level == 0 {
                let slot = node::find(block, key).map_err(|_| FsError::Corrupt)?;
                change(node::value_mut(block, slot));
                return Ok(());
            }
            let slot = node::descend(block, key);
            at = self.own_child(at, slot)?;
        }
        Err(FsError::Corrupt)
    }

    /// Stores an item in place of what has its key.
    pub fn put(&mut self, key: Key, value: &[u8]) -> Result<(), FsError> {
        if self.root.address == 0 {
            self.root = self.new_node(0)?;
            self.levels = 1;
        }
        let root = self.own_root()?;
        let Some((separator, right)) = self.put_below(root, key, value)? else { return Ok(()) };
        if self.levels == LEVELS_MAX {
            return Err(FsError::NoSpace);
        }
        let first = node::key(self.cache.node(&mut self.disk, root)?, 0);
        let above = self.new_node(self.levels)?;
        let block = self.cache.node_mut(&mut self.disk, above)?;
        node::insert_child(block, 0, first, root);
        node::insert_child(block, 1, separator, right);
        self.root = above;
        self.levels += 1;
        Ok(())
    }

    /// Stores an item below a node of this transaction. Returns what was split off to the right.
    fn put_below(&mut self, at: Pointer, key: Key, value: &[u8]) -> Result<Option<(Key, Pointer)>, FsError> {
        let block = self.cache.node_mut(&mut self.disk, at)?;
        if node::level(block) > 0 {
            let slot = node::descend(block, key);
            // What is split off the first child must sort behind it.
            if key < node::key(block, slot) {
                node::set_key(block, slot, key);
            }
            let child = self.own_child(at, slot)?;
            let Some((separator, right)) = self.put_below(child, key, value)? else { return Ok(None) };
            return self.put_child(at, slot + 1, separator, right);
        }
        let slot = match node::find(block, key) {
            Ok(slot) if node::value(block, slot).len() == value.len() => {
                node::value_mut(block, slot).copy_from_slice(value);
                return Ok(None);
            }
            Ok(slot) => {
                node::remove(block, slot);
                slot
            }
            Err(slot) => slot,
        };
        if node::has_room(block, value.len()) {
            node::insert(block, slot, key, value);
            return Ok(None);
        }
        let point = node::split_point(block, slot);
        let right = self.split(at, point)?;
        let (at, slot) = if slot < point { (at, slot) } else { (right, slot - point) };
        node::insert(self.cache.node_mut(&mut self.disk, at)?, slot, key, value);
        let separator = node::key(self.cache.node(&mut self.disk, right)?, 0);
        Ok(Some((separator, right)))
    }

    /// Enters a child into an inner node of this transaction. Returns what was split off to the right.
    fn put_child(
        &mut self,
        at: Pointer,
        slot: usize,
        key: Key,
        child: Pointer,
    ) -> Result<Option<(Key, Pointer)>, FsError> {
        let block = self.cache.node_mut(&mut self.disk, at)?;
        if !node::is_full(block) {
            node::insert_child(block, slot, key, child);
            return Ok(None);
        }
        let count = node::count(block);
        let point = if slot == count { count - 1 } else { count / 2 };
        let right = self.split(at, point)?;
        let (into, slot) = if slot <= point { (at, slot) } else { (right, slot - point) };
        node::insert_child(self.cache.node_mut(&mut self.disk, into)?, slot, key, child);
        let separator = node::key(self.cache.node(&mut self.disk, right)?, 0);
        Ok(Some((separator, right)))
    }

    /// Moves the slots from `point` on to a new node.
    fn split(&mut self, at: Pointer, point: usize) -> Result<Pointer, FsError> {
        let level = node::level(self.cache.node(&mut self.disk, at)?);
        let right = self.new_node(level)?;
        let mut block = [0; crate::layout::BLOCK_BYTES];
        node::clear(&mut block, right, level);
        node::move_tail(self.cache.node_mut(&mut self.disk, at)?, point, &mut block);
        self.cache.node_mut(&mut self.disk, right)?.copy_from_slice(&block);
        Ok(right)
    }

    /// Removes an item, if it is there.
    pub fn remove(&mut self, key: Key) -> Result<(), FsError> {
        if self.get(key)?.is_none() {
            return Ok(());
        }
        let root = self.own_root()?;
        self.remove_below(root, key)?;
        // A root with one child gives its place to it.
        while self.levels > 1 {
            let block = self.cache.node(&mut self.disk, self.root)?;
            if node::count(block) != 1 {
                break;
            }
            let child = node::child(block, 0);
            self.give(self.root.address, 1)?;
            self.root = child;
            self.levels -= 1;
        }
        Ok(())
    }

    fn remove_below(&mut self, at: Pointer, key: Key) -> Result<(), FsError> {
        let block = self.cache.node_mut(&mut self.disk, at)?;
        if node::level(block) == 0 {
            let slot = node::find(block, key).map_err(|_| FsError::Corrupt)?;
            node::remove(block, slot);
            return Ok(());
        }
        let slot = node::descend(block, key);
        let child = self.own_child(at, slot)?;
        self.remove_below(child, key)?;
        let used = node::used(self.cache.node(&mut self.disk, child)?);
        if used == 0 {
            node::remove_child(self.cache.node_mut(&mut self.disk, at)?, slot);
            return self.give(child.address, 1);
        }
        if used < SPARSE { self.join(at, slot, used) } else { Ok(()) }
    }

    /// Joins the sparse child in `slot` with a neighbour, if both fit into one node.
    fn join(&mut self, at: Pointer, slot: usize, used: usize) -> Result<(), FsError> {
        let count = node::count(self.cache.node(&mut self.disk, at)?);
        for (left, neighbour) in [(slot, slot + 1), (slot.wrapping_sub(1), slot.wrapping_sub(1))] {
            if neighbour >= count || left + 1 >= count {
                continue;
            }
            let block = self.cache.node(&mut self.disk, at)?;
            let (neighbour, right) = (node::child(block, neighbour), node::child(block, left + 1));
            // Joining is for tidiness: a neighbour that cannot be read is left alone.
            let Ok(block) = self.cache.node(&mut self.disk, neighbour) else { continue };
            if node::used(block) + used > CAPACITY {
                continue;
            }
            let left_node = self.own_child(at, left)?;
            let mut tail = [0; crate::layout::BLOCK_BYTES];
            tail.copy_from_slice(self.cache.node(&mut self.disk, right)?);
            node::copy_slots(&tail, 0, self.cache.node_mut(&mut self.disk, left_node)?);
            node::remove_child(self.cache.node_mut(&mut self.disk, at)?, left + 1);
            return self.give(right.address, 1);
        }
        Ok(())
    }

    fn new_node(&mut self, level: u8) -> Result<Pointer, FsError> {
        let (address, _) = self.take(self.root.address, 1)?;
        let at = Pointer { address, generation: self.generation() };
        node::clear(self.cache.new_node(&mut self.disk, address)?, at, level);
        Ok(at)
    }

    fn own_root(&mut self) -> Result<Pointer, FsError> {
        self.root = self.own(self.root)?;
        Ok(self.root)
    }

    /// Makes a child of a node of this transaction one too.
    fn own_child(&mut self, at: Pointer, slot: usize) -> Result<Pointer, FsError> {
        let child = node::child(self.cache.node(&mut self.disk, at)?, slot);
        let owned = self.own(child)?;
        if owned != child {
            node::set_child(self.cache.node_mut(&mut self.disk, at)?, slot, owned);
        }
        Ok(owned)
    }

    /// The copy of a node that this transaction may change: itself, if this transaction wrote it.
    fn own(&mut self, at: Pointer) -> Result<Pointer, FsError> {
        self.is_changed = true;
        if at.generation == self.generation() {
            return Ok(at);
        }
        let (address, _) = self.take(at.address, 1)?;
        let owned = Pointer { address, generation: self.generation() };
        self.cache.node(&mut self.disk, at)?;
        self.cache.move_node(at.address, address);
        node::set_pointer(self.cache.node_mut(&mut self.disk, owned)?, owned);
        self.give(at.address, 1)?;
        Ok(owned)
    }
}
