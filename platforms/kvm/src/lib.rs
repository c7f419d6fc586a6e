//! PVH virtual machines: QEMU microvm, q35 and pc.
#![no_std]
#![deny(missing_docs)]
