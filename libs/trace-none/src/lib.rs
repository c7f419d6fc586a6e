//! No trace. The constant [`Trace::IS_ON`] is false, so that no event is ever made.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use kit_iface_trace::{Event, Trace};

/// Records nothing.
pub struct Silent;

impl Silent {
    /// Nothing. One static, made by the composed root.
    pub const fn new() -> Self {
        Self
    }
}

impl Trace for Silent {
    const IS_ON: bool = false;

    #[inline(always)]
    fn record(&self, _event: Event) {}
}
