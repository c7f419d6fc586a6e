//! A read-only filesystem in a cpio archive, whose files are read where they lie.
//!
//! [`newc`] takes the archive apart; [`Initrd`] makes an index of it when the first path is resolved, and from then on
//! reading is a copy from the archive to the caller's buffer.
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

extern crate alloc;

mod index;
mod initrd;
pub mod newc;

pub use initrd::{Initrd, Node};
