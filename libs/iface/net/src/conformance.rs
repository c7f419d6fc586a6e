//! What every network stack promises, as checks that run against two of them, or against one and itself.
//!
//! The checks are strict about the observer: an operation that was refused is only tried again after an event
//! for that very socket, so an event that is missing makes a check fail by time-out, not slow.
//!
//! Call [`check_all`] once per pair; single groups are public so that a failure can be narrowed down. A stack that
//! speaks to a wire itself is checked packet by packet as well: [`check_first_contact`], [`check_packets`] and, if it has
//! streams, [`check_segments`].

mod addresses;
mod closing;
mod datagrams;
mod end;
mod packets;
mod peer;
mod segments;
mod streams;
pub mod wire;
mod workload;

use crate::{Family, Kind, Net, NetError, Observer};
use core::net::IpAddr;
pub use {
    addresses::check_addresses,
    closing::check_closing,
    datagrams::check_datagrams,
    packets::{check_first_contact, check_packets},
    peer::Stand,
    segments::check_segments,
    streams::check_streams,
    workload::{check_many_connections, check_random_work},
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

/// Of the random work in [`check_all`]; call [`check_random_work`] with others.
pub const SEED: u64 = 20_261_121;

/// Runs everything that both stacks say they have ([`Net::STREAMS`]).
pub fn check_all<S: Net, C: Net>(pair: &Pair<S, C>) {
    if S::STREAMS && C::STREAMS {
        check_streams(pair);
        check_closing(pair);
        check_many_connections(pair);
    }
    check_random_work(pair, SEED, 4000);
    check_absence(pair.server);
    check_absence(pair.client);
    check_datagrams(pair);
    check_addresses(pair);
}

/// What a stack says it does not have is refused, and nothing else is.
fn check_absence<N: Net>(net: &'static N) {
    for family in [Family::V4, Family::V6] {
        let opened = net.open(Kind::Stream, family, Observer { function: |_, _| (), data: 0 });
        assert_eq!(opened.is_ok(), N::STREAMS, "a stack has the streams that it says it has");
        match opened {
            Ok(socket) => net.close(socket),
            Err(error) => assert_eq!(error, NetError::Unsupported),
        }
    }
}
