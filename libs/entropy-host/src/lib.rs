//! Entropy: the host kernel's random source.
//!
//! `getrandom` (Linux 3.17) without flags: the pool that also feeds `/dev/urandom`, waiting only on a host that
//! has just booted and never seeded it. Nothing is kept here.
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

use kit_iface_entropy::{Entropy, EntropyError};
use kit_util_linux::{Errno, fill_random};

/// The host kernel.
pub struct Host;

impl Host {
    /// The host kernel.
    pub const fn new() -> Self {
        Self
    }
}

impl Entropy for Host {
    fn fill(&self, mut buffer: &mut [u8]) -> Result<(), EntropyError> {
        while !buffer.is_empty() {
            match fill_random(buffer) {
                // Large requests are answered in parts.
                Ok(count) => buffer = &mut buffer[count..],
                Err(Errno::INTERRUPTED) => {}
                Err(errno) if errno.0 == libc::ENOSYS => return Err(EntropyError::Absent),
                Err(_) => return Err(EntropyError::Failed),
            }
        }
        Ok(())
    }
}
