//! Disks: virtio-blk over PCI or MMIO (virtio 1.2, section 5.2).
//!
//! One request queue for each disk. A thread puts its request into the ring, rings the doorbell and sleeps; the
//! interrupt handler takes finished requests out and wakes the thread of each, so that threads wait for nobody's
//! request but their own. A device reads and writes the caller's memory itself where it can reach it.
//!
//! `device` the [`BlockDevice`](kit_iface_block::BlockDevice): which disks there are ·
//! `drive` one disk: features, limits, copying · `ring` requests on their way · `request` the memory of one
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod device;
mod drive;
mod request;
mod ring;

pub use device::VirtioBlk;
