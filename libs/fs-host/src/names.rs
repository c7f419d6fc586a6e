//! Names and texts on their way to the kernel, which wants a zero byte at their end.

use alloc::ffi::CString;
use kit_iface_fs::{FsError, NAME_MAX};

/// A name of a directory entry.
pub fn name(bytes: &[u8]) -> Result<CString, FsError> {
    if bytes.len() > NAME_MAX {
        return Err(FsError::NameTooLong);
    }
    if matches!(bytes, b"" | b"." | b"..") || bytes.contains(&b'/') {
        return Err(FsError::Invalid);
    }
    text(bytes)
}

/// Any text without a zero byte in it.
pub fn text(bytes: &[u8]) -> Result<CString, FsError> {
    CString::new(bytes).map_err(|_| FsError::Invalid)
}
