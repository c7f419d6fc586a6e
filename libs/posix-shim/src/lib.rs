//! The C names that prebuilt `std` and its crates link against, by interface of the image.
//!
//! An application built for `x86_64-unknown-linux-gnu` meets the OS here and nowhere else: a call is a call, there
//! is no system-call instruction. One file per concern; each ends with the macro that exports its names:
//!
//! | concern | files |
//! |---|---|
//! | how names are exported, errors, C types | [`export`](mod@export), [`errno`], [`types`], [`strings`], [`math`] |
//! | from the command line to `main`, and the end | [`start`], [`env`](mod@env), [`process`], [`random`] |
//! | threads and waiting | [`threads`], [`futex`], [`syscall`], [`time`], [`signals`] |
//! | memory | [`memory`] |
//! | descriptors | [`fd`], [`console`], [`poll`], [`pipe`], [`event`], [`epoll`] |
//! | files and sockets | [`files`], [`sockets`], [`resolve`] |
//! | what a linked program expects of a loader | [`loader`] |
//!
//! Two laws: nothing is set up before it is used, because what an application does not call is not in its image;
//! and a name that exists but cannot work says so once on the console and answers `ENOSYS`.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

#[cfg(test)]
kit_util_host_test::bind!();

mod export;

pub mod console;
pub mod env;
pub mod epoll;
pub mod errno;
pub mod event;
pub mod fd;
pub mod files;
pub mod futex;
pub mod loader;
pub mod math;
pub mod memory;
pub mod pipe;
pub mod poll;
pub mod process;
pub mod random;
pub mod resolve;
pub mod signals;
pub mod sockets;
pub mod start;
pub mod strings;
pub mod syscall;
pub mod threads;
pub mod time;
pub mod types;
mod unsupported;
#[cfg(panic = "abort")]
pub mod unwind;
pub mod user;

#[doc(hidden)]
pub use libm;

pub use errno::Errno;
#[doc(hidden)]
pub use export::{traced, word};
pub use start::start;
pub use unsupported::unsupported;
