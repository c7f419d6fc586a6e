//! Heap: two-level segregated fit.
#![no_std]
#![deny(missing_docs)]
