//! Disks: files of the host, for images that are Linux processes.
//!
//! Which files is said by options `kit.disk=PATH:rw` or `kit.disk=PATH:ro`, in the order of the disks. A file is opened
//! when its disk is started. The kernel's page cache is the volatile cache of the disk, `fdatasync` its flush.
//!
//! `device` the [`BlockDevice`](kit_iface_block::BlockDevice) · `file` one file
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

extern crate alloc;

mod device;
mod file;

pub use device::FileDisks;
