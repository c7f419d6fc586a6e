//! The platform `linux`: an image is a static process that makes raw system calls.
//!
//! The same OS as on a virtual machine, with the host kernel in place of the hardware: a processor is the
//! process's one thread, memory and page faults are `mmap`, interrupts are readable descriptors and a timer,
//! traps are signals, the console is descriptors 0 and 1. It runs wherever Linux runs, starts in a millisecond,
//! and is the place to debug: `gdb`, `perf` and `strace` see an ordinary process.
//!
//! * [`Linux`] · the platform: start, idle, timer, exit
//! * [`HostX86_64`] · the processor, whose interrupt frame is the kernel's signal frame
//! * [`Interrupts`], [`mask_interrupts`], [`restore_interrupts`], [`were_enabled`] · descriptors as interrupt lines
//! * [`AddressSpace`] · mappings, lazily backed by the host
//! * [`HostClock`], [`HostConsole`] · time and the standard streams
#![no_std]
#![deny(missing_docs)]

mod address_space;
mod alarm;
mod arch;
mod clock;
mod command_line;
mod console;
mod context;
mod entry;
mod faults;
mod interrupts;
mod mask;
mod platform;
mod recorder;
mod signal_frame;

pub use address_space::AddressSpace;
pub use arch::HostX86_64;
pub use clock::HostClock;
pub use console::HostConsole;
pub use context::Context;
pub use interrupts::Interrupts;
pub use mask::{mask_interrupts, restore_interrupts, were_enabled};
pub use platform::Linux;
pub use signal_frame::SignalFrame;
