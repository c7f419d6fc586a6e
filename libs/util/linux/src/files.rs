//! Files as disks: reading and writing at a place, and making it durable.

use crate::Errno;
use crate::descriptors::open;
use crate::raw::{syscall3, syscall6};
use core::ffi::CStr;

/// Opens an existing file for reading and writing.
pub fn open_for_both(path: &CStr) -> Result<i32, Errno> {
    open(path, libc::O_RDWR)
}

/// Reads at most `buffer.len()` bytes from `offset` on; 0 is the end of the file.
#[inline]
pub fn read_at(descriptor: i32, offset: u64, buffer: &mut [u8]) -> Result<usize, Errno> {
    let place = [buffer.as_mut_ptr() as usize, buffer.len(), offset as usize];
    // SAFETY: the kernel writes at most the buffer's length.
    unsafe { syscall6(libc::SYS_pread64, [descriptor as usize, place[0], place[1], place[2], 0, 0]) }
}

/// Writes at most `bytes.len()` bytes from `offset` on; returns how many.
#[inline]
pub fn write_at(descriptor: i32, offset: u64, bytes: &[u8]) -> Result<usize, Errno> {
    let place = [bytes.as_ptr() as usize, bytes.len(), offset as usize];
    // SAFETY: the kernel only reads the slice.
    unsafe { syscall6(libc::SYS_pwrite64, [descriptor as usize, place[0], place[1], place[2], 0, 0]) }
}

/// Makes durable what was written.
pub fn sync_data(descriptor: i32) -> Result<(), Errno> {
    // SAFETY: no memory is involved.
    unsafe { syscall3(libc::SYS_fdatasync, descriptor as usize, 0, 0) }.map(drop)
}

/// The length of a file, or of a disk of the host's, in bytes. Moves the descriptor's own place to the end.
pub fn length(descriptor: i32) -> Result<u64, Errno> {
    // SAFETY: no memory is involved.
    unsafe { syscall3(libc::SYS_lseek, descriptor as usize, 0, libc::SEEK_END as usize) }
        .map(|end| end as u64)
}

/// Locks a file against others that lock it (flock(2)), against writers only if not `is_exclusive`. Does not wait:
/// [`Errno::AGAIN`] says that somebody holds it. The lock goes with the descriptor.
pub fn lock(descriptor: i32, is_exclusive: bool) -> Result<(), Errno> {
    let kind = if is_exclusive { libc::LOCK_EX } else { libc::LOCK_SH };
    // SAFETY: no memory is involved.
    unsafe { syscall3(libc::SYS_flock, descriptor as usize, (kind | libc::LOCK_NB) as usize, 0) }.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;
    extern crate std;
    use std::ffi::CString;

    #[test]
    fn a_file_is_read_and_written_at_a_place_and_locked() {
        let path = std::env::temp_dir().join(std::format!("kit-util-linux-{}", std::process::id()));
        std::fs::write(&path, b"0123456789").unwrap();
        let name = CString::new(path.to_str().unwrap()).unwrap();
        let file = open_for_both(&name).unwrap();
        assert_eq!(length(file), Ok(10));
        assert_eq!(write_at(file, 8, b"ab"), Ok(2));
        sync_data(file).unwrap();
        let mut buffer = [0; 4];
        assert_eq!(read_at(file, 7, &mut buffer), Ok(3));
        assert_eq!(&buffer[..3], b"7ab");
        let other = open_for_both(&name).unwrap();
        lock(file, true).unwrap();
        assert_eq!(lock(other, false), Err(Errno::AGAIN));
        close(file).unwrap();
        lock(other, false).unwrap();
        close(other).unwrap();
        std::fs::remove_file(path).unwrap();
    }
}
