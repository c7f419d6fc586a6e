//! A disk of the slot as a device of hadris-storage.

use core::fmt;
use hadris_io::{Error, ErrorKind, ErrorType};
use hadris_storage::sync::BlockDevice as Device;
use hadris_storage::{BlockIndex, BlockSize};
use kit_iface_block::{BlockDevice, BlockError, Disk, Geometry, SECTOR_BYTES};

/// The size of a block is that of a sector.
const BLOCK: BlockSize = match BlockSize::new(SECTOR_BYTES as u32) {
    Some(size) => size,
    None => panic!("512 is a size"),
};

/// One disk of `D`.
pub(crate) struct Sectors<D: 'static> {
    pub disks: &'static D,
    pub disk: Disk,
    pub geometry: Geometry,
}

/// An error of the disk. The slot's own error has its words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure(BlockError);

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl core::error::Error for Failure {}

fn failure(error: BlockError) -> Error<Failure> {
    match error {
        BlockError::ReadOnly => Error::new(ErrorKind::ReadOnly, "the disk can only be read"),
        _ => Error::device(Failure(error), "the disk failed"),
    }
}

impl<D> ErrorType for Sectors<D> {
    type Error = Failure;
}

impl<D: BlockDevice> Device for Sectors<D> {
    fn block_size(&self) -> BlockSize {
        BLOCK
    }

    fn block_count(&self) -> u64 {
        self.geometry.sectors
    }

    fn writable(&self) -> bool {
        !self.geometry.is_read_only
    }

    fn read_blocks(&mut self, first: BlockIndex, buffer: &mut [u8]) -> Result<(), Error<Failure>> {
        self.disks.read(self.disk, first.get(), buffer).map_err(failure)
    }

    fn write_blocks(&mut self, first: BlockIndex, bytes: &[u8]) -> Result<(), Error<Failure>> {
        self.disks.write(self.disk, first.get(), bytes).map_err(failure)
    }

    fn flush(&mut self) -> Result<(), Error<Failure>> {
        self.disks.flush(self.disk).map_err(failure)
    }
}
