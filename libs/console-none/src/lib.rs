//! A console that is not there: what is written goes nowhere, and input has ended.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use kit_iface_console::Console;

/// Nowhere.
pub struct Nowhere;

impl Nowhere {
    /// Nothing. One static, made by the composed root.
    pub const fn new() -> Self {
        Self
    }
}

impl Console for Nowhere {
    #[inline]
    fn write(&self, _bytes: &[u8]) {}
}
