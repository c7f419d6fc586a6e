//! Disk: in memory, page by page as it is written to.
//!
//! A table of pages behind a lock. A page that was never written takes no memory and reads as zeroes.
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec::Vec;
use kit_iface_block::{BlockDevice, BlockError, Disk, Geometry, SECTOR_BYTES, check_range};
use kit_util_sync::{Lazy, SleepLock};

const PAGE_BYTES: usize = 4096;

type Page = Option<Box<[u8]>>;

/// Disk 0, of `KIB` KiB; there is no other.
pub struct RamDisk<const KIB: usize> {
    pages: Lazy<SleepLock<Vec<Page>>>,
}

impl<const KIB: usize> RamDisk<KIB> {
    const BYTES: usize = KIB * 1024;

    /// A disk of zeroes. It takes no memory before it is started.
    pub const fn new() -> Self {
        Self { pages: Lazy::new() }
    }

    fn geometry() -> Geometry {
        let mut geometry = Geometry::of((Self::BYTES / SECTOR_BYTES) as u64);
        geometry.physical_bytes = PAGE_BYTES as u32;
        geometry
    }

    fn pages(&self, disk: Disk) -> Result<&SleepLock<Vec<Page>>, BlockError> {
        self.pages.get().filter(|_| disk.0 == 0).ok_or(BlockError::Absent)
    }
}

/// The parts of a transfer: page, place in the page, place in the buffer, length.
fn parts(sector: u64, bytes: usize) -> impl Iterator<Item = (usize, usize, usize, usize)> {
    // The transfer lies on the disk, which lies in memory.
    let start = sector as usize * SECTOR_BYTES;
    let mut done = 0;
    core::iter::from_fn(move || {
        let (page, place) = ((start + done) / PAGE_BYTES, (start + done) % PAGE_BYTES);
        let length = (PAGE_BYTES - place).min(bytes - done);
        let part = (page, place, done, length);
        done += length;
        (length > 0).then_some(part)
    })
}

impl<const KIB: usize> BlockDevice for RamDisk<KIB> {
    fn start(&self, disk: Disk) -> Result<Geometry, BlockError> {
        if disk.0 != 0 {
            return Err(BlockError::Absent);
        }
        self.pages.get_or_try(|| {
            let (mut pages, count) = (Vec::new(), Self::BYTES.div_ceil(PAGE_BYTES));
            pages.try_reserve_exact(count).map_err(|_| BlockError::OutOfMemory)?;
            pages.resize_with(count, || None);
            Ok(SleepLock::new(pages))
        })?;
        Ok(Self::geometry())
    }

    fn read(&self, disk: Disk, sector: u64, buffer: &mut [u8]) -> Result<(), BlockError> {
        let pages = self.pages(disk)?.lock();
        check_range(Self::geometry(), sector, buffer.len())?;
        for (page, place, at, length) in parts(sector, buffer.len()) {
            let buffer = &mut buffer[at..at + length];
            match pages.get(page).and_then(Option::as_ref) {
                Some(bytes) => buffer.copy_from_slice(&bytes[place..place + length]),
                None => buffer.fill(0),
            }
        }
        Ok(())
    }

    fn write(&self, disk: Disk, sector: u64, bytes: &[u8]) -> Result<(), BlockError> {
        let mut pages = self.pages(disk)?.lock();
        check_range(Self::geometry(), sector, bytes.len())?;
        // All memory first: an error changes nothing.
        for (page, ..) in parts(sector, bytes.len()) {
            if pages[page].is_none() {
                pages[page] = Some(zeroes()?);
            }
        }
        for (page, place, at, length) in parts(sector, bytes.len()) {
            if let Some(page) = &mut pages[page] {
                page[place..place + length].copy_from_slice(&bytes[at..at + length]);
            }
        }
        Ok(())
    }

    fn flush(&self, disk: Disk) -> Result<(), BlockError> {
        self.pages(disk).map(|_| ())
    }
}

fn zeroes() -> Result<Box<[u8]>, BlockError> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(PAGE_BYTES).map_err(|_| BlockError::OutOfMemory)?;
    bytes.resize(PAGE_BYTES, 0);
    Ok(bytes.into_boxed_slice())
}
