//! Scheduler: preemptive round robin.
#![no_std]
#![deny(missing_docs)]
