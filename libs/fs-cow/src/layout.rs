//! Where things are on the disk, and the superblock.

use crate::bytes::{get_u32, get_u64, put};
use crate::checksum::{is_sealed, seal};
use crate::node::Pointer;

/// Bytes of a block: the unit of allocation and of checksums.
pub const BLOCK_BYTES: usize = 4096;
/// Bits of one bitmap block, behind its header.
pub const BITS_PER_MAP: u64 = (BLOCK_BYTES as u64 - MAP_HEADER as u64) * 8;
/// Bytes in front of a bitmap's bits.
pub const MAP_HEADER: usize = 32;
/// The two superblocks: the commit of generation `n` writes block `n % 2`.
pub const SUPERBLOCKS: u64 = 2;
/// The smallest disk, in blocks: a quarter of a mebibyte.
pub const LEAST_BLOCKS: u64 = 64;

const MAGIC: [u8; 8] = *b"kit-cow\0";
const VERSION: u32 = 1;
/// Where the two bits of each bitmap begin: behind the first sector, which alone is not zero on a fresh disk.
const MAP_STATES: usize = 512;
/// As many bitmaps as the superblock has states for: 1.7 TiB.
pub const MAPS_MAX: u64 = (BLOCK_BYTES - MAP_STATES) as u64 * 4;

/// How many bitmaps a disk of `blocks` has. Each has two places, one behind the other.
pub const fn maps(blocks: u64) -> u64 {
    blocks.div_ceil(BITS_PER_MAP)
}

/// The first block that files and nodes may use.
pub const fn first_free(blocks: u64) -> u64 {
    SUPERBLOCKS + 2 * maps(blocks)
}

/// Which of its places holds a bitmap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapState {
    /// Neither: nothing was allocated there yet.
    Fresh,
    /// The first.
    First,
    /// The second.
    Second,
}

impl MapState {
    /// The place for its next version: the one that the last commit does not use.
    pub const fn next(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Fresh | Self::Second => Self::First,
        }
    }

    /// The block in which map `index` is.
    pub const fn place(self, index: u64) -> u64 {
        SUPERBLOCKS + 2 * index + matches!(self, Self::Second) as u64
    }
}

/// One commit.
#[derive(Clone)]
pub struct Superblock {
    /// Its number; the first, of a disk just formatted, is 1.
    pub generation: u64,
    /// Blocks of the filesystem.
    pub blocks: u64,
    /// The root of the tree; address 0 when there is none yet.
    pub root: Pointer,
    /// Levels of the tree.
    pub levels: u8,
    /// Free blocks.
    pub free: u64,
    /// The number of the next file. Numbers are not used again.
    pub next_inode: u64,
    /// The key of the hash of names: chosen when the disk is formatted.
    pub hash_key: [u8; 16],
    /// The states of the bitmaps, as they are stored: two bits each.
    map_states: [u8; BLOCK_BYTES - MAP_STATES],
}

impl Superblock {
    /// A filesystem with nothing in it.
    pub fn empty(blocks: u64, hash_key: [u8; 16]) -> Self {
        let root = Pointer { address: 0, generation: 0 };
        let free = blocks - first_free(blocks);
        let map_states = [0; BLOCK_BYTES - MAP_STATES];
        Self { generation: 1, blocks, root, levels: 0, free, next_inode: 2, hash_key, map_states }
    }

    /// Where map `index` is.
    pub fn map_state(&self, index: u64) -> MapState {
        match self.map_states[index as usize / 4] >> (index % 4 * 2) & 3 {
            0 => MapState::Fresh,
            1 => MapState::First,
            _ => MapState::Second,
        }
    }

    /// Says where map `index` is from this commit on.
    pub fn set_map_state(&mut self, index: u64, state: MapState) {
        let byte = &mut self.map_states[index as usize / 4];
        let shift = index % 4 * 2;
        *byte = *byte & !(3 << shift) | (state as u8) << shift;
    }

    /// Writes it as a block.
    pub fn encode(&self, block: &mut [u8]) {
        block.fill(0);
        put(block, 4, VERSION.to_le_bytes());
        put(block, 8, MAGIC);
        put(block, 16, self.generation.to_le_bytes());
        put(block, 24, self.blocks.to_le_bytes());
        put(block, 32, self.root.address.to_le_bytes());
        put(block, 40, self.root.generation.to_le_bytes());
        put(block, 48, self.free.to_le_bytes());
        put(block, 56, self.next_inode.to_le_bytes());
        put(block, 64, self.hash_key);
        block[80] = self.levels;
        block[MAP_STATES..].copy_from_slice(&self.map_states);
        seal(block);
    }

    /// Reads what [`Superblock::encode`] wrote to the place for its generation; `None` for anything else.
    pub fn decode(block: &[u8], place: u64) -> Option<Self> {
        if !is_ours(block) || !is_sealed(block) || get_u32(block, 4) != VERSION {
            return None;
        }
        let mut hash_key = [0; 16];
        hash_key.copy_from_slice(&block[64..80]);
        let mut map_states = [0; BLOCK_BYTES - MAP_STATES];
        map_states.copy_from_slice(&block[MAP_STATES..]);
        let found = Self {
            generation: get_u64(block, 16),
            blocks: get_u64(block, 24),
            root: Pointer { address: get_u64(block, 32), generation: get_u64(block, 40) },
            levels: block[80],
            free: get_u64(block, 48),
            next_inode: get_u64(block, 56),
            hash_key,
            map_states,
        };
        found.is_sound(place).then_some(found)
    }

    fn is_sound(&self, place: u64) -> bool {
        self.generation != 0
            && self.generation % SUPERBLOCKS == place
            && self.blocks >= LEAST_BLOCKS
            && maps(self.blocks) <= MAPS_MAX
            && self.free < self.blocks
            && self.root.address < self.blocks
            && self.root.generation <= self.generation
    }
}

/// Whether a block begins as a superblock of this filesystem, sound or not.
pub fn is_ours(block: &[u8]) -> bool {
    block[8..16] == MAGIC
}

/// Whether a superblock, sound or not, says that it is that of a fresh disk.
pub fn begins_first_commit(block: &[u8]) -> bool {
    get_u64(block, 16) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_superblock_is_one_sector() {
        let mut block = [1; BLOCK_BYTES];
        Superblock::empty(1 << 20, *b"0123456789abcdef").encode(&mut block);
        assert!(block[512..].iter().all(|byte| *byte == 0), "formatting is one sector: all or nothing");
        let read = Superblock::decode(&block, 1).expect("what was written");
        assert_eq!((read.blocks, read.generation, read.hash_key), (1 << 20, 1, *b"0123456789abcdef"));
        assert!(Superblock::decode(&block, 0).is_none(), "a superblock in the wrong place");
        block[17] ^= 1;
        assert!(Superblock::decode(&block, 1).is_none());
    }

    #[test]
    fn map_states_are_kept() {
        let mut superblock = Superblock::empty(1 << 20, [0; 16]);
        superblock.set_map_state(5, MapState::Second);
        superblock.set_map_state(6, MapState::First);
        superblock.set_map_state(5, MapState::First);
        superblock.set_map_state(6, MapState::Second);
        let states: [MapState; 3] = core::array::from_fn(|index| superblock.map_state(index as u64 + 4));
        assert_eq!(states, [MapState::Fresh, MapState::First, MapState::Second]);
    }
}
