//! One file as a disk.

use alloc::vec::Vec;
use core::ffi::CStr;
use kit_iface_block::{BlockError, Geometry, SECTOR_BYTES, check_range};
use kit_iface_console::log_str;
use kit_util_cmdline::Text;
use kit_util_linux::{
    Errno, close, length, lock, open_for_both, open_for_reading, read_at, sync_data, write_at,
};

/// What Linux' page cache, and the disks below it, write at once.
const PAGE_BYTES: u32 = 4096;

/// An open file.
pub(crate) struct DiskFile {
    descriptor: i32,
    geometry: Geometry,
}

impl DiskFile {
    /// Opens `PATH:rw`, `PATH:ro` or `PATH`.
    pub fn open(name: Text<'_>) -> Result<Self, BlockError> {
        let mut path = Vec::new();
        path.try_reserve_exact(name.max_len() + 1).map_err(|_| BlockError::OutOfMemory)?;
        path.extend(name.bytes());
        let is_read_only = path.ends_with(b":ro");
        if is_read_only || path.ends_with(b":rw") {
            path.truncate(path.len() - 3);
        }
        path.push(0);
        let path = CStr::from_bytes_with_nul(&path).map_err(|_| BlockError::Absent)?;
        let opened = if is_read_only { open_for_reading(path) } else { open_for_both(path) };
        let descriptor = opened.map_err(|errno| failure(path, errno))?;
        let file = match Self::of(descriptor, is_read_only) {
            Ok(file) => file,
            Err(errno) => {
                let _ = close(descriptor);
                return Err(failure(path, errno));
            }
        };
        Ok(file)
    }

    fn of(descriptor: i32, is_read_only: bool) -> Result<Self, Errno> {
        // Two images that write to one disk destroy it.
        lock(descriptor, !is_read_only)?;
        let mut geometry = Geometry::of(length(descriptor)? / SECTOR_BYTES as u64);
        geometry.physical_bytes = PAGE_BYTES;
        geometry.is_read_only = is_read_only;
        Ok(Self { descriptor, geometry })
    }

    pub fn geometry(&self) -> Geometry {
        self.geometry
    }

    pub fn read(&self, sector: u64, buffer: &mut [u8]) -> Result<(), BlockError> {
        check_range(self.geometry, sector, buffer.len())?;
        transfer(sector, buffer.len(), |offset, done| read_at(self.descriptor, offset, &mut buffer[done..]))
    }

    pub fn write(&self, sector: u64, bytes: &[u8]) -> Result<(), BlockError> {
        check_range(self.geometry, sector, bytes.len())?;
        if self.geometry.is_read_only {
            return Err(BlockError::ReadOnly);
        }
        transfer(sector, bytes.len(), |offset, done| write_at(self.descriptor, offset, &bytes[done..]))
    }

    pub fn flush(&self) -> Result<(), BlockError> {
        if self.geometry.is_read_only {
            return Ok(());
        }
        loop {
            match sync_data(self.descriptor) {
                Ok(()) => return Ok(()),
                Err(Errno::INTERRUPTED) => {}
                Err(_) => return Err(BlockError::Medium),
            }
        }
    }
}

/// Says why a file is no disk: the host knows, and the error of the slot does not tell.
fn failure(path: &CStr, errno: Errno) -> BlockError {
    log_str("kit: disk ");
    log_str(path.to_str().unwrap_or("?"));
    log_str(match errno {
        Errno::AGAIN => ": another program uses it\n",
        Errno(libc::ENOENT) => ": no such file\n",
        Errno(libc::EACCES | libc::EPERM | libc::EROFS) => ": no permission\n",
        _ => ": cannot be opened\n",
    });
    if errno == Errno(libc::ENOENT) { BlockError::Absent } else { BlockError::Failed }
}

/// Repeats a system call until `bytes` have been moved. `call` gets the offset in the file and what is done already.
fn transfer(
    sector: u64,
    bytes: usize,
    mut call: impl FnMut(u64, usize) -> Result<usize, Errno>,
) -> Result<(), BlockError> {
    let mut done = 0;
    while done < bytes {
        match call(sector * SECTOR_BYTES as u64 + done as u64, done) {
            // The file has become shorter, or the host's disk is full.
            Ok(0) => return Err(BlockError::Medium),
            Ok(count) => done += count,
            Err(Errno::INTERRUPTED) => {}
            Err(_) => return Err(BlockError::Medium),
        }
    }
    Ok(())
}
