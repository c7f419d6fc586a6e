//! Network device: a tap interface of the Linux host.
//!
//! Each read and each write of the descriptor is one Ethernet frame. The descriptor is an interrupt line of the
//! platform: its edge says that frames have arrived, and from then on the card reads until there are none, so an idle
//! image makes no system call.
//!
//! `device` the [`NetDevice`](kit_iface_netdev::NetDevice) · `open` which interface, and what is wrong with it
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod device;
mod open;

pub use device::Tap;
