//! `getrandom` and `getentropy`, in images that have a source of random bytes.
//!
//! Without one the names do not exist, and `kit` refuses a program that asks for them: std looks for `getrandom` by a
//! weak symbol and goes on without it, so the linker would not.

use kit_iface_entropy::EntropyError;

use crate::Errno;
use crate::errno::{ret, ret_count, ret_unit};
use crate::types::{c_int, c_uint, c_void, size_t};

/// `getrandom`.
///
/// # Safety
/// `buffer` is valid for writes of `bytes`.
pub unsafe fn get(buffer: *mut c_void, bytes: size_t, _flags: c_uint) -> isize {
    // SAFETY: forwarded to the caller.
    let buffer = unsafe { core::slice::from_raw_parts_mut(buffer.cast::<u8>(), bytes) };
    ret_count(fill(buffer).map(|()| bytes))
}

/// `getentropy`.
///
/// # Safety
/// As [`get`].
pub unsafe fn entropy(buffer: *mut c_void, bytes: size_t) -> c_int {
    if bytes > 256 {
        return ret(Err(Errno(libc::EIO)));
    }
    // SAFETY: forwarded to the caller.
    ret_unit(fill(unsafe { core::slice::from_raw_parts_mut(buffer.cast::<u8>(), bytes) }))
}

fn fill(buffer: &mut [u8]) -> Result<(), Errno> {
    kit_iface_entropy::fill(buffer).map_err(|error| {
        Errno(match error {
            EntropyError::Absent => libc::ENOSYS,
            EntropyError::Failed => libc::EIO,
        })
    })
}

/// Exports the group `random`.
#[macro_export]
macro_rules! export_random {
    ($image:ty) => {
        $crate::c_calls! {
            $image;
            fn getrandom(buffer: *mut c_void, bytes: size_t, flags: c_uint) -> ssize_t = $crate::random::get;
            fn getentropy(buffer: *mut c_void, bytes: size_t) -> c_int = $crate::random::entropy;
        }
    };
}
