//! A filesystem in memory: counted nodes, directories as slot tables, file contents in pages.
//!
//! Nothing exists before the first use: an image that never opens a file carries no tree and allocates none.
//! Three principles:
//! * a node lives as long as somebody holds it, so an unlinked file that is open needs no special case;
//! * memory is asked for one page at a time and may be refused ([`FsError::NoSpace`]): a file that grows copies
//!   nothing and needs no large contiguous block;
//! * one lock for each node, and one more for the operations that touch two directories (`tree`).
//!
//! [`FsError::NoSpace`]: kit_iface_fs::FsError::NoSpace
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

extern crate alloc;

mod boot;
mod contents;
mod directory;
mod inode;
mod pages;
mod rename;
mod tree;

pub use tree::{Node, RamFs};
