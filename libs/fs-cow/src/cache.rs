//! Blocks in memory, by their place on the disk: a fixed number, replaced by second chance (Corbató 1968).
//!
//! A dirty block is always one that the last commit does not use, so it may be written at any time and in any
//! order. When one has to give way all dirty ones are written, neighbours in one transfer.

use crate::checksum::checksum;
use crate::disk::Blocks;
use crate::layout::BLOCK_BYTES;
use crate::node::{self, Pointer};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use kit_iface_block::BlockDevice;
use kit_iface_fs::FsError;

/// Blocks of one transfer at most.
const TRANSFER_BLOCKS: usize = 16;
/// The fewest blocks a cache works with: a path of the tree and what it splits into.
pub const LEAST_BLOCKS: usize = 32;

/// What a cached block is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Node,
    Data,
}

struct Slot {
    block: u64,
    bytes: Box<[u8]>,
    content: Content,
    is_dirty: bool,
    is_recent: bool,
}

/// The cache.
pub struct Cache {
    slots: Vec<Slot>,
    by_block: BTreeMap<u64, usize>,
    /// Slots that hold nothing.
    free: Vec<usize>,
    hand: usize,
    limit: usize,
    transfer: Box<[u8]>,
}

impl Cache {
    /// A cache of up to `limit` blocks.
    pub fn new(limit: usize) -> Result<Self, FsError> {
        let limit = limit.max(LEAST_BLOCKS);
        let (mut slots, mut free) = (Vec::new(), Vec::new());
        slots.try_reserve(limit).map_err(|_| FsError::NoSpace)?;
        free.try_reserve(limit).map_err(|_| FsError::NoSpace)?;
        let transfer = buffer(TRANSFER_BLOCKS).ok_or(FsError::NoSpace)?;
        let mut cache = Self { slots, by_block: BTreeMap::new(), free, hand: 0, limit, transfer };
        // The least is there from the beginning, so that no later lack of memory stops a transaction.
        for slot in 0..LEAST_BLOCKS {
            cache.add_slot().ok_or(FsError::NoSpace)?;
            cache.free.push(slot);
        }
        Ok(cache)
    }

    fn add_slot(&mut self) -> Option<usize> {
        let bytes = buffer(1)?;
        let content = Content::Data;
        self.slots.push(Slot { block: 0, bytes, content, is_dirty: false, is_recent: false });
        Some(self.slots.len() - 1)
    }

    /// The node at `at`.
    pub fn node<D: BlockDevice>(&mut self, disk: &mut Blocks<D>, at: Pointer) -> Result<&mut [u8], FsError> {
        let slot = match self.hit(at.address) {
            Some(slot) => slot,
            None => {
                let count = disk.count;
                self.load(disk, at.address, Content::Node, |bytes| node::verify(bytes, at, count))?
            }
        };
        Ok(&mut self.slots[slot].bytes)
    }

    /// The node at `at`, which this transaction wrote, to be changed.
    pub fn node_mut<D: BlockDevice>(
        &mut self,
        disk: &mut Blocks<D>,
        at: Pointer,
    ) -> Result<&mut [u8], FsError> {
        self.node(disk, at)?;
        let slot = self.by_block[&at.address];
        self.slots[slot].is_dirty = true;
        Ok(&mut self.slots[slot].bytes)
    }

    /// The block of data at `place`, whose checksum is `sum`.
    pub fn data<D: BlockDevice>(
        &mut self,
        disk: &mut Blocks<D>,
        place: u64,
        sum: u32,
    ) -> Result<&[u8], FsError> {
        let slot = match self.hit(place) {
            Some(slot) => slot,
            None => self.load(disk, place, Content::Data, |bytes| checksum(bytes) == sum)?,
        };
        Ok(&self.slots[slot].bytes)
    }

    /// A block of data, if it is here.
    pub fn peek(&mut self, place: u64) -> Option<&[u8]> {
        self.hit(place).map(|slot| &*self.slots[slot].bytes)
    }

    /// A new node at `at`, to be filled in: its bytes are anything.
    pub fn new_node<D: BlockDevice>(&mut self, disk: &mut Blocks<D>, at: u64) -> Result<&mut [u8], FsError> {
        self.fresh(disk, at, Content::Node)
    }

    /// Stores a block of data.
    pub fn put_data<D: BlockDevice>(
        &mut self,
        disk: &mut Blocks<D>,
        place: u64,
        bytes: &[u8],
    ) -> Result<(), FsError> {
        self.fresh(disk, place, Content::Data)?.copy_from_slice(bytes);
        Ok(())
    }

    fn fresh<D: BlockDevice>(
        &mut self,
        disk: &mut Blocks<D>,
        block: u64,
        content: Content,
    ) -> Result<&mut [u8], FsError> {
        let slot = match self.hit(block) {
            Some(slot) => slot,
            None => self.claim(disk, block)?,
        };
        let slot = &mut self.slots[slot];
        (slot.content, slot.is_dirty) = (content, true);
        Ok(&mut slot.bytes)
    }

    /// Lets the node at `from`, which is here and clean, be the dirty node at `to`.
    pub fn move_node(&mut self, from: u64, to: u64) {
        self.forget(to);
        if let Some(slot) = self.by_block.remove(&from) {
            self.by_block.insert(to, slot);
            let slot = &mut self.slots[slot];
            (slot.block, slot.is_dirty) = (to, true);
        }
    }

    /// Drops a block that was freed, or that is about to be written past the cache.
    pub fn forget(&mut self, block: u64) {
        if let Some(slot) = self.by_block.remove(&block) {
            self.slots[slot].is_dirty = false;
            self.free.push(slot);
        }
    }

    fn hit(&mut self, block: u64) -> Option<usize> {
        let slot = *self.by_block.get(&block)?;
        self.slots[slot].is_recent = true;
        Some(slot)
    }

    fn load<D: BlockDevice>(
        &mut self,
        disk: &mut Blocks<D>,
        block: u64,
        content: Content,
        is_sound: impl FnOnce(&[u8]) -> bool,
    ) -> Result<usize, FsError> {
        let slot = self.claim(disk, block)?;
        let found = &mut self.slots[slot];
        found.content = content;
        let read = disk.read(block, &mut found.bytes);
        let read = read.and_then(|()| if is_sound(&found.bytes) { Ok(()) } else { Err(FsError::Corrupt) });
        if let Err(error) = read {
            self.forget(block);
            return Err(error);
        }
        Ok(slot)
    }

    /// A clean slot for `block`, which has none.
    fn claim<D: BlockDevice>(&mut self, disk: &mut Blocks<D>, block: u64) -> Result<usize, FsError> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if self.slots.len() < self.limit => match self.add_slot() {
                Some(slot) => slot,
                None => self.evict(disk)?,
            },
            None => self.evict(disk)?,
        };
        self.by_block.insert(block, slot);
        let found = &mut self.slots[slot];
        (found.block, found.is_dirty, found.is_recent) = (block, false, true);
        Ok(slot)
    }

    fn evict<D: BlockDevice>(&mut self, disk: &mut Blocks<D>) -> Result<usize, FsError> {
        loop {
            self.hand = (self.hand + 1) % self.slots.len();
            let slot = &mut self.slots[self.hand];
            if core::mem::take(&mut slot.is_recent) {
                continue;
            }
            if slot.is_dirty {
                self.write_back(disk)?;
            }
            self.by_block.remove(&self.slots[self.hand].block);
            return Ok(self.hand);
        }
    }

    /// Writes all dirty blocks.
    pub fn write_back<D: BlockDevice>(&mut self, disk: &mut Blocks<D>) -> Result<(), FsError> {
        let Self { slots, by_block, transfer, .. } = self;
        let mut first = 0;
        let mut length = 0;
        for (&block, &slot) in by_block.iter() {
            let slot = &mut slots[slot];
            if !slot.is_dirty {
                continue;
            }
            if length > 0 && (block != first + length as u64 || length == TRANSFER_BLOCKS) {
                disk.write(first, &transfer[..length * BLOCK_BYTES])?;
                length = 0;
            }
            if length == 0 {
                first = block;
            }
            if slot.content == Content::Node {
                node::finish(&mut slot.bytes);
            }
            transfer[length * BLOCK_BYTES..][..BLOCK_BYTES].copy_from_slice(&slot.bytes);
            length += 1;
        }
        if length > 0 {
            disk.write(first, &transfer[..length * BLOCK_BYTES])?;
        }
        slots.iter_mut().for_each(|slot| slot.is_dirty = false);
        Ok(())
    }
}

/// Zeroed blocks, or `None` when memory is short.
pub fn buffer(blocks: usize) -> Option<Box<[u8]>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(blocks * BLOCK_BYTES).ok()?;
    bytes.resize(blocks * BLOCK_BYTES, 0);
    Some(bytes.into_boxed_slice())
}
