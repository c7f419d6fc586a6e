//! The entropy slot and the ambient random source.
//!
//! What comes out here seeds hash maps, TCP sequence numbers and TLS keys, so there is no silent fallback: a
//! source that cannot deliver says so, and its caller passes the error on.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;

/// Why no random bytes were delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntropyError {
    /// The device or instruction is absent on this machine, or the image has no source.
    Absent,
    /// The source is there and failed. The buffer's contents are unspecified and must not be used.
    Failed,
}

/// A source of cryptographically strong random bytes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entropy source",
    note = "choose one with `[config] ENTROPY_… = true`; `kit doctor` lists them"
)]
pub trait Entropy: Sync + 'static {
    /// Fills all of `buffer`. May be called by any thread; may block for as long as a device needs to answer,
    /// never for ever.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError>;
}

unsafe extern "Rust" {
    safe fn __kit_entropy_fill(buffer: &mut [u8]) -> Result<(), EntropyError>;
}

/// Fills `buffer` from the ambient source; see [`Entropy::fill`].
#[inline]
pub fn fill(buffer: &mut [u8]) -> Result<(), EntropyError> {
    __kit_entropy_fill(buffer)
}

/// Binds the ambient source to a static of the composed root. Once, only there.
#[macro_export]
macro_rules! use_entropy {
    ($entropy:path) => {
        const _: () = {
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_entropy_fill(buffer: &mut [u8]) -> Result<(), $crate::EntropyError> {
                $crate::Entropy::fill(&$entropy, buffer)
            }
        };
    };
}

/// Binds the ambient source of an image without one: every call is told [`EntropyError::Absent`].
#[macro_export]
macro_rules! use_no_entropy {
    () => {
        const _: () = {
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_entropy_fill(_: &mut [u8]) -> Result<(), $crate::EntropyError> {
                Err($crate::EntropyError::Absent)
            }
        };
    };
}
