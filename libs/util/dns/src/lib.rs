//! DNS messages: just enough to ask for the addresses of a name (RFC 1035, section 4; RFC 3596).
//!
//! Functions over bytes, without sockets or time: the network stacks that resolve names differ in whom they ask
//! and how long they wait, not in what they say.
//!
//! * [`Question`] · written by `question`
//! * [`Answer`] · what `reply` reads from a message that comes from anywhere
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate alloc;

mod question;
mod reply;

pub use question::{Question, Record};
pub use reply::Answer;

/// The port of every name server (RFC 1035, 4.2).
pub const PORT: u16 = 53;

const CLASS_INTERNET: u16 = 1;
const HEADER_BYTES: usize = 12;
