//! The C names that prebuilt std and its crates link against.
#![no_std]
#![deny(missing_docs)]
