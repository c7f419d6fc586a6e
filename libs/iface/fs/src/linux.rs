//! What Linux's error numbers mean to a filesystem: of a host's kernel, and on the wire (9P2000.L, `Rlerror`).

use crate::FsError;

impl FsError {
    /// The error of this number. What has no variant of its own is a failure of the device.
    pub fn of_linux(number: u32) -> Self {
        match number {
            // EPERM, EACCES: the monitor's user may not.
            1 | 13 => Self::NotPermitted,
            2 => Self::NotFound,
            16 => Self::Busy,
            17 => Self::Exists,
            18 => Self::CrossDevice,
            20 => Self::NotADirectory,
            21 => Self::IsADirectory,
            22 => Self::Invalid,
            27 => Self::TooLarge,
            // ENOSPC, EDQUOT
            28 | 122 => Self::NoSpace,
            30 => Self::ReadOnly,
            31 => Self::TooManyLinks,
            36 => Self::NameTooLong,
            39 => Self::NotEmpty,
            // EOPNOTSUPP: the server's filesystem lacks it.
            95 => Self::NotPermitted,
            _ => Self::Device,
        }
    }
}
