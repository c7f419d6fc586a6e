//! A disk in memory that forgets what was not flushed, for the tests of filesystems.

extern crate alloc;

use crate::{BlockDevice, BlockError, Disk, Geometry, SECTOR_BYTES, check_range};
use alloc::vec;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

/// Disk 0, in memory; there is no other.
pub struct MemoryDisk {
    state: UnsafeCell<State>,
    is_taken: AtomicBool,
}

struct State {
    now: Vec<u8>,
    durable: Vec<u8>,
    /// What was written since the last flush.
    dirty: Vec<core::ops::Range<usize>>,
}

// SAFETY: `with` lets one thread at a time at the state.
unsafe impl Sync for MemoryDisk {}

impl MemoryDisk {
    /// A disk of zeroes.
    pub fn new(sectors: u64) -> Self {
        Self::holding(vec![0; sectors as usize * SECTOR_BYTES])
    }

    /// A disk that holds `bytes`, a whole number of sectors.
    pub fn holding(bytes: Vec<u8>) -> Self {
        assert!(bytes.len().is_multiple_of(SECTOR_BYTES));
        let state = State { now: bytes.clone(), durable: bytes, dirty: Vec::new() };
        Self { state: UnsafeCell::new(state), is_taken: AtomicBool::new(false) }
    }

    /// What a power cut now would leave: everything flushed, nothing else.
    pub fn durable(&self) -> Vec<u8> {
        self.with(|state| state.durable.clone())
    }

    /// What reads see.
    pub fn contents(&self) -> Vec<u8> {
        self.with(|state| state.now.clone())
    }

    fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        while self.is_taken.swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        // SAFETY: the flag is ours until the store below.
        let result = work(unsafe { &mut *self.state.get() });
        self.is_taken.store(false, Ordering::Release);
        result
    }
}

/// Where a transfer lies in a disk of `length` bytes.
fn range(length: usize, sector: u64, bytes: usize) -> Result<core::ops::Range<usize>, BlockError> {
    check_range(Geometry::of((length / SECTOR_BYTES) as u64), sector, bytes)?;
    // It lies in memory, so these fit.
    let start = sector as usize * SECTOR_BYTES;
    Ok(start..start + bytes)
}

impl BlockDevice for MemoryDisk {
    fn start(&self, disk: Disk) -> Result<Geometry, BlockError> {
        let sectors = self.with(|state| state.now.len() / SECTOR_BYTES);
        if disk.0 == 0 { Ok(Geometry::of(sectors as u64)) } else { Err(BlockError::Absent) }
    }

    fn read(&self, _disk: Disk, sector: u64, buffer: &mut [u8]) -> Result<(), BlockError> {
        self.with(|state| {
            buffer.copy_from_slice(&state.now[range(state.now.len(), sector, buffer.len())?]);
            Ok(())
        })
    }

    fn write(&self, _disk: Disk, sector: u64, bytes: &[u8]) -> Result<(), BlockError> {
        self.with(|state| {
            let range = range(state.now.len(), sector, bytes.len())?;
            state.now[range.clone()].copy_from_slice(bytes);
            state.dirty.push(range);
            Ok(())
        })
    }

    fn flush(&self, _disk: Disk) -> Result<(), BlockError> {
        self.with(|state| {
            for range in state.dirty.drain(..) {
                state.durable[range.clone()].copy_from_slice(&state.now[range]);
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    kit_util_host_test::bind!();

    #[test]
    fn a_cut_leaves_what_was_flushed() {
        let disk = MemoryDisk::new(64);
        let lost = (0..20).map(|seed| {
            crate::conformance::what_was_flushed_survives(&disk, Disk(0), seed, 50, || disk.durable())
        });
        assert!(lost.sum::<usize>() > 0, "some work was not flushed");
    }

    #[test]
    #[should_panic = "neither what was flushed"]
    fn the_suite_notices_a_lost_sector() {
        let disk = MemoryDisk::new(64);
        let cut = || vec![0; 64 * SECTOR_BYTES];
        crate::conformance::what_was_flushed_survives(&disk, Disk(0), 1, 50, cut);
    }

    #[test]
    fn the_fake_keeps_the_promises() {
        let disk = MemoryDisk::new(64);
        crate::conformance::all(&disk, Disk(0));
        let durable = disk.durable();
        disk.write(Disk(0), 0, &[1; SECTOR_BYTES]).expect("it writes");
        assert_eq!(disk.durable(), durable);
        disk.flush(Disk(0)).expect("it flushes");
        assert_ne!(disk.durable(), durable);
    }
}
