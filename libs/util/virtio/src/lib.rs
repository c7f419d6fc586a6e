//! Glue between the platform slot and the crate `virtio-drivers` (MIT, rcore-os): memory for rings, the two
//! transports, and interrupts.
//!
//! A driver asks [`open`] for the first device of its type and gets an [`Opened`]: a transport that
//! `virtio-drivers`' queues and devices take, and an [`Acknowledge`] for its interrupt handler, which must not
//! share the transport with the threads that use it.
#![no_std]
#![deny(missing_docs)]

mod hal;
mod msix;
mod open;
mod pci;
mod transport;

pub use hal::IdentityHal;
pub use open::{Acknowledge, OpenError, Opened, open};
pub use transport::KitTransport;

/// Device types of virtio 1.2, section 5.
pub mod device_type {
    /// Network card.
    pub const NETWORK: u16 = 1;
    /// Entropy source.
    pub const ENTROPY: u16 = 4;
}
