//! Network device: virtio-net over PCI or MMIO (virtio 1.2, section 5.1).
//!
//! One receive and one transmit ring, small buffers that stay with the driver, no offloads. What costs a trip to
//! the hypervisor is avoided: sent buffers are collected when their memory is needed again, without interrupts;
//! receive interrupts are off while the stack looks at the ring anyway; the device is notified only if it asks.
//!
//! `device` the [`NetDevice`](kit_iface_netdev::NetDevice) · `receive`, `transmit` the two queues · `ring` what both
//! are made of
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod device;
mod receive;
mod ring;
mod transmit;

pub use device::VirtioNet;
