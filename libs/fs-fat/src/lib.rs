//! Filesystem: FAT12, FAT16 and FAT32 with long names, on a disk of the block slot.
//!
//! The format is the crate hadris-fat's, whose nodes are numbers that stay the same as long as they are pinned. This
//! crate makes of them the nodes of the slot: a node pins while somebody holds it, and a file whose name is taken away
//! meanwhile goes to a hidden name in the root directory, to be deleted with its last handle (what NFS clients do).
//!
//! `filesystem` the slot's trait · `volume` a mounted volume, and which of its nodes are held · `removed` files without
//! a name · `sectors` the disk as hadris-fat sees it · `convert` errors and times
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

extern crate alloc;

mod convert;
mod filesystem;
mod removed;
mod sectors;
mod volume;

pub use filesystem::Fat;
pub use volume::Held;
