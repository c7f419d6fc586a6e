//! Glue between the platform slot and the virtio-drivers crate.
//!
//! The platform says where virtio devices are ([`VirtioDevice`](kit_iface_platform::VirtioDevice)); virtio-drivers
//! knows the rings. In between, here: memory for the rings ([`KitHal`]), both transports behind one type
//! ([`AnyTransport`]), the initialisation handshake, and interrupts ([`Bell`]), which virtio-drivers leaves to others.
//!
//! Everything follows the OASIS standard "Virtual I/O Device (VIRTIO) Version 1.2"; sections are cited by number.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod bars;
mod bell;
mod device;
mod hal;
mod pci;
mod registers;
mod transport;

pub use bell::Bell;
pub use device::{Acknowledge, Device, Doorbell, OpenError};
pub use hal::KitHal;
pub use transport::{AnyTransport, UsedIndex};
pub use virtio_drivers::queue::VirtQueue;

#[cfg(test)]
kit_util_host_test::bind!();
