//! The memory map of the process: mmap, munmap, mprotect, madvise.

use crate::Errno;
use crate::raw::{syscall3, syscall6};
use core::ptr::NonNull;

/// What pages may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Nothing.
    None,
    /// Loads.
    Read,
    /// Loads and stores.
    ReadWrite,
    /// Loads and instruction fetches.
    ReadExecute,
}

impl Protection {
    const fn bits(self) -> usize {
        (match self {
            Self::None => libc::PROT_NONE,
            Self::Read => libc::PROT_READ,
            Self::ReadWrite => libc::PROT_READ | libc::PROT_WRITE,
            Self::ReadExecute => libc::PROT_READ | libc::PROT_EXEC,
        }) as usize
    }
}

/// What the kernel is told about pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Drop the contents now; the pages read as zeroes again.
    DontNeed,
    /// Never back the range with huge pages: what is touched is what is paid.
    NoHugePages,
}

/// Maps `bytes` of fresh, private, zeroed memory at a place of the kernel's choice, without reserving swap for
/// it: pages are paid for when they are touched.
#[inline]
pub fn map(bytes: usize, protection: Protection) -> Result<NonNull<u8>, Errno> {
    let flags = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE) as usize;
    // SAFETY: without MAP_FIXED the kernel picks a free range, so no existing memory changes.
    let address = unsafe { syscall6(libc::SYS_mmap, [0, bytes, protection.bits(), flags, usize::MAX, 0]) }?;
    NonNull::new(address as *mut u8).ok_or(Errno(libc::ENOMEM))
}

/// Puts `bytes` of a file, from `offset` on, where memory is: what the file holds is seen there, and what is written
/// there is seen by everybody else who has the file. All three are whole pages.
///
/// # Safety
/// Nobody relies on what the memory held.
#[inline]
pub unsafe fn map_file(start: NonNull<u8>, bytes: usize, file: i32, offset: usize) -> Result<(), Errno> {
    let flags = (libc::MAP_SHARED | libc::MAP_FIXED) as usize;
    let words = [start.as_ptr() as usize, bytes, Protection::ReadWrite.bits(), flags, file as usize, offset];
    // SAFETY: the caller promises that the range may be replaced.
    unsafe { syscall6(libc::SYS_mmap, words) }.map(drop)
}

/// Removes the mappings of a range.
///
/// # Safety
/// Nobody uses the range any more.
#[inline]
pub unsafe fn unmap(start: NonNull<u8>, bytes: usize) -> Result<(), Errno> {
    // SAFETY: the caller promises that the range is unused.
    unsafe { syscall3(libc::SYS_munmap, start.as_ptr() as usize, bytes, 0) }.map(drop)
}

/// Changes what a range may be used for.
///
/// # Safety
/// No code relies on rights that this takes away.
#[inline]
pub unsafe fn protect(start: NonNull<u8>, bytes: usize, protection: Protection) -> Result<(), Errno> {
    // SAFETY: the caller promises that no code misses the old rights.
    unsafe { syscall3(libc::SYS_mprotect, start.as_ptr() as usize, bytes, protection.bits()) }.map(drop)
}

/// Tells the kernel how a range is used.
///
/// # Safety
/// With [`Advice::DontNeed`], nobody needs the contents.
#[inline]
pub unsafe fn advise(start: NonNull<u8>, bytes: usize, advice: Advice) -> Result<(), Errno> {
    let advice = match advice {
        Advice::DontNeed => libc::MADV_DONTNEED,
        Advice::NoHugePages => libc::MADV_NOHUGEPAGE,
    };
    // SAFETY: the caller promises that the contents may go.
    unsafe { syscall3(libc::SYS_madvise, start.as_ptr() as usize, bytes, advice as usize) }.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_zeroed_and_discarding_zeroes_it_again() {
        let page = map(4096, Protection::ReadWrite).unwrap();
        // SAFETY: the page was mapped above and belongs to this test until it is unmapped.
        unsafe {
            assert_eq!(page.read(), 0);
            page.write(7);
            advise(page, 4096, Advice::DontNeed).unwrap();
            assert_eq!(page.read(), 0);
            unmap(page, 4096).unwrap();
        }
    }

    #[test]
    fn an_unaligned_range_is_an_error() {
        let odd = NonNull::new(0x1001 as *mut u8).unwrap();
        // SAFETY: the kernel refuses the call, so nothing is unmapped.
        assert_eq!(unsafe { unmap(odd, 4096) }, Err(Errno(libc::EINVAL)));
    }
}
