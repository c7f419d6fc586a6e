//! The thread core: threads, switches, wait queues, timeouts.
#![no_std]
#![deny(missing_docs)]
