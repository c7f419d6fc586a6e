//! ICMP (RFC 792) and ICMPv6 (RFC 4443): echo, and errors in both directions.
//!
//! Answers go back to whoever put the question on the wire, so none needs a neighbour to be looked up. Errors are
//! counted (RFC 4443, 2.4 (f)): a flood is not answered by another.

use crate::endpoint::{Endpoint, Ip, is_any, is_group, is_v4};
use crate::engine::Engine;
use crate::input::{Arrival, Packet};
use crate::link::{HOP_LIMIT, Header, ICMP, ICMPV6, pseudo_header};
use crate::{ipv4, ipv6};
use core::net::SocketAddr;
use kit_iface_net::Readiness;
use kit_iface_netdev::NetDevice;
use kit_util_net::checksum::{INTACT, fold, plus, sum};
use kit_util_net::refusal;

/// Bytes before the body of every message that is handled here.
const HEADER_BYTES: usize = 8;
/// RFC 1812, 4.3.2.3: as much as fits 576 bytes.
const QUOTED_V4_BYTES: usize = 576 - ipv4::HEADER_BYTES - HEADER_BYTES;
/// RFC 4443, 3.1: as much as fits the least MTU of IPv6.
const QUOTED_V6_BYTES: usize = 1280 - ipv6::HEADER_BYTES - HEADER_BYTES;

/// Types and codes (RFC 792; RFC 4443).
const ECHO_REPLY_V4: u8 = 0;
const UNREACHABLE_V4: u8 = 3;
const ECHO_V4: u8 = 8;
const PROTOCOL_UNREACHABLE_V4: u8 = 2;
const PORT_UNREACHABLE_V4: u8 = 3;
const UNREACHABLE_V6: u8 = 1;
const PORT_UNREACHABLE_V6: u8 = 4;
const PARAMETER_PROBLEM_V6: u8 = 4;
const UNKNOWN_NEXT_HEADER_V6: u8 = 1;
const ECHO_V6: u8 = 128;
const ECHO_REPLY_V6: u8 = 129;

/// Errors that may be sent in a tenth of a second.
const ERRORS_AT_ONCE: u8 = 10;
const REFILL_NS: u64 = 100_000_000;

/// How many errors have been sent lately.
pub(crate) struct Budget {
    since_ns: u64,
    spent: u8,
}

impl Budget {
    /// None.
    pub const fn new() -> Self {
        Self { since_ns: 0, spent: 0 }
    }

    /// Whether one more may be sent, which counts as sent.
    fn spend(&mut self, now: u64) -> bool {
        if now >= self.since_ns + REFILL_NS {
            (self.since_ns, self.spent) = (now, 0);
        }
        self.spent = self.spent.saturating_add(1);
        self.spent <= ERRORS_AT_ONCE
    }
}

impl<D: NetDevice, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize>
    Engine<D, SOCKETS, DATAGRAMS, NEIGHBOURS>
{
    /// A message of ICMP.
    pub fn icmp(&mut self, packet: &Packet<'_>, arrival: Arrival, is_for_all: bool) {
        if fold(sum(packet.upper)) != INTACT {
            return;
        }
        let Some((header, body)) = packet.upper.split_first_chunk::<HEADER_BYTES>() else { return };
        match header[..2] {
            // RFC 1122, 3.2.2.6: one to everybody may be ignored, and is, for it is used to flood others.
            [ECHO_V4, 0] if !is_for_all => self.echo(ECHO_REPLY_V4, packet, arrival, header, body),
            _ => self.refused(refusal::of_icmp(packet.upper)),
        }
    }

    /// A message of ICMPv6.
    pub fn icmpv6(&mut self, packet: &Packet<'_>, arrival: Arrival, is_for_all: bool) {
        let pseudo = pseudo_header(packet.source, packet.destination, ICMPV6, packet.upper.len());
        if fold(plus(sum(packet.upper), pseudo)) != INTACT {
            return;
        }
        let Some((header, body)) = packet.upper.split_first_chunk::<HEADER_BYTES>() else { return };
        match header[..2] {
            [ECHO_V6, 0] if !is_for_all => self.echo(ECHO_REPLY_V6, packet, arrival, header, body),
            [UNREACHABLE_V6 | PARAMETER_PROBLEM_V6, _] => self.refused(refusal::of_icmpv6(packet.upper)),
            _ => self.discover(packet, arrival),
        }
    }

    fn echo(
        &mut self,
        kind: u8,
        packet: &Packet<'_>,
        arrival: Arrival,
        header: &[u8; HEADER_BYTES],
        body: &[u8],
    ) {
        if !may_answer(packet.source) {
            return;
        }
        // Identifier and sequence number come back as they are.
        let [.., a, b, c, d] = *header;
        self.answer(packet, arrival, [kind, 0, 0, 0, a, b, c, d], body);
    }

    /// Nobody is bound to the port that a datagram was for.
    pub fn refuse_port(&mut self, packet: &Packet<'_>, arrival: Arrival) {
        let header = match is_v4(packet.source) {
            true => [UNREACHABLE_V4, PORT_UNREACHABLE_V4, 0, 0, 0, 0, 0, 0],
            false => [UNREACHABLE_V6, PORT_UNREACHABLE_V6, 0, 0, 0, 0, 0, 0],
        };
        self.error(packet, arrival, header);
    }

    /// Nobody here speaks that protocol, TCP included (RFC 1122, 3.2.2.1; RFC 8200, 4).
    pub fn refuse_protocol(&mut self, packet: &Packet<'_>, arrival: Arrival, is_for_all: bool) {
        if is_for_all {
            return;
        }
        let header = match is_v4(packet.source) {
            true => [UNREACHABLE_V4, PROTOCOL_UNREACHABLE_V4, 0, 0, 0, 0, 0, 0],
            false => {
                // Where the next-header field is that nobody knows: in the fixed header, or the last extension.
                let at = packet.whole.len() - packet.upper.len();
                let pointer = if at == ipv6::HEADER_BYTES { 6 } else { last_extension(packet.whole, at) };
                let [a, b] = (pointer as u16).to_be_bytes();
                [PARAMETER_PROBLEM_V6, UNKNOWN_NEXT_HEADER_V6, 0, 0, 0, 0, a, b]
            }
        };
        self.error(packet, arrival, header);
    }

    fn error(&mut self, packet: &Packet<'_>, arrival: Arrival, header: [u8; HEADER_BYTES]) {
        // RFC 1122, 3.2.2; RFC 4443, 2.4 (e).
        if arrival.is_group || !may_answer(packet.source) || !self.errors.spend(arrival.now) {
            return;
        }
        let most = if is_v4(packet.source) { QUOTED_V4_BYTES } else { QUOTED_V6_BYTES };
        let quoted = packet.whole.get(..most).unwrap_or(packet.whole);
        self.answer(packet, arrival, header, quoted);
    }

    fn answer(&mut self, packet: &Packet<'_>, arrival: Arrival, message: [u8; HEADER_BYTES], body: &[u8]) {
        let header = Header {
            to: arrival.from,
            source: packet.destination,
            destination: packet.source,
            protocol: if is_v4(packet.source) { ICMP } else { ICMPV6 },
            hop_limit: HOP_LIMIT,
        };
        self.link.send(&header, HEADER_BYTES + body.len(), &mut |upper| {
            let Some((place, rest)) = upper.split_first_chunk_mut() else { return };
            *place = message;
            rest.copy_from_slice(body);
        });
    }

    /// Somebody does not want the datagram between these ends.
    fn refused(&mut self, ends: Option<(SocketAddr, SocketAddr)>) {
        let Some((local, remote)) = ends else { return };
        let (local, remote) = (Endpoint::of(local), Endpoint::of(remote));
        if !self.addresses.is_on_device(local.ip) {
            return;
        }
        let Some(index) = self.sockets.find_connected(local, remote) else { return };
        if let Some(slot) = self.sockets.get(index) {
            slot.is_refused = true;
            self.tell(index, Readiness::ERROR.with(Readiness::READABLE).with(Readiness::WRITABLE));
        }
    }
}

/// Whether `source` is one machine that may be answered.
fn may_answer(source: Ip) -> bool {
    !is_any(source) && !is_group(source)
}

/// The offset of the last extension header of a packet whose transport begins at `end`: each says how long it is.
fn last_extension(whole: &[u8], end: usize) -> usize {
    let mut at = ipv6::HEADER_BYTES;
    while let Some(eights) = whole.get(at + 1) {
        let next = at + (usize::from(*eights) + 1) * 8;
        if next >= end {
            break;
        }
        at = next;
    }
    at
}
