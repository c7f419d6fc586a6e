//! Locks, typed by what they mask.
//!
//! * [`IrqLock`] masks interrupts on this CPU and spins against others. For data that interrupt handlers or
//!   the scheduler touch; hold it for a few dozen instructions.
//! * [`SleepLock`] blocks the thread. For everything else; the holder may be preempted and may block.
//! * [`Lazy`] initialises a static on first use, so that an image pays only for what it reaches.
#![no_std]
#![deny(missing_docs)]

mod irq_lock;
mod lazy;
mod sleep_lock;

pub use irq_lock::{IrqGuard, IrqLock};
pub use lazy::Lazy;
pub use sleep_lock::{SleepGuard, SleepLock};
