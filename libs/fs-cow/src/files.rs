//! Bytes of files: reading, writing to new places, cutting from the end.

use crate::bytes::put;
use crate::checksum::checksum;
use crate::items::{EXTENT_BLOCKS, Extent, Inode, Item, key};
use crate::layout::BLOCK_BYTES;
use crate::open::Held;
use crate::volume::{Purpose, Volume};
use kit_iface_block::BlockDevice;
use kit_iface_fs::{FsError, NodeKind};

/// The longest file: offsets are `off_t` to applications.
const SIZE_MAX: u64 = i64::MAX as u64;
/// From so many neighbouring blocks on, data goes between caller and disk without a stop in the cache.
const DIRECT_BLOCKS: usize = 8;
/// Extents that one step of a cut removes.
const CUT_EXTENTS: usize = 16;

const BLOCK: u64 = BLOCK_BYTES as u64;

/// What a block of a file is.
#[expect(clippy::large_enum_variant, reason = "one at a time, on the stack of who looks at it")]
enum Run {
    /// In this extent.
    Stored(Extent),
    /// Zeroes, up to this block.
    Hole(u64),
}

impl<D: BlockDevice> Volume<D> {
    /// See [`kit_iface_fs::FileSystem::read`].
    pub fn read(&mut self, file: &Held, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        let inode = check_file(file)?;
        let length =
            usize::try_from(inode.size.saturating_sub(offset)).unwrap_or(usize::MAX).min(buffer.len());
        let mut left = &mut buffer[..length];
        let mut at = offset;
        while !left.is_empty() {
            let (block, within) = (at / BLOCK, (at % BLOCK) as usize);
            let run = self.run_at(file.number, block)?;
            let end = match &run {
                Run::Stored(extent) => extent.end(),
                Run::Hole(end) => *end,
            };
            let reach = usize::try_from((end - block).saturating_mul(BLOCK)).unwrap_or(usize::MAX) - within;
            let (part, rest) = left.split_at_mut(reach.min(left.len()));
            match run {
                Run::Stored(extent) => self.read_extent(&extent, block, within, part)?,
                Run::Hole(_) => part.fill(0),
            }
            at += part.len() as u64;
            left = rest;
        }
        Ok(length)
    }

    /// Reads from `within` of `block` on, all of it in `extent`.
    fn read_extent(
        &mut self,
        extent: &Extent,
        block: u64,
        within: usize,
        mut part: &mut [u8],
    ) -> Result<(), FsError> {
        let mut index = (block - extent.first) as usize;
        let mut within = within;
        while !part.is_empty() {
            let place = extent.place + index as u64;
            let whole = if within == 0 { self.uncached(place, part.len() / BLOCK_BYTES) } else { 0 };
            let length = if whole > 1 {
                let blocks = &mut part[..whole * BLOCK_BYTES];
                self.store.disk.read(place, blocks)?;
                let mut sums = blocks.chunks_exact(BLOCK_BYTES).zip(&extent.sums[index..]);
                if !sums.all(|(block, sum)| checksum(block) == *sum) {
                    return Err(FsError::Corrupt);
                }
                blocks.len()
            } else {
                let length = part.len().min(BLOCK_BYTES - within);
                let block = self.store.cache.data(&mut self.store.disk, place, extent.sums[index])?;
                part[..length].copy_from_slice(&block[within..within + length]);
                length
            };
            index += length.div_ceil(BLOCK_BYTES);
            within = 0;
            part = &mut part[length..];
        }
        Ok(())
    }

    /// How many blocks from `place` on, at most `limit`, are not in the cache.
    fn uncached(&mut self, place: u64, limit: usize) -> usize {
        (0..limit).find(|next| self.store.cache.peek(place + *next as u64).is_some()).unwrap_or(limit)
    }

    fn run_at(&mut self, number: u64, block: u64) -> Result<Run, FsError> {
        let at = key(number, Item::Extent, block);
        if let Some(extent) = self.extent(self.store.disk.count, at, number, true)?
            && extent.end() > block
        {
            return Ok(Run::Stored(extent));
        }
        let next = self.extent(self.store.disk.count, at, number, false)?;
        Ok(Run::Hole(next.map_or(u64::MAX >> 12, |extent| extent.first)))
    }

    /// The extent of `number` at `at`, or the next before it or behind it.
    fn extent(
        &mut self,
        blocks: u64,
        at: u128,
        number: u64,
        before: bool,
    ) -> Result<Option<Extent>, FsError> {
        let entry = if before { self.store.at_most(at)? } else { self.store.at_least(at)? };
        match entry.filter(|entry| entry.offset_in(number, Item::Extent).is_some()) {
            Some(entry) => Extent::decode(&entry, blocks).map(Some).ok_or(FsError::Corrupt),
            None => Ok(None),
        }
    }

    /// See [`kit_iface_fs::FileSystem::write`].
    pub fn write(&mut self, file: &Held, offset: u64, bytes: &[u8]) -> Result<usize, FsError> {
        let inode = check_file(file)?;
        let room = usize::try_from(SIZE_MAX.saturating_sub(offset)).unwrap_or(usize::MAX);
        let bytes = match (bytes.len().min(room), bytes.len()) {
            (_, 0) => return Ok(0),
            (0, _) => return Err(FsError::TooLarge),
            (length, _) => &bytes[..length],
        };
        if offset > inode.size {
            self.clear_tail(file)?;
        }
        let mut done = 0;
        while done < bytes.len() {
            match self.write_piece(file, offset + done as u64, &bytes[done..]) {
                Ok(count) => done += count,
                Err(FsError::NoSpace) if done > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    /// See [`kit_iface_fs::FileSystem::append`].
    pub fn append(&mut self, file: &Held, bytes: &[u8]) -> Result<u64, FsError> {
        let end = check_file(file)?.size;
        let blocks = bytes.len().div_ceil(BLOCK_BYTES) as u64 + 1;
        if blocks > 2 {
            self.begin(blocks + blocks / 256, Purpose::Grow)?;
        }
        let written = self.write(file, end, bytes)?;
        if written < bytes.len() {
            self.truncate(file, end)?;
            return Err(FsError::NoSpace);
        }
        Ok(end + written as u64)
    }

    /// Writes what one step can: the rest of a block, or whole blocks.
    fn write_piece(&mut self, file: &Held, offset: u64, bytes: &[u8]) -> Result<usize, FsError> {
        let (block, within) = (offset / BLOCK, (offset % BLOCK) as usize);
        if within == 0 && bytes.len() >= BLOCK_BYTES {
            let length = (bytes.len() / BLOCK_BYTES).min(EXTENT_BLOCKS) * BLOCK_BYTES;
            self.store_blocks(file, block, &bytes[..length], offset + length as u64)?;
            return Ok(length);
        }
        let length = bytes.len().min(BLOCK_BYTES - within);
        self.change_block(file, block, offset + length as u64, |scratch| {
            scratch[within..within + length].copy_from_slice(&bytes[..length]);
            true
        })?;
        Ok(length)
    }

    /// Reads a block of a file, zeroes behind its end included, lets it be changed and stores it if that says so.
    fn change_block(
        &mut self,
        file: &Held,
        block: u64,
        end: u64,
        change: impl FnOnce(&mut [u8]) -> bool,
    ) -> Result<(), FsError> {
        let mut scratch = core::mem::take(&mut self.scratch);
        let filled = self.read(file, block * BLOCK, &mut scratch);
        let result = filled.and_then(|filled| {
            scratch[filled..].fill(0);
            if change(&mut scratch) { self.store_blocks(file, block, &scratch, end) } else { Ok(()) }
        });
        self.scratch = scratch;
        result
    }

    /// Clears what an earlier cut left behind the end of a file, which is about to become part of it.
    fn clear_tail(&mut self, file: &Held) -> Result<(), FsError> {
        let size = file.inode().size;
        let (block, within) = (size / BLOCK, (size % BLOCK) as usize);
        if within == 0 {
            return Ok(());
        }
        let Run::Stored(extent) = self.run_at(file.number, block)? else { return Ok(()) };
        let index = (block - extent.first) as usize;
        let place = extent.place + index as u64;
        let stored = self.store.cache.data(&mut self.store.disk, place, extent.sums[index])?;
        if stored[within..].iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        self.change_block(file, block, size, |_| true)
    }

    /// Stores whole blocks, at most [`EXTENT_BLOCKS`], from block `first` of a file on. The file reaches to `end` at
    /// least.
    fn store_blocks(&mut self, file: &Held, first: u64, bytes: &[u8], end: u64) -> Result<(), FsError> {
        let count = bytes.len() / BLOCK_BYTES;
        let (old, mut places, needed) = loop {
            let generation = self.store.generation();
            let old = self.places(file.number, first, count)?;
            let mut places = old;
            for place in &mut places[..count] {
                if *place != 0 && !self.store.is_fresh(*place)? {
                    *place = 0;
                }
            }
            let needed = places[..count].iter().filter(|place| **place == 0).count();
            self.begin(needed as u64, Purpose::Grow)?;
            // A commit in `begin` makes what was written before it part of the disk's last state.
            if generation == self.store.generation() {
                break (old, places, needed);
            }
        };
        let before = if first > 0 { self.places(file.number, first - 1, 1)?[0] } else { 0 };
        let mut inode = file.inode();
        self.apply(|volume| {
            volume.choose_places(before, &mut places[..count])?;
            let sums = volume.store_data(&places[..count], bytes)?;
            if needed == 0 {
                volume.patch_sums(file.number, first, &sums[..count])?;
            } else {
                volume.cut_extents(file.number, first, first + count as u64)?;
                volume.put_extents(file.number, first, &places[..count], &sums)?;
                for (old, new) in old[..count].iter().zip(&places) {
                    if *old != 0 && old != new {
                        volume.store.give(*old, 1)?;
                    }
                }
            }
            inode.blocks += old[..count].iter().filter(|place| **place == 0).count() as u64;
            inode.size = inode.size.max(end);
            inode.touch(kit_iface_clock::wall_ns());
            volume.put_inode(file.number, &inode)
        })
    }

    /// Where `count` blocks of a file are; 0 for a hole.
    fn places(&mut self, number: u64, first: u64, count: usize) -> Result<[u64; EXTENT_BLOCKS], FsError> {
        let mut places = [0; EXTENT_BLOCKS];
        let mut block = first;
        let end = first + count as u64;
        while block < end {
            block = match self.run_at(number, block)? {
                Run::Hole(hole_end) => hole_end,
                Run::Stored(extent) => {
                    for at in block..extent.end().min(end) {
                        places[(at - first) as usize] = extent.place + (at - extent.first);
                    }
                    extent.end()
                }
            };
        }
        Ok(places)
    }

    /// Takes a place for each block that has none, behind that of the block before it if possible.
    fn choose_places(&mut self, before: u64, places: &mut [u64]) -> Result<(), FsError> {
        let mut goal = if before != 0 { before + 1 } else { self.goal };
        let mut index = 0;
        while index < places.len() {
            if places[index] != 0 {
                goal = places[index] + 1;
                index += 1;
                continue;
            }
            let want = places[index..].iter().take_while(|place| **place == 0).count();
            let (place, taken) = self.store.take(goal, want as u64)?;
            for next in 0..taken {
                places[index + next as usize] = place + next;
            }
            index += taken as usize;
            goal = place + taken;
        }
        self.goal = goal;
        Ok(())
    }

    /// Puts blocks into the cache, or, where many are neighbours, onto the disk. Returns their checksums.
    fn store_data(&mut self, places: &[u64], bytes: &[u8]) -> Result<[u32; EXTENT_BLOCKS], FsError> {
        let mut sums = [0; EXTENT_BLOCKS];
        for (block, sum) in bytes.chunks_exact(BLOCK_BYTES).zip(&mut sums) {
            *sum = checksum(block);
        }
        let mut index = 0;
        for run in places.chunk_by(|one, next| one + 1 == *next) {
            let part = &bytes[index * BLOCK_BYTES..][..run.len() * BLOCK_BYTES];
            index += run.len();
            if run.len() >= DIRECT_BLOCKS {
                run.iter().for_each(|place| self.store.cache.forget(*place));
                self.store.disk.write(run[0], part)?;
            } else {
                for (place, block) in run.iter().zip(part.chunks_exact(BLOCK_BYTES)) {
                    self.store.cache.put_data(&mut self.store.disk, *place, block)?;
                }
            }
        }
        Ok(sums)
    }

    /// Records new checksums of blocks that stay where they are.
    fn patch_sums(&mut self, number: u64, first: u64, sums: &[u32]) -> Result<(), FsError> {
        let mut done = 0;
        while done < sums.len() {
            let block = first + done as u64;
            let Run::Stored(extent) = self.run_at(number, block)? else { return Err(FsError::Corrupt) };
            let index = (block - extent.first) as usize;
            let part = &sums[done..sums.len().min(done + extent.count - index)];
            self.store.patch(key(number, Item::Extent, extent.first), |value| {
                for (next, sum) in part.iter().enumerate() {
                    put(value, 8 + 4 * (index + next), sum.to_le_bytes());
                }
            })?;
            done += part.len();
        }
        Ok(())
    }

    /// Takes the blocks from `from` to `to` out of the extents of a file. The blocks themselves stay taken.
    fn cut_extents(&mut self, number: u64, from: u64, to: u64) -> Result<(), FsError> {
        let mut block = from;
        while block < to {
            let extent = match self.run_at(number, block)? {
                Run::Hole(end) => {
                    block = end;
                    continue;
                }
                Run::Stored(extent) => extent,
            };
            if extent.first < from {
                self.put_extent(number, &extent.part(extent.first, (from - extent.first) as usize))?;
            } else {
                self.store.remove(key(number, Item::Extent, extent.first))?;
            }
            if extent.end() > to {
                self.put_extent(number, &extent.part(to, (extent.end() - to) as usize))?;
            }
            block = extent.end();
        }
        Ok(())
    }

    fn put_extent(&mut self, number: u64, extent: &Extent) -> Result<(), FsError> {
        self.store.put(key(number, Item::Extent, extent.first), extent.encode().value())
    }

    /// Enters blocks that are in no extent; those that continue the extent before them join it.
    fn put_extents(
        &mut self,
        number: u64,
        first: u64,
        places: &[u64],
        sums: &[u32; EXTENT_BLOCKS],
    ) -> Result<(), FsError> {
        let mut index = 0;
        for run in places.chunk_by(|one, next| one + 1 == *next) {
            let mut extent =
                Extent { first: first + index as u64, place: run[0], count: run.len(), sums: [0; 64] };
            extent.sums[..run.len()].copy_from_slice(&sums[index..index + run.len()]);
            index += run.len();
            if extent.first > 0
                && let Run::Stored(before) = self.run_at(number, extent.first - 1)?
                && before.place + before.count as u64 == extent.place
                && before.count + extent.count <= EXTENT_BLOCKS
            {
                let mut joined = before;
                joined.count += extent.count;
                joined.sums[before.count..joined.count].copy_from_slice(&extent.sums[..extent.count]);
                extent = joined;
            }
            self.put_extent(number, &extent)?;
        }
        Ok(())
    }

    /// See [`kit_iface_fs::FileSystem::truncate`].
    pub fn truncate(&mut self, file: &Held, size: u64) -> Result<(), FsError> {
        let inode = check_file(file)?;
        if size > SIZE_MAX {
            return Err(FsError::TooLarge);
        }
        if size > inode.size {
            self.clear_tail(file)?;
        }
        while self.cut_step(file.number, size)? {}
        self.begin(0, if size > inode.size { Purpose::Grow } else { Purpose::Shrink })?;
        let mut inode = file.inode();
        inode.size = size;
        inode.touch(kit_iface_clock::wall_ns());
        self.apply(|volume| volume.put_inode(file.number, &inode))
    }

    /// Removes a few extents from the end of a node, down to `size`. Returns whether there may be more; after each
    /// step the file is whole, only shorter, so that a commit may come between.
    pub fn cut_step(&mut self, number: u64, size: u64) -> Result<bool, FsError> {
        let keep = size.div_ceil(BLOCK);
        let Some(last) = self.last_extent(number)?.filter(|extent| extent.end() > keep) else {
            return Ok(false);
        };
        self.begin(0, Purpose::Shrink)?;
        let mut inode = self.inode(number)?;
        self.apply(|volume| {
            let mut extent = last;
            for _ in 0..CUT_EXTENTS {
                let from = extent.first.max(keep);
                let count = extent.end() - from;
                volume.cut_extents(number, from, extent.end())?;
                volume.store.give(extent.place + (from - extent.first), count)?;
                inode.blocks = inode.blocks.saturating_sub(count);
                inode.size = inode.size.min(from * BLOCK).max(size);
                match volume.last_extent(number)?.filter(|extent| extent.end() > keep) {
                    Some(before) => extent = before,
                    None => break,
                }
            }
            inode.touch(kit_iface_clock::wall_ns());
            volume.put_inode(number, &inode)
        })?;
        Ok(true)
    }

    fn last_extent(&mut self, number: u64) -> Result<Option<Extent>, FsError> {
        self.extent(self.store.disk.count, key(number, Item::Extent, u64::MAX), number, true)
    }
}

fn check_file(file: &Held) -> Result<Inode, FsError> {
    let inode = file.inode();
    match inode.kind {
        NodeKind::File => Ok(inode),
        NodeKind::Directory => Err(FsError::IsADirectory),
        NodeKind::Symlink | NodeKind::Device(_) => Err(FsError::Invalid),
    }
}
