//! The thread core: threads, switches, wait queues and timeouts over any policy, processor and platform.
//!
//! This is mechanism only. The scheduler slot decides who runs next, the architecture swaps registers, the
//! address space backs stacks; the core keeps the books: which thread waits for what and until when.
//!
//! * [`Core`] is the one static of an image; it serves the ambient wait/wake service and the platform's hooks.
//! * A thread that blocks while nobody is runnable idles *in place*, on its own stack: if its own wake-up is
//!   what ends the idling, no switch happens at all. That is the common case of a server with one client.
//! * Time-outs live in a heap of deadlines; the timer is programmed for the nearest deadline or for the end
//!   of the running thread's slice when somebody else waits, and for nothing otherwise.
//! * Where the policy has strict priorities, a thread that holds a lock counts with the urgency of who waits for it
//!   (`inherit.rs`). With other policies that part is not in the image.
//!
//! One processor runs. What more of them need is kept in one place, [`state::State`], behind one lock, and a
//! switch happens with that lock released and interrupts masked; with a second processor the lock must travel
//! through the switch (see the comment in `Core::switch_to`).
#![no_std]
#![deny(missing_docs)]

mod core_;
mod fault;
mod hooks;
mod inherit;
mod registry;
mod state;
mod thread;
mod timers;

pub use core_::{Core, HasThreads, start};
pub use fault::{FaultHandler, Redirect};
pub use thread::{Spawn, Stack, Thread};
