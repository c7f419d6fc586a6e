//! Page frames: one bit each.
#![no_std]
#![deny(missing_docs)]
