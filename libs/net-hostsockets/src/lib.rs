//! Network stack: the host's sockets.
#![no_std]
#![deny(missing_docs)]
