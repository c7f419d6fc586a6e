//! Filesystem: a folder of the host, over virtio-9p.
//!
//! 9P is a protocol of requests that name a *fid*, a handle that the client chose for a node, and of replies. This
//! is the client of its Linux dialect, 9P2000.L.
//!
//! * [`message`] puts requests together and takes replies apart. It trusts nothing in them.
//! * [`channel`] carries one request to the host and its reply back, over a virtio queue.
//! * [`inode`] is a node in use: its fids, and what was last known about it.
//! * [`client`] is the filesystem over any [`Channel`](channel::Channel); [`Share`] the one over virtio.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

pub mod channel;
pub mod client;
mod inode;
pub mod message;
mod session;
mod share;
mod virtio;

pub use client::Client;
pub use inode::Inode;
pub use share::Share;
