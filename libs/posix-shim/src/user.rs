//! What C callers hand over, as Rust values: byte ranges, paths, vectors.
//!
//! An application and the OS share one address space, so a pointer of a C caller is what it says it is; a wrong
//! one faults in the caller's name. Only the null pointer and absurd lengths are answered with an error, as Linux does.

use crate::Errno;
use core::ffi::{CStr, c_char, c_int};
use core::marker::PhantomData;

/// Longest path with its terminating NUL (`PATH_MAX`).
const PATH_BYTES_MAX: usize = 4096;
/// Most vectors in one call (`IOV_MAX`).
const VECTORS_MAX: usize = 1024;

/// The `count` bytes at `start`.
///
/// # Safety
/// They are readable and unchanged for `'a`; `start` may be anything if `count` is zero.
#[inline]
pub unsafe fn bytes<'a, T>(start: *const T, count: usize) -> Result<&'a [u8], Errno> {
    match (count, start.is_null()) {
        (0, _) => Ok(&[]),
        (_, true) => Err(Errno(libc::EFAULT)),
        // SAFETY: forwarded to the caller; longer than `isize::MAX` cannot be readable.
        _ => Ok(unsafe { core::slice::from_raw_parts(start.cast(), count.min(isize::MAX as usize)) }),
    }
}

/// The `count` bytes at `start`, to be filled.
///
/// # Safety
/// They are writable and nobody else's for `'a`; `start` may be anything if `count` is zero.
#[inline]
pub unsafe fn bytes_mut<'a, T>(start: *mut T, count: usize) -> Result<&'a mut [u8], Errno> {
    match (count, start.is_null()) {
        (0, _) => Ok(&mut []),
        (_, true) => Err(Errno(libc::EFAULT)),
        // SAFETY: forwarded to the caller; longer than `isize::MAX` cannot be writable.
        _ => Ok(unsafe { core::slice::from_raw_parts_mut(start.cast(), count.min(isize::MAX as usize)) }),
    }
}

/// A C string that names a file, without its NUL.
///
/// # Safety
/// `path` is null or a C string that is unchanged for `'a`.
pub unsafe fn path<'a>(path: *const c_char) -> Result<&'a [u8], Errno> {
    if path.is_null() {
        return Err(Errno(libc::EFAULT));
    }
    // SAFETY: not null, hence a C string.
    let path = unsafe { CStr::from_ptr(path) }.to_bytes();
    if path.len() >= PATH_BYTES_MAX { Err(Errno(libc::ENAMETOOLONG)) } else { Ok(path) }
}

/// Stores `value` where `place` points.
///
/// # Safety
/// `place` is null or writable, aligned or not.
pub unsafe fn store<T>(place: *mut T, value: T) -> Result<(), Errno> {
    if place.is_null() {
        return Err(Errno(libc::EFAULT));
    }
    // SAFETY: not null, hence writable.
    unsafe { place.write_unaligned(value) };
    Ok(())
}

/// Takes the value that `place` points to.
///
/// # Safety
/// `place` is null or points to a value, aligned or not.
pub unsafe fn load<T: Copy>(place: *const T) -> Result<T, Errno> {
    if place.is_null() {
        return Err(Errno(libc::EFAULT));
    }
    // SAFETY: not null, hence readable.
    Ok(unsafe { place.read_unaligned() })
}

/// A range of bytes to be filled: an `iovec` whose memory is known to be good.
#[repr(transparent)]
pub struct Target<'a>(libc::iovec, PhantomData<&'a mut [u8]>);

impl Target<'_> {
    /// The bytes.
    #[inline]
    pub fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: `targets`, the only way to get one, demands writable ranges.
        unsafe { bytes_mut(self.0.iov_base, self.0.iov_len) }.unwrap_or_default()
    }
}

/// A range of bytes to be stored: an `iovec` whose memory is known to be good.
#[repr(transparent)]
pub struct Source<'a>(libc::iovec, PhantomData<&'a [u8]>);

impl Source<'_> {
    /// The bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: `sources`, the only way to get one, demands readable ranges.
        unsafe { bytes(self.0.iov_base, self.0.iov_len) }.unwrap_or_default()
    }
}

/// The ranges to be filled by a `readv`.
///
/// # Safety
/// `vectors` points to `count` of them, each of which names writable bytes that are nobody else's for `'a`.
pub unsafe fn targets<'a>(vectors: *const libc::iovec, count: c_int) -> Result<&'a mut [Target<'a>], Errno> {
    let count = vector_count(vectors, count)?;
    if count == 0 {
        return Ok(&mut []);
    }
    // SAFETY: `Target` has the layout of `iovec`; the array is the caller's, and nothing writes to the vectors
    // themselves, only through them.
    Ok(unsafe { core::slice::from_raw_parts_mut(vectors.cast_mut().cast(), count) })
}

/// The ranges to be stored by a `writev`.
///
/// # Safety
/// `vectors` points to `count` of them, each of which names bytes that are unchanged for `'a`.
pub unsafe fn sources<'a>(vectors: *const libc::iovec, count: c_int) -> Result<&'a [Source<'a>], Errno> {
    let count = vector_count(vectors, count)?;
    if count == 0 {
        return Ok(&[]);
    }
    // SAFETY: `Source` has the layout of `iovec`, and the array is the caller's.
    Ok(unsafe { core::slice::from_raw_parts(vectors.cast(), count) })
}

fn vector_count(vectors: *const libc::iovec, count: c_int) -> Result<usize, Errno> {
    match usize::try_from(count) {
        Ok(0) => Ok(0),
        Ok(1..=VECTORS_MAX) if vectors.is_null() => Err(Errno(libc::EFAULT)),
        Ok(count @ 1..=VECTORS_MAX) => Ok(count),
        _ => Err(Errno(libc::EINVAL)),
    }
}
