//! Console: 16550 serial port.
#![no_std]
#![deny(missing_docs)]
