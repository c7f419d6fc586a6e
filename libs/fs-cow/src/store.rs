//! Disk, cache, bitmaps and the superblock together: mounting, formatting, committing.

use crate::cache::{Cache, buffer};
use crate::disk::Blocks;
use crate::layout::{
    BITS_PER_MAP, LEAST_BLOCKS, MAPS_MAX, SUPERBLOCKS, Superblock, begins_first_commit, is_ours,
};
use crate::node::Pointer;
use crate::space::Space;
use kit_iface_block::{BlockDevice, BlockError, Disk};
use kit_iface_fs::FsError;

/// Why a disk could not be mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MountError {
    /// The device said no.
    Disk(BlockError),
    /// Less than a quarter of a mebibyte.
    TooSmall,
    /// The filesystem is larger than its disk.
    Cut,
    /// There is something else on the disk, and nothing is written over.
    Foreign,
    /// This filesystem was here and neither superblock is whole.
    Damaged,
    /// There is nothing on the disk, and it cannot or shall not be formatted.
    Blank,
    /// Reading failed, or memory is short.
    Other(FsError),
}

impl From<FsError> for MountError {
    fn from(error: FsError) -> Self {
        Self::Other(error)
    }
}

impl MountError {
    /// As the slot tells it.
    pub fn code(self) -> FsError {
        match self {
            Self::Disk(BlockError::Absent) => FsError::NoDevice,
            Self::Disk(_) => FsError::Device,
            Self::Blank => FsError::ReadOnly,
            Self::TooSmall | Self::Cut | Self::Foreign | Self::Damaged => FsError::Corrupt,
            Self::Other(error) => error,
        }
    }

    /// In words, for the console.
    pub fn text(self) -> &'static str {
        match self {
            Self::Disk(BlockError::Absent) => "there is no such disk; give one with `kit run --disk FILE`",
            Self::Disk(_) => "the disk does not start",
            Self::TooSmall => "the disk is smaller than 256 KiB",
            Self::Cut => "the disk is smaller than the filesystem on it",
            Self::Foreign => {
                "something else is on the disk; fs-cow formats only what begins and ends with zeroes"
            }
            Self::Damaged => "both superblocks are damaged",
            Self::Blank => "there is nothing on the disk, and nothing can be written to it",
            Self::Other(FsError::NoSpace) => "there is not enough memory for the cache",
            Self::Other(_) => "the superblocks cannot be read",
        }
    }
}

/// A mounted disk below the tree.
pub struct Store<D: 'static> {
    /// The disk.
    pub disk: Blocks<D>,
    /// Its blocks in memory.
    pub cache: Cache,
    /// The last commit.
    pub committed: Superblock,
    space: Space,
    /// The root of the tree as it is now.
    pub root: Pointer,
    /// Levels of the tree as it is now.
    pub levels: u8,
    /// The number of the next file.
    pub next_inode: u64,
    /// Something is different from the last commit.
    pub is_changed: bool,
}

impl<D: BlockDevice> Store<D> {
    /// Mounts a disk; formats it first if it is blank, where that is wanted.
    pub fn mount(
        device: &'static D,
        disk: Disk,
        cache_blocks: usize,
        may_format: bool,
    ) -> Result<Self, MountError> {
        let mut disk = Blocks::start(device, disk).map_err(MountError::Disk)?;
        if disk.count < LEAST_BLOCKS {
            return Err(MountError::TooSmall);
        }
        let mut cache = Cache::new(cache_blocks)?;
        let committed = match newest(&disk)? {
            Some(superblock) if superblock.blocks > disk.count => return Err(MountError::Cut),
            Some(superblock) => superblock,
            None if may_format && !disk.is_read_only => format(&mut disk)?,
            None => return Err(MountError::Blank),
        };
        // The root is looked at now: a superblock whose tree is gone is no good.
        if committed.root.address != 0 {
            cache.node(&mut disk, committed.root)?;
        }
        let space = Space::new(&committed)?;
        let (root, levels, next_inode) = (committed.root, committed.levels, committed.next_inode);
        Ok(Self { disk, cache, committed, space, root, levels, next_inode, is_changed: false })
    }

    /// The generation that is being written.
    pub fn generation(&self) -> u64 {
        self.committed.generation + 1
    }

    /// Free blocks after the next commit.
    pub fn free(&self) -> u64 {
        self.space.free
    }

    /// Blocks that can be taken before the next commit.
    pub fn available(&self) -> u64 {
        self.space.available
    }

    /// Takes up to `want` neighbouring blocks; see [`Space::take`].
    pub fn take(&mut self, goal: u64, want: u64) -> Result<(u64, u64), FsError> {
        self.is_changed = true;
        self.space.take(&self.disk, &self.committed, goal, want)
    }

    /// Gives blocks back.
    pub fn give(&mut self, first: u64, count: u64) -> Result<(), FsError> {
        for block in first..first + count {
            self.cache.forget(block);
        }
        self.is_changed = true;
        self.space.give(&self.disk, &self.committed, first, count)
    }

    /// Whether this transaction may write `block` in place.
    pub fn is_fresh(&mut self, block: u64) -> Result<bool, FsError> {
        self.space.is_fresh(&self.disk, &self.committed, block)
    }

    /// Whether `block` is in use now.
    pub fn is_used(&mut self, block: u64) -> Result<bool, FsError> {
        self.space.is_used(&self.disk, &self.committed, block)
    }

    /// Makes everything durable: all of it, or on an error nothing.
    pub fn commit(&mut self) -> Result<(), FsError> {
        if !self.is_changed {
            return Ok(());
        }
        let mut next = self.committed.clone();
        next.generation = self.generation();
        (next.root, next.levels) = (self.root, self.levels);
        (next.free, next.next_inode) = (self.space.free, self.next_inode);
        self.cache.write_back(&mut self.disk)?;
        self.space.write(&mut self.disk, &mut next)?;
        self.disk.flush()?;
        write(&mut self.disk, &next)?;
        self.space.committed();
        self.committed = next;
        self.is_changed = false;
        Ok(())
    }
}

/// Writes a superblock to its place, durably.
fn write<D: BlockDevice>(disk: &mut Blocks<D>, superblock: &Superblock) -> Result<(), FsError> {
    let mut block = buffer(1).ok_or(FsError::NoSpace)?;
    superblock.encode(&mut block);
    disk.write(superblock.generation % SUPERBLOCKS, &block)?;
    disk.flush()
}

/// The newer of the superblocks that are whole; `None` on a blank disk.
fn newest<D: BlockDevice>(disk: &Blocks<D>) -> Result<Option<Superblock>, MountError> {
    let mut block = buffer(1).ok_or(FsError::NoSpace)?;
    let mut found: Option<Superblock> = None;
    let mut was_here = false;
    let mut is_first_zero = false;
    for place in 0..SUPERBLOCKS {
        // One that cannot be read may be the newer, and readable again later: to go on from the older would write
        // over what it stands for.
        disk.read(place, &mut block)?;
        is_first_zero |= place == 0 && is_zero(&block);
        // Before the second commit there is nothing in the first place. A disk that lost power while its only sector
        // was written, and has half of it, may be formatted again.
        was_here |= is_ours(&block) && !(is_first_zero && begins_first_commit(&block));
        if let Some(superblock) = Superblock::decode(&block, place)
            && found.as_ref().is_none_or(|other| other.generation < superblock.generation)
        {
            found = Some(superblock);
        }
    }
    match found {
        Some(superblock) => Ok(Some(superblock)),
        None if was_here => Err(MountError::Damaged),
        None if is_blank(disk, &mut block, is_first_zero)? => Ok(None),
        None => Err(MountError::Foreign),
    }
}

/// Whether the places where partition tables and filesystems have their marks are zero: the first mebibyte and the
/// last 64 KiB.
fn is_blank<D: BlockDevice>(
    disk: &Blocks<D>,
    block: &mut [u8],
    is_first_zero: bool,
) -> Result<bool, FsError> {
    let head = disk.count.min(256);
    for at in (0..head).chain(disk.count.saturating_sub(16).max(head)..disk.count) {
        disk.read(at, block)?;
        let is_cut_format = at == 1 && is_first_zero && is_ours(block) && begins_first_commit(block);
        if !is_zero(block) && !is_cut_format {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_zero(block: &[u8]) -> bool {
    block.iter().all(|byte| *byte == 0)
}

/// Makes a blank disk a filesystem by one sector: a power cut leaves it blank or formatted.
fn format<D: BlockDevice>(disk: &mut Blocks<D>) -> Result<Superblock, MountError> {
    // The key need not be secret to the image's owner, only different from disk to disk.
    let mut hash_key = [0; 16];
    hash_key[..8].copy_from_slice(&kit_iface_clock::wall_ns().to_le_bytes());
    hash_key[8..]
        .copy_from_slice(&(kit_iface_clock::monotonic_ns() ^ disk.count.rotate_left(40)).to_le_bytes());
    let superblock = Superblock::empty(disk.count.min(MAPS_MAX * BITS_PER_MAP), hash_key);
    write(disk, &superblock)?;
    Ok(superblock)
}
