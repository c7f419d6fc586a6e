//! PVH virtual machines: QEMU microvm, q35 and pc.
//!
//! From the first instruction to the last:
//! * `boot` is the entry: 32-bit code, the page tables of the image, the memory map, and [`Kvm`]'s `start`.
//! * `traps` sorts interrupts and exceptions; `apic` is the controllers, behind [`Interrupts`]; `timer` the
//!   tickless timer.
//! * `space` is [`AddressSpace`]: stacks and mappings above 1 TiB that cost memory only once they are touched.
//! * `clock` is [`TscClock`]: the time-stamp counter, told its rate by the hypervisor or measured when first
//!   needed.
//! * `discover` finds virtio devices; `exit` ends the image and speaks to `kit run`, `recorder` writes a file of
//!   its.
//!
//! Nothing is set up before it is used: an image that only prints never maps the interrupt controllers, and
//! one that never asks for the time never measures a clock.
#![no_std]
#![deny(missing_docs)]

mod apic;
mod boot;
mod clock;
mod discover;
mod exit;
mod platform;
mod recorder;
mod reserve;
mod space;
mod timer;
mod traps;

pub use apic::Interrupts;
pub use clock::TscClock;
pub use platform::Kvm;
pub use space::AddressSpace;
