//! Bytes and C strings.
//!
//! | file | concern |
//! |---|---|
//! | [`assembly`] | `memcpy`, `memset`, `memcmp`, `strlen`: what compiled code calls everywhere |
//! | [`searching`] | the rest of `<string.h>` that C dependencies of Rust crates use |
//!
//! and, here, the shim's own ways between C strings and slices.

pub mod assembly;
pub mod searching;

use crate::types::{c_char, c_int};

/// The bytes of a C string, without its end.
///
/// # Safety
/// `string` is a C string that stays as it is for `'a`.
pub unsafe fn bytes_of<'a>(string: *const c_char) -> &'a [u8] {
    // SAFETY: forwarded to the caller.
    unsafe { core::ffi::CStr::from_ptr(string).to_bytes() }
}

/// The decimal digits of `number`, in the end of `buffer`.
pub(crate) fn decimal(number: c_int, buffer: &mut [u8; 12]) -> &[u8] {
    let mut rest = number.unsigned_abs();
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    &buffer[at..]
}

/// Exports the group `strings`.
#[macro_export]
macro_rules! export_strings {
    ($image:ty) => {
        $crate::c_assembly! {
            asm memcpy, memmove = $crate::copy_text!();
            asm memset = $crate::fill_text!();
            asm memcmp, bcmp = $crate::compare_text!();
            asm strlen = $crate::length_text!();
        }
        $crate::c_names! {
            fn strnlen(string: *const c_char, most: size_t) -> size_t = $crate::strings::searching::bounded_length;
            fn memchr(bytes: *const c_void, byte: c_int, count: size_t) -> *mut c_void = $crate::strings::searching::find_byte;
            fn memrchr(bytes: *const c_void, byte: c_int, count: size_t) -> *mut c_void = $crate::strings::searching::find_last_byte;
            fn strchr(string: *const c_char, byte: c_int) -> *mut c_char = $crate::strings::searching::find_char;
            fn strrchr(string: *const c_char, byte: c_int) -> *mut c_char = $crate::strings::searching::find_last_char;
            fn strcmp(a: *const c_char, b: *const c_char) -> c_int = $crate::strings::searching::compare;
            fn strncmp(a: *const c_char, b: *const c_char, most: size_t) -> c_int = $crate::strings::searching::compare_bounded;
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        for number in [0, 7, -1, 10, 4095, c_int::MAX, c_int::MIN] {
            assert_eq!(decimal(number, &mut [0; 12]), alloc::format!("{number}").as_bytes());
        }
    }
}
