//! Which blocks are in use, now and at the last commit. A block may be given out when it is in neither.
//!
//! One bitmap block covers 32,512 blocks (127 MiB) and has two places on the disk; a commit writes the changed ones
//! to the places that the commit before does not use. Bitmaps are read when first needed and then stay: 4 KiB of
//! memory for 127 MiB of disk, twice that where something changes.

use crate::bytes::{get_u32, get_u64, put};
use crate::cache::buffer;
use crate::checksum::{is_sealed, seal};
use crate::disk::Blocks;
use crate::layout::{BITS_PER_MAP, BLOCK_BYTES, MAP_HEADER, MapState, Superblock, first_free, maps};
use alloc::boxed::Box;
use alloc::vec::Vec;
use kit_iface_block::BlockDevice;
use kit_iface_fs::FsError;

const MAGIC: u32 = u32::from_le_bytes(*b"cowm");

#[derive(Default)]
struct Map {
    /// As of the last commit; a whole bitmap block.
    committed: Option<Box<[u8]>>,
    /// As it is now, where that differs.
    current: Option<Box<[u8]>>,
    /// Nothing before this bit can be given out.
    hint: u64,
}

/// The bitmaps.
pub struct Space {
    maps: Vec<Map>,
    blocks: u64,
    /// Blocks that the next commit will not use.
    pub free: u64,
    /// Of those, the ones that the last commit does not use either.
    pub available: u64,
}

impl Space {
    /// That of a filesystem as last committed.
    pub fn new(superblock: &Superblock) -> Result<Self, FsError> {
        let count = maps(superblock.blocks) as usize;
        let mut maps = Vec::new();
        maps.try_reserve_exact(count).map_err(|_| FsError::NoSpace)?;
        maps.resize_with(count, Map::default);
        let free = superblock.free;
        Ok(Self { maps, blocks: superblock.blocks, free, available: free })
    }

    /// Takes up to `want` neighbouring blocks, at least one, as near behind `goal` as there are. The caller knows
    /// that some are [`available`](Self::available).
    pub fn take<D: BlockDevice>(
        &mut self,
        disk: &Blocks<D>,
        superblock: &Superblock,
        goal: u64,
        want: u64,
    ) -> Result<(u64, u64), FsError> {
        let count = self.maps.len() as u64;
        let goal = if goal < self.blocks { goal } else { 0 };
        let home = goal / BITS_PER_MAP;
        // The home map is looked at twice: behind the goal first, from its beginning last.
        for step in 0..=count {
            let index = (home + step) % count;
            self.load(disk, superblock, index)?;
            let from = if step == 0 { goal % BITS_PER_MAP } else { 0 };
            if let Some((bit, length)) = self.maps[index as usize].find(from, want) {
                let first = index * BITS_PER_MAP + bit;
                self.maps[index as usize].change(bit, length, true)?;
                self.free -= length;
                self.available -= length;
                return Ok((first, length));
            }
        }
        // The counts say that there is one: the bitmaps and the superblock disagree.
        Err(FsError::Corrupt)
    }

    /// Gives blocks back. Those of the last commit can be taken again after the next.
    pub fn give<D: BlockDevice>(
        &mut self,
        disk: &Blocks<D>,
        superblock: &Superblock,
        first: u64,
        count: u64,
    ) -> Result<(), FsError> {
        for block in first..first + count {
            let (index, bit) = (block / BITS_PER_MAP, block % BITS_PER_MAP);
            if block < first_free(self.blocks) || block >= self.blocks {
                return Err(FsError::Corrupt);
            }
            self.load(disk, superblock, index)?;
            let map = &mut self.maps[index as usize];
            if !map.is_used_now(bit) {
                return Err(FsError::Corrupt);
            }
            map.change(bit, 1, false)?;
            self.free += 1;
            self.available += u64::from(!map.is_committed(bit));
        }
        Ok(())
    }

    /// Whether the last commit does not use `block`, which is in use now: this transaction may write it in place.
    pub fn is_fresh<D: BlockDevice>(
        &mut self,
        disk: &Blocks<D>,
        superblock: &Superblock,
        block: u64,
    ) -> Result<bool, FsError> {
        let index = block / BITS_PER_MAP;
        if block >= self.blocks {
            return Err(FsError::Corrupt);
        }
        self.load(disk, superblock, index)?;
        Ok(!self.maps[index as usize].is_committed(block % BITS_PER_MAP))
    }

    /// Whether `block` is in use now.
    pub fn is_used<D: BlockDevice>(
        &mut self,
        disk: &Blocks<D>,
        superblock: &Superblock,
        block: u64,
    ) -> Result<bool, FsError> {
        self.load(disk, superblock, block / BITS_PER_MAP)?;
        Ok(self.maps[(block / BITS_PER_MAP) as usize].is_used_now(block % BITS_PER_MAP))
    }

    /// Writes the changed bitmaps beside those of the last commit, and their places into `next`.
    pub fn write<D: BlockDevice>(
        &mut self,
        disk: &mut Blocks<D>,
        next: &mut Superblock,
    ) -> Result<(), FsError> {
        for (index, map) in self.maps.iter_mut().enumerate() {
            let Some(current) = &mut map.current else { continue };
            let index = index as u64;
            let state = next.map_state(index).next();
            put(current, 4, MAGIC.to_le_bytes());
            put(current, 8, index.to_le_bytes());
            put(current, 16, next.generation.to_le_bytes());
            seal(current);
            disk.write(state.place(index), current)?;
            next.set_map_state(index, state);
        }
        Ok(())
    }

    /// The commit is on the disk: what it freed can be taken.
    pub fn committed(&mut self) {
        for map in &mut self.maps {
            if let Some(current) = map.current.take() {
                map.committed = Some(current);
                map.hint = 0;
            }
        }
        self.available = self.free;
    }

    fn load<D: BlockDevice>(
        &mut self,
        disk: &Blocks<D>,
        superblock: &Superblock,
        index: u64,
    ) -> Result<(), FsError> {
        let map = &mut self.maps[index as usize];
        if map.committed.is_some() {
            return Ok(());
        }
        let mut block = buffer(1).ok_or(FsError::NoSpace)?;
        let state = superblock.map_state(index);
        if state == MapState::Fresh {
            let start = index * BITS_PER_MAP;
            for block_number in start..first_free(self.blocks).min(start + BITS_PER_MAP) {
                set(&mut block, block_number - start, true);
            }
            for bit in self.blocks.saturating_sub(start).min(BITS_PER_MAP)..BITS_PER_MAP {
                set(&mut block, bit, true);
            }
        } else {
            disk.read(state.place(index), &mut block)?;
            let is_sound = is_sealed(&block)
                && get_u32(&block, 4) == MAGIC
                && get_u64(&block, 8) == index
                && get_u64(&block, 16) <= superblock.generation;
            if !is_sound {
                return Err(FsError::Corrupt);
            }
        }
        map.committed = Some(block);
        Ok(())
    }
}

impl Map {
    fn is_committed(&self, bit: u64) -> bool {
        self.committed.as_ref().is_some_and(|block| get(block, bit))
    }

    fn is_used_now(&self, bit: u64) -> bool {
        self.current.as_ref().or(self.committed.as_ref()).is_some_and(|block| get(block, bit))
    }

    /// The first run of bits from `from` on that are free now and were at the last commit, at most `want`.
    fn find(&mut self, from: u64, want: u64) -> Option<(u64, u64)> {
        let committed = self.committed.as_ref()?;
        let current = self.current.as_ref().unwrap_or(committed);
        let word = |index: u64| {
            let at = MAP_HEADER + index as usize * 8;
            get_u64(committed, at) | get_u64(current, at)
        };
        let start = from.max(self.hint);
        let mut at = start;
        while at < BITS_PER_MAP {
            let taken = word(at / 64) | ((1 << (at % 64)) - 1);
            if taken == u64::MAX {
                at = (at / 64 + 1) * 64;
                continue;
            }
            let first = at / 64 * 64 + u64::from(taken.trailing_ones());
            if start == self.hint {
                self.hint = first;
            }
            let mut length = 0;
            while length < want && first + length < BITS_PER_MAP {
                let bit = first + length;
                let free = u64::from((word(bit / 64) >> (bit % 64)).trailing_zeros()).min(64 - bit % 64);
                if free == 0 {
                    break;
                }
                length += free;
            }
            return Some((first, length.min(want)));
        }
        if start == self.hint {
            self.hint = BITS_PER_MAP;
        }
        None
    }

    fn change(&mut self, bit: u64, count: u64, is_used: bool) -> Result<(), FsError> {
        if self.current.is_none() {
            let mut copy = buffer(1).ok_or(FsError::NoSpace)?;
            copy.copy_from_slice(self.committed.as_ref().ok_or(FsError::Corrupt)?);
            self.current = Some(copy);
        }
        let Some(current) = &mut self.current else { return Ok(()) };
        for bit in bit..bit + count {
            set(current, bit, is_used);
        }
        if !is_used {
            self.hint = self.hint.min(bit);
        }
        Ok(())
    }
}

fn get(block: &[u8], bit: u64) -> bool {
    block[MAP_HEADER + bit as usize / 8] >> (bit % 8) & 1 != 0
}

fn set(block: &mut [u8], bit: u64, is_used: bool) {
    let byte = &mut block[MAP_HEADER + bit as usize / 8];
    if is_used { *byte |= 1 << (bit % 8) } else { *byte &= !(1 << (bit % 8)) }
}

const _: () = assert!(MAP_HEADER.is_multiple_of(8) && BLOCK_BYTES.is_multiple_of(8));
