//! Entropy: the RDRAND instruction.
#![no_std]
#![deny(missing_docs)]
