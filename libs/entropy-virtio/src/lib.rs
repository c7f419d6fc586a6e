//! Entropy: a virtio-rng device (virtio 1.2, section 5.4).
//!
//! The device has one queue; a buffer that it is lent comes back with random bytes in it. It is found and set up
//! when somebody asks for the first byte. The asking thread sleeps until the interrupt.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod device;

pub use device::VirtioEntropy;
