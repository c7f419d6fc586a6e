//! The process itself: identity, thread pointer, randomness, the end.

use crate::Errno;
use crate::raw::syscall3;

const ARCH_SET_FS: usize = 0x1002;
const ARCH_GET_FS: usize = 0x1003;

/// Ends the process, all its threads included, with `status`.
pub fn exit_group(status: u8) -> ! {
    loop {
        // SAFETY: the process ends here, so nothing of it is used afterwards.
        let _ = unsafe { syscall3(libc::SYS_exit_group, usize::from(status), 0, 0) };
    }
}

/// Fills `buffer` from the kernel's random source, at most 33,554,431 bytes a call; returns how many. Waits if
/// the source was never seeded (early boot of the host).
#[inline]
pub fn fill_random(buffer: &mut [u8]) -> Result<usize, Errno> {
    // SAFETY: the kernel writes at most the buffer's length.
    unsafe { syscall3(libc::SYS_getrandom, buffer.as_mut_ptr() as usize, buffer.len(), 0) }
}

/// Sets the FS base of the calling thread.
///
/// # Safety
/// `pointer` is what thread-local accesses of all code that runs from here on expect.
#[inline]
pub unsafe fn set_thread_pointer(pointer: usize) -> Result<(), Errno> {
    // SAFETY: forwarded to the caller.
    unsafe { syscall3(libc::SYS_arch_prctl, ARCH_SET_FS, pointer, 0) }.map(drop)
}

/// The FS base of the calling thread.
#[inline]
pub fn thread_pointer() -> usize {
    let mut pointer = 0usize;
    // SAFETY: the kernel writes one word, to a word.
    let _ = unsafe { syscall3(libc::SYS_arch_prctl, ARCH_GET_FS, (&raw mut pointer) as usize, 0) };
    pointer
}

/// The process's number.
pub fn process_id() -> i32 {
    // SAFETY: the call only returns a number; it cannot fail.
    unsafe { syscall3(libc::SYS_getpid, 0, 0, 0) }.unwrap_or(0) as i32
}

/// The calling thread's number.
pub fn thread_id() -> i32 {
    // SAFETY: as above.
    unsafe { syscall3(libc::SYS_gettid, 0, 0, 0) }.unwrap_or(0) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bytes_differ() {
        let (mut a, mut b) = ([0u8; 32], [0u8; 32]);
        assert_eq!(fill_random(&mut a), Ok(32));
        assert_eq!(fill_random(&mut b), Ok(32));
        assert_ne!(a, b);
    }

    #[test]
    fn the_thread_pointer_is_set_by_the_host() {
        assert_ne!(thread_pointer(), 0);
    }
}
