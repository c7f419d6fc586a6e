//! What a server's error numbers mean. They are Linux's (9P2000.L, `Rlerror`).

use kit_iface_fs::FsError;

/// The error of this number. What has no variant of its own is a failure of the device.
pub fn error_of(number: u32) -> FsError {
    match number {
        // EPERM, EACCES: the monitor's user may not.
        1 | 13 => FsError::NotPermitted,
        2 => FsError::NotFound,
        16 => FsError::Busy,
        17 => FsError::Exists,
        18 => FsError::CrossDevice,
        20 => FsError::NotADirectory,
        21 => FsError::IsADirectory,
        22 => FsError::Invalid,
        27 => FsError::TooLarge,
        // ENOSPC, EDQUOT
        28 | 122 => FsError::NoSpace,
        30 => FsError::ReadOnly,
        31 => FsError::TooManyLinks,
        36 => FsError::NameTooLong,
        39 => FsError::NotEmpty,
        // EOPNOTSUPP: the server's filesystem lacks it.
        95 => FsError::NotPermitted,
        _ => FsError::Device,
    }
}
