//! Raw Linux system calls.
#![no_std]
#![deny(missing_docs)]
