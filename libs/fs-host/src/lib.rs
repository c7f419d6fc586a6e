//! Filesystem: a folder of the host below a process, by system calls.
//!
//! A node is an open descriptor, made by [`inode`]: a file that is open keeps its contents when its last name goes, as
//! the slot promises. Names are relative to a directory's descriptor and links are never followed, so a path cannot
//! leave the folder; `..` of its root is the root.
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

extern crate alloc;

mod folder;
mod inode;
mod names;

pub use folder::HostFolder;
pub use inode::Inode;
