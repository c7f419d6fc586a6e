//! One tree from several filesystems, by types: [`Mount`] is a filesystem made of two, and so of any number.
//!
//! `Mount<Mount<Ram, Dev>, Log>` is what a table of mounts is elsewhere. Which filesystem a node is in is the
//! variant of an `enum`, so each operation is a match or two and a direct call; there is no table to walk and
//! nothing to register, and an image with one filesystem has none of it. [`ReadOnly`] is the option `ro`.
//!
//! A mount point is known by the node that it covers, not by its path: directories above it can be renamed.
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod mount;
mod read_only;

pub use mount::{Mount, Node};
pub use read_only::ReadOnly;
