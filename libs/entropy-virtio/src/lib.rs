//! Entropy: a virtio-rng device.
#![no_std]
#![deny(missing_docs)]
