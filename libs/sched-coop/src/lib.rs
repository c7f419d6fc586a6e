//! Scheduler: run to block.
#![no_std]
#![deny(missing_docs)]
