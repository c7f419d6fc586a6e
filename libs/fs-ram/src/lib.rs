//! Filesystem: in memory.
#![no_std]
#![deny(missing_docs)]
