//! One disk in blocks.

use crate::layout::BLOCK_BYTES;
use kit_iface_block::{BlockDevice, BlockError, Disk, SECTOR_BYTES};
use kit_iface_fs::FsError;

const SECTORS: u64 = (BLOCK_BYTES / SECTOR_BYTES) as u64;

/// A disk, and whether it may still be written.
pub struct Blocks<D: 'static> {
    device: &'static D,
    disk: Disk,
    /// Whole blocks on it.
    pub count: u64,
    /// It can only be read.
    pub is_read_only: bool,
    /// A write or a flush has failed: what the disk holds since the last commit is unknown.
    pub is_broken: bool,
}

impl<D: BlockDevice> Blocks<D> {
    /// Starts the disk.
    pub fn start(device: &'static D, disk: Disk) -> Result<Self, BlockError> {
        let geometry = device.start(disk)?;
        let count = geometry.sectors / SECTORS;
        Ok(Self { device, disk, count, is_read_only: geometry.is_read_only, is_broken: false })
    }

    /// Reads whole blocks.
    pub fn read(&self, block: u64, bytes: &mut [u8]) -> Result<(), FsError> {
        self.device.read(self.disk, block * SECTORS, bytes).map_err(|_| FsError::Device)
    }

    /// Writes whole blocks. After a failure nothing is written any more.
    pub fn write(&mut self, block: u64, bytes: &[u8]) -> Result<(), FsError> {
        let written = if self.is_broken {
            Err(FsError::Device)
        } else {
            self.device.write(self.disk, block * SECTORS, bytes).map_err(|_| FsError::Device)
        };
        self.is_broken |= written.is_err();
        written
    }

    /// Makes durable what was written. After a failure nothing is written any more.
    pub fn flush(&mut self) -> Result<(), FsError> {
        let flushed = if self.is_broken {
            Err(FsError::Device)
        } else {
            self.device.flush(self.disk).map_err(|_| FsError::Device)
        };
        self.is_broken |= flushed.is_err();
        flushed
    }
}
