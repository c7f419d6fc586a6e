//! Page frames: address-ordered runs, first fit.
#![no_std]
#![deny(missing_docs)]
