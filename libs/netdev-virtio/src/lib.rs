//! Network device: virtio-net over PCI or MMIO.
#![no_std]
#![deny(missing_docs)]
