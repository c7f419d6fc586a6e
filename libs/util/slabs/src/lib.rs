//! Small blocks without headers: pages, each cut into blocks of one size.
//!
//! A block has no header. Its page has one, at the page's start, so that the size is found by masking the address
//! (Bonwick, "The Slab Allocator", 1994, 3.2: for small objects the slab's data lies in its own page). The blocks lie at
//! the page's end, last one first: one whose size is a multiple of 2^n is aligned to 2^n, and none begins where a page
//! does. Taking and giving back are a bounded number of instructions.
//!
//! [`classes`] says which sizes there are; [`Slabs`] has the pages. Where pages come from is the owner's business, and so
//! is the lock.
#![no_std]
#![deny(missing_docs)]

pub mod classes;
mod slabs;

pub use slabs::{PAGE_BYTES, Pages, Slabs, bytes_of, class_of_block};
