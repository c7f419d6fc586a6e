//! `errno`: one word per thread, the type that carries it inside the OS, and its texts.
//!
//! Inside the shim an error is a value, [`Errno`], and travels in a `Result`. Only the outermost function behind
//! a C name turns it into the C convention, by [`ret`] or one of its two variants: the thread's word is set and
//! the function's own "it failed" value is answered. Code below that line never touches `errno`, so it can be
//! tested on a host, where the word belongs to somebody else.

use crate::threads::tcb;
use crate::types::{c_char, c_int, size_t};

/// An error number of Linux, x86-64 (`asm-generic/errno.h`); never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub c_int);

/// A C result type and its value for "it failed, look at `errno`".
pub trait Failed {
    /// The value.
    const FAILED: Self;
}

impl Failed for c_int {
    const FAILED: Self = -1;
}
impl Failed for i64 {
    const FAILED: Self = -1;
}
impl Failed for isize {
    const FAILED: Self = -1;
}
impl<T> Failed for *mut T {
    const FAILED: Self = core::ptr::null_mut();
}
impl<T> Failed for *const T {
    const FAILED: Self = core::ptr::null();
}

/// Answers `result` in the C convention.
#[inline]
pub fn ret<T: Failed>(result: Result<T, Errno>) -> T {
    match result {
        Ok(value) => value,
        Err(errno) => {
            set(errno);
            T::FAILED
        }
    }
}

/// Answers 0, or -1 with `errno` set.
#[inline]
pub fn ret_unit(result: Result<(), Errno>) -> c_int {
    ret(result.map(|()| 0))
}

/// Answers a count of bytes, or -1 with `errno` set.
#[inline]
pub fn ret_count(result: Result<usize, Errno>) -> isize {
    ret(result.map(|count| count as isize))
}

/// Sets the calling thread's `errno`.
#[inline]
pub fn set(errno: Errno) {
    tcb::current().errno.set(errno.0);
}

/// `__errno_location`: where the calling thread's `errno` lives.
pub fn location() -> *mut c_int {
    tcb::current().errno.as_ptr()
}

/// What `strerror` says, for the numbers that kit's own code or a peer's network stack can produce; the words
/// are glibc's, so that messages do not differ between an image and a Linux process. Number, text, NUL, …
const TEXTS: &[u8] = b"\
\x01Operation not permitted\0\
\x02No such file or directory\0\
\x03No such process\0\
\x04Interrupted system call\0\
\x05Input/output error\0\
\x06No such device or address\0\
\x07Argument list too long\0\
\x08Exec format error\0\
\x09Bad file descriptor\0\
\x0aNo child processes\0\
\x0bResource temporarily unavailable\0\
\x0cCannot allocate memory\0\
\x0dPermission denied\0\
\x0eBad address\0\
\x10Device or resource busy\0\
\x11File exists\0\
\x12Invalid cross-device link\0\
\x13No such device\0\
\x14Not a directory\0\
\x15Is a directory\0\
\x16Invalid argument\0\
\x17Too many open files in system\0\
\x18Too many open files\0\
\x19Inappropriate ioctl for device\0\
\x1aText file busy\0\
\x1bFile too large\0\
\x1cNo space left on device\0\
\x1dIllegal seek\0\
\x1eRead-only file system\0\
\x1fToo many links\0\
\x20Broken pipe\0\
\x21Numerical argument out of domain\0\
\x22Numerical result out of range\0\
\x23Resource deadlock avoided\0\
\x24File name too long\0\
\x25No locks available\0\
\x26Function not implemented\0\
\x27Directory not empty\0\
\x28Too many levels of symbolic links\0\
\x3dNo data available\0\
\x3eTimer expired\0\
\x47Protocol error\0\
\x4bValue too large for defined data type\0\
\x54Invalid or incomplete multibyte or wide character\0\
\x58Socket operation on non-socket\0\
\x59Destination address required\0\
\x5aMessage too long\0\
\x5bProtocol wrong type for socket\0\
\x5cProtocol not available\0\
\x5dProtocol not supported\0\
\x5eSocket type not supported\0\
\x5fOperation not supported\0\
\x60Protocol family not supported\0\
\x61Address family not supported by protocol\0\
\x62Address already in use\0\
\x63Cannot assign requested address\0\
\x64Network is down\0\
\x65Network is unreachable\0\
\x66Network dropped connection on reset\0\
\x67Software caused connection abort\0\
\x68Connection reset by peer\0\
\x69No buffer space available\0\
\x6aTransport endpoint is already connected\0\
\x6bTransport endpoint is not connected\0\
\x6cCannot send after transport endpoint shutdown\0\
\x6eConnection timed out\0\
\x6fConnection refused\0\
\x70Host is down\0\
\x71No route to host\0\
\x72Operation already in progress\0\
\x73Operation now in progress\0\
\x7aDisk quota exceeded\0\
\x7dOperation canceled\0";

/// The text of an error number, if it is one of those that can occur here.
pub fn text(number: c_int) -> Option<&'static [u8]> {
    let mut rest = TEXTS;
    while let Some((&first, tail)) = rest.split_first() {
        let end = tail.iter().position(|&byte| byte == 0)?;
        if c_int::from(first) == number {
            return tail.get(..end);
        }
        rest = tail.get(end + 1..)?;
    }
    None
}

/// `__xpg_strerror_r` (POSIX `strerror_r`): the text of `number`, cut to `buffer_bytes` and terminated.
///
/// # Safety
/// `buffer` is valid for writes of `buffer_bytes`.
pub unsafe fn xpg_strerror_r(number: c_int, buffer: *mut c_char, buffer_bytes: size_t) -> c_int {
    let mut digits = [0; 12];
    let (first, second, known) = match text(number) {
        Some(text) => (text, &[][..], 0),
        None => (&b"Unknown error "[..], crate::strings::decimal(number, &mut digits), libc::EINVAL),
    };
    let mut written = 0;
    for &byte in first.iter().chain(second) {
        if written + 1 >= buffer_bytes {
            break;
        }
        // SAFETY: `written` is below `buffer_bytes`.
        unsafe { buffer.add(written).write(byte as c_char) };
        written += 1;
    }
    if buffer_bytes == 0 {
        return libc::ERANGE;
    }
    // SAFETY: the loop leaves room for one more byte.
    unsafe { buffer.add(written).write(0) };
    if written < first.len() + second.len() { libc::ERANGE } else { known }
}

/// Exports the group `errno`.
#[macro_export]
macro_rules! export_errno {
    ($image:ty) => {
        $crate::c_names! {
            fn __errno_location() -> *mut c_int = $crate::errno::location;
            fn __xpg_strerror_r(number: c_int, buffer: *mut c_char, buffer_bytes: size_t) -> c_int = $crate::errno::xpg_strerror_r;
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_from_first_to_last() {
        assert_eq!(text(1), Some(&b"Operation not permitted"[..]));
        assert_eq!(text(libc::EADDRINUSE), Some(&b"Address already in use"[..]));
        assert_eq!(text(libc::ECANCELED), Some(&b"Operation canceled"[..]));
        assert_eq!(text(15), None);
        assert_eq!(text(4000), None);
    }

    #[test]
    fn texts_are_those_of_the_host() {
        for number in 1..134 {
            let mut host = [0u8; 128];
            if let Some(text) = text(number) {
                // SAFETY: the buffer is as long as stated.
                assert_eq!(unsafe { libc::strerror_r(number, host.as_mut_ptr().cast(), host.len()) }, 0);
                let end = host.iter().position(|&byte| byte == 0).unwrap_or(host.len());
                assert_eq!(text, &host[..end], "errno {number}");
            }
        }
    }

    #[test]
    fn long_texts_are_cut_and_terminated() {
        let mut buffer = [1 as c_char; 8];
        // SAFETY: the buffer is as long as stated.
        assert_eq!(unsafe { xpg_strerror_r(libc::ENOENT, buffer.as_mut_ptr(), 8) }, libc::ERANGE);
        assert_eq!(buffer.map(|byte| byte as u8), *b"No such\0");
        let mut buffer = [1 as c_char; 20];
        // SAFETY: as above.
        assert_eq!(unsafe { xpg_strerror_r(-77, buffer.as_mut_ptr(), 20) }, libc::EINVAL);
        assert_eq!(
            buffer[..18].iter().map(|&byte| byte as u8).collect::<alloc::vec::Vec<_>>(),
            b"Unknown error -77\0"
        );
    }
}
