//! What a file holds and how long it is; the operations on bytes of the [`FileSystem`] slot.
//!
//! [`FileSystem`]: kit_iface_fs::FileSystem

use crate::pages::Pages;
use kit_iface_fs::FsError;

/// The longest file: offsets are `off_t` to applications.
const SIZE_MAX: u64 = i64::MAX as u64;

/// A file's bytes and length. The length is at or behind the last byte stored.
#[derive(Default)]
pub struct Contents {
    pages: Pages,
    size: u64,
}

impl Contents {
    /// Bytes in the file.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of memory taken.
    pub fn stored(&self) -> u64 {
        self.pages.stored() as u64
    }

    /// Reads at `offset`, up to the end.
    pub fn read(&self, offset: u64, buffer: &mut [u8]) -> usize {
        let available = self.size.saturating_sub(offset);
        let length = buffer.len().min(usize::try_from(available).unwrap_or(usize::MAX));
        self.pages.read(offset, &mut buffer[..length]);
        length
    }

    /// Writes at `offset`; returns how many bytes fitted, at least one.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<usize, FsError> {
        let room = usize::try_from(SIZE_MAX.saturating_sub(offset)).unwrap_or(usize::MAX);
        match (bytes.len().min(room), bytes.len()) {
            (_, 0) => return Ok(0),
            (0, _) => return Err(FsError::TooLarge),
            _ => {}
        }
        let written = self.pages.write(offset, &bytes[..bytes.len().min(room)]);
        if written == 0 {
            return Err(FsError::NoSpace);
        }
        self.size = self.size.max(offset + written as u64);
        Ok(written)
    }

    /// Cuts or extends.
    pub fn truncate(&mut self, size: u64) -> Result<(), FsError> {
        if size > SIZE_MAX {
            return Err(FsError::TooLarge);
        }
        if size < self.size {
            self.pages.truncate(size);
        }
        self.size = size;
        Ok(())
    }
}
