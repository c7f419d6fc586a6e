//! The network card of virtual machines: virtio-net (virtio 1.2, 5.1) over MMIO or PCI.
//!
//! The rings are `virtio-drivers`' ([`virtio_drivers::queue::VirtQueue`]); this driver is what a stack wants of them: one buffer per
//! descriptor, allocated once; no transmit interrupts, because finished buffers are collected when the next
//! frame needs one; receive interrupts that the stack switches off while it drains the ring. Ring interrupts are
//! suppressed by flags, not by event index, because only flags can be switched from both directions.
//!
//! * [`VirtioNet`] · the device: start, receive, transmit
//! * `ring` · one virtqueue with its buffers
#![no_std]
#![deny(missing_docs)]

mod device;
mod ring;

pub use device::VirtioNet;
