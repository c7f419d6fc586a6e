//! Glue between the platform slot and the virtio-drivers crate.
#![no_std]
#![deny(missing_docs)]
