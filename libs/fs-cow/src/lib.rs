//! A filesystem on a disk that survives power cuts: one copy-on-write B+tree under two alternating superblocks.
//!
//! Principles:
//! * **A commit is the only change of state.** Everything that a transaction writes goes to blocks that the last
//!   commit does not use; then a flush, then one superblock, then a flush. A power cut leaves the state of one
//!   commit, whole: there is no journal to replay and nothing to repair. `sync` of anything is a commit of all.
//! * **Every block is checked when it is read**: nodes and bitmaps carry their own CRC-32C, place and generation,
//!   data blocks have theirs in the extent that names them. Damage is [`FsError::Corrupt`], never other contents.
//! * **An operation asks for its worst case of blocks first** (`volume`), so that none fails in its middle, and
//!   leaves enough for removing files from a full disk.
//! * **Memory is bounded**: a cache of fixed size, and two bits for each block of the parts of the disk in use.
//!
//! From the disk up: `layout` (superblock), `disk` (transfers), `space` (bitmaps), `node` (one block of the tree),
//! `cache`, `store` (commits), `tree`; `items` (what the tree holds); `volume` (transactions), `files`, `names`,
//! `orphans`; `filesystem` (the slot's trait). [`check`] proves a disk consistent. The README has the format.
//!
//! [`FsError::Corrupt`]: kit_iface_fs::FsError::Corrupt
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

extern crate alloc;

mod bytes;
mod cache;
pub mod check;
mod checksum;
mod disk;
mod files;
mod filesystem;
mod items;
mod layout;
mod names;
mod node;
mod open;
mod orphans;
mod rename;
mod space;
mod store;
mod tree;
mod volume;

pub use filesystem::{CowFs, Limits, Node};
pub use store::MountError;
