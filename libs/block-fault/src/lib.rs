//! Wrapper of disks that plays accidents: a power cut, torn and failing writes, bad sectors.
//!
//! Between the user and the disks below it keeps a volatile cache: a write goes there, a flush empties it downwards.
//! At the cut, seeded dice say for each sector in the cache which of its versions survives, the old one on the
//! medium included, and from then on everything fails, until the image is started anew.
//!
//! `faults` which accidents · `cache` what was not flushed · `device` the
//! [`BlockDevice`](kit_iface_block::BlockDevice) around another one
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

extern crate alloc;

mod cache;
mod device;
mod faults;

pub use device::Fault;
pub use faults::Faults;
