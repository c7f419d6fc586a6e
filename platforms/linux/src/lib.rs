//! A plain Linux process by raw system calls.
#![no_std]
#![deny(missing_docs)]
