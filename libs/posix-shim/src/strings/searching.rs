//! Searching and comparing bytes and C strings, for C code that comes along with Rust crates.
//!
//! The loops read through volatile pointers: LLVM knows several of them by shape, and would compile a `strlen`
//! loop inside `strnlen` into a call, or `strcmp` into itself.

use crate::types::{c_char, c_int, c_void, size_t};

/// The byte at `at`.
///
/// # Safety
/// It is readable.
#[inline(always)]
unsafe fn read<T>(start: *const T, at: usize) -> u8 {
    // SAFETY: forwarded to the caller.
    unsafe { start.cast::<u8>().add(at).read_volatile() }
}

/// `strnlen`.
///
/// # Safety
/// `string` is readable up to its end or for `most` bytes.
pub unsafe fn bounded_length(string: *const c_char, most: size_t) -> size_t {
    let mut length = 0;
    // SAFETY: no byte beyond the end or the bound is read.
    while length < most && unsafe { read(string, length) } != 0 {
        length += 1;
    }
    length
}

/// `memchr`.
///
/// # Safety
/// `count` bytes are readable.
pub unsafe fn find_byte(bytes: *const c_void, byte: c_int, count: size_t) -> *mut c_void {
    // SAFETY: no byte beyond `count` is read.
    match (0..count).find(|&at| unsafe { read(bytes, at) } == byte as u8) {
        Some(at) => bytes.wrapping_byte_add(at).cast_mut(),
        None => core::ptr::null_mut(),
    }
}

/// `memrchr`.
///
/// # Safety
/// As [`find_byte`].
pub unsafe fn find_last_byte(bytes: *const c_void, byte: c_int, count: size_t) -> *mut c_void {
    // SAFETY: no byte beyond `count` is read.
    match (0..count).rev().find(|&at| unsafe { read(bytes, at) } == byte as u8) {
        Some(at) => bytes.wrapping_byte_add(at).cast_mut(),
        None => core::ptr::null_mut(),
    }
}

/// `strchr`; the string's end counts as one of its bytes.
///
/// # Safety
/// `string` is a C string.
pub unsafe fn find_char(string: *const c_char, byte: c_int) -> *mut c_char {
    for at in 0.. {
        // SAFETY: the loop ends with the string.
        let this = unsafe { read(string, at) };
        if this == byte as u8 {
            return string.wrapping_add(at).cast_mut();
        }
        if this == 0 {
            break;
        }
    }
    core::ptr::null_mut()
}

/// `strrchr`; the string's end counts as one of its bytes.
///
/// # Safety
/// As [`find_char`].
pub unsafe fn find_last_char(string: *const c_char, byte: c_int) -> *mut c_char {
    let mut found = core::ptr::null_mut();
    for at in 0.. {
        // SAFETY: the loop ends with the string.
        let this = unsafe { read(string, at) };
        if this == byte as u8 {
            found = string.wrapping_add(at).cast_mut();
        }
        if this == 0 {
            break;
        }
    }
    found
}

/// `strcmp`.
///
/// # Safety
/// Both are C strings.
pub unsafe fn compare(a: *const c_char, b: *const c_char) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { compare_bounded(a, b, usize::MAX) }
}

/// `strncmp`.
///
/// # Safety
/// Both are readable up to their end or for `most` bytes.
pub unsafe fn compare_bounded(a: *const c_char, b: *const c_char, most: size_t) -> c_int {
    for at in 0..most {
        // SAFETY: the loop ends with the shorter string, at the first difference, or at the bound.
        let (x, y) = unsafe { (read(a, at), read(b, at)) };
        if x != y || x == 0 {
            return c_int::from(x) - c_int::from(y);
        }
    }
    0
}
