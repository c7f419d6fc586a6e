//! Network stack: smoltcp.
#![no_std]
#![deny(missing_docs)]
