//! What was written and not flushed: for each sector all versions since the last flush.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use kit_iface_block::random::Random;
use kit_iface_block::{BlockDevice, BlockError, Disk, SECTOR_BYTES};

type Sector = Box<[u8; SECTOR_BYTES]>;

/// Versions that are kept at most: 2 MiB. A disk's cache has an end, too.
const MOST_VERSIONS: usize = 4096;
/// Sectors that go to the disk below in one write at most.
const MOST_AT_ONCE: usize = 128;

/// The volatile cache of all disks.
#[derive(Default)]
pub(crate) struct Cache {
    sectors: BTreeMap<(u8, u64), Vec<Sector>>,
    versions: usize,
}

impl Cache {
    pub const fn new() -> Self {
        Self { sectors: BTreeMap::new(), versions: 0 }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Whether it is time to write back.
    pub fn is_full(&self) -> bool {
        self.versions >= MOST_VERSIONS
    }

    /// Keeps one more version of a sector.
    pub fn put(&mut self, disk: Disk, sector: u64, bytes: &[u8; SECTOR_BYTES]) {
        self.sectors.entry((disk.0, sector)).or_default().push(Box::new(*bytes));
        self.versions += 1;
    }

    /// Lays the newest versions over what was read from the medium.
    pub fn lay_over(&self, disk: Disk, sector: u64, buffer: &mut [u8]) {
        let end = sector + (buffer.len() / SECTOR_BYTES) as u64;
        for ((_, at), versions) in self.sectors.range((disk.0, sector)..(disk.0, end)) {
            let place = (at - sector) as usize * SECTOR_BYTES;
            if let Some(newest) = versions.last() {
                buffer[place..place + SECTOR_BYTES].copy_from_slice(&**newest);
            }
        }
    }

    /// Writes the newest versions down, neighbours together. On an error everything stays.
    pub fn write_back(&mut self, below: &impl BlockDevice) -> Result<(), BlockError> {
        let mut run = Run { disk: Disk(0), sector: 0, bytes: Vec::new() };
        for (&(disk, sector), versions) in &self.sectors {
            if !run.is_continued_by(disk, sector) {
                run.write(below)?;
                run = Run { disk: Disk(disk), sector, bytes: Vec::new() };
            }
            run.bytes.extend(versions.last().into_iter().flat_map(|newest| newest.iter()));
        }
        run.write(below)?;
        self.clear();
        Ok(())
    }

    /// The power is cut: each sector keeps any of its versions or what is on the medium; where `tears` says so, one
    /// of them is left with the first half of a version and the second half of what was there before.
    pub fn lose(&mut self, below: &impl BlockDevice, random: &mut Random, tears: bool) {
        let count = self.sectors.len() as u64;
        let torn = if tears && count > 0 { random.below(count) } else { count };
        for (number, ((disk, sector), versions)) in (0..).zip(core::mem::take(&mut self.sectors)) {
            let survivor = random.below(versions.len() as u64 + 1) as usize;
            let is_torn = number == torn;
            let newer = if is_torn { survivor.max(1) } else { survivor };
            let Some(version) = newer.checked_sub(1).and_then(|newer| versions.get(newer)) else { continue };
            let mut bytes = version.clone();
            if is_torn {
                let (half, mut before) = (SECTOR_BYTES / 2, [0; SECTOR_BYTES]);
                match newer.checked_sub(2).and_then(|older| versions.get(older)) {
                    Some(older) => before = **older,
                    // What cannot be read cannot be torn either.
                    None if below.read(Disk(disk), sector, &mut before).is_err() => continue,
                    None => {}
                }
                bytes[half..].copy_from_slice(&before[half..]);
            }
            // The power is going: nobody is left to be told of an error.
            let _ = below.write(Disk(disk), sector, &*bytes);
        }
        self.clear();
        // Below, what has been written stays; the next boot is to find it.
        for disk in 0..=u8::MAX {
            if below.flush(Disk(disk)) == Err(BlockError::Absent) {
                break;
            }
        }
    }
}

/// Neighbouring sectors on their way down.
struct Run {
    disk: Disk,
    sector: u64,
    bytes: Vec<u8>,
}

impl Run {
    fn is_continued_by(&self, disk: u8, sector: u64) -> bool {
        let sectors = self.bytes.len() / SECTOR_BYTES;
        self.disk.0 == disk && self.sector + sectors as u64 == sector && (1..MOST_AT_ONCE).contains(&sectors)
    }

    fn write(&self, below: &impl BlockDevice) -> Result<(), BlockError> {
        if self.bytes.is_empty() { Ok(()) } else { below.write(self.disk, self.sector, &self.bytes) }
    }
}
