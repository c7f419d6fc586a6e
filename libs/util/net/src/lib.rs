//! What the network stacks of the slot share. None of it needs a heap.
//!
//! * [`settings`] what Kconfig and the command line say about addresses
//! * [`resolver`] names, asked for over a stack's own datagram sockets
//! * [`address`] IPv4 addresses inside IPv6 sockets, and who may share a port
//! * [`checksum`] the Internet checksum, eight bytes at a time
//! * [`refusal`] ICMP errors that concern a datagram socket
//! * [`random`] numbers for ports and identifiers
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod address;
pub mod checksum;
pub mod random;
pub mod refusal;
pub mod resolver;
pub mod settings;

#[cfg(test)]
kit_util_host_test::bind!();
