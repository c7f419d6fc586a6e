//! What every network stack promises, as checks that run against two of them, or against one and itself.
//!
//! The checks are strict about the observer: an operation that was refused is only tried again after an event
//! for that very socket, so an event that is missing makes a check fail by time-out, not slow.
//!
//! Call [`check_all`] once per pair; single groups are public so that a failure can be narrowed down.

mod addresses;
mod closing;
mod datagrams;
mod end;
mod streams;

use crate::Net;
use core::net::IpAddr;
pub use {
    addresses::check_addresses, closing::check_closing, datagrams::check_datagrams, streams::check_streams,
};

/// Two stacks that reach each other. Both may be the same.
pub struct Pair<S: Net, C: Net> {
    /// Where servers listen.
    pub server: &'static S,
    /// Where clients connect from.
    pub client: &'static C,
    /// The server's address, as the client must write it. Not unspecified.
    pub address: IpAddr,
    /// Bytes of the bulk transfers; fewer for slow or lossy pairs.
    pub bulk_bytes: usize,
    /// The first of 32 ports that the checks may use on both stacks.
    pub first_port: u16,
}

/// Runs everything.
pub fn check_all<S: Net, C: Net>(pair: &Pair<S, C>) {
    check_streams(pair);
    check_closing(pair);
    check_datagrams(pair);
    check_addresses(pair);
}
