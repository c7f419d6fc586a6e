//! Entropy: the host kernel's getrandom.
#![no_std]
#![deny(missing_docs)]
