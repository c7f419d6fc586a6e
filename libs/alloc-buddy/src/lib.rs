//! Heap: buddy system.
#![no_std]
#![deny(missing_docs)]
