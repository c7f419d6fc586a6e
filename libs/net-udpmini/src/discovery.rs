//! Neighbour discovery (RFC 4861) and address configuration (RFC 4862) for IPv6.
//!
//! Left out, as on most small hosts: duplicate address detection, temporary addresses, redirects, group membership.

use crate::addresses::group_mac;
use crate::endpoint::{Ip, NOWHERE};
use crate::engine::Engine;
use crate::input::{Arrival, Packet};
use crate::link::{BROADCAST, Header, ICMPV6, Mac};
use kit_iface_netdev::NetDevice;
use kit_util_net::address::{combine, link_local, solicited_node};

/// RFC 4861, 10: solicitations, and the time between them.
const SOLICITATIONS: u8 = 3;
const SOLICITATION_INTERVAL_NS: u64 = 4 * SECOND_NS;
const SECOND_NS: u64 = 1_000_000_000;
/// RFC 4862, 5.5.3 (e): nobody may shorten a lifetime below that at once.
const TWO_HOURS_NS: u64 = 7200 * SECOND_NS;
/// RFC 4861, 6.1 and 7.1: proof that no router has forwarded the message.
const UNFORWARDED: u8 = 255;
const ALL_NODES: Ip = Ip::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
const ALL_ROUTERS: Ip = Ip::new(0xff02, 0, 0, 0, 0, 0, 0, 2);

// Types (RFC 4861, 4).
const ROUTER_SOLICITATION: u8 = 133;
const ROUTER_ADVERTISEMENT: u8 = 134;
const NEIGHBOUR_SOLICITATION: u8 = 135;
const NEIGHBOUR_ADVERTISEMENT: u8 = 136;
// Flags of an advertisement (4.4).
const SOLICITED: u8 = 0x40;
const OVERRIDE: u8 = 0x20;
// Options (4.6).
const SOURCE_MAC: u8 = 1;
const TARGET_MAC: u8 = 2;
const PREFIX: u8 = 3;
/// Hosts may make addresses from the prefix (4.6.2).
const AUTONOMOUS: u8 = 0x40;

/// What routers have said, and whether they are still to be asked. All zero is nothing.
pub(crate) struct Discovery {
    solicitations: u8,
    /// Zero: no more.
    solicit_ns: u64,
    prefix_until_ns: u64,
    router_until_ns: u64,
}

impl Discovery {
    /// Nothing is known, nobody is asked.
    pub const fn new() -> Self {
        Self { solicitations: 0, solicit_ns: 0, prefix_until_ns: 0, router_until_ns: 0 }
    }

    /// Begins to ask.
    pub fn start(&mut self, now: u64) {
        (self.solicitations, self.solicit_ns) = (SOLICITATIONS, now.max(1));
    }

    /// When something is due.
    pub fn deadline_ns(&self) -> Option<u64> {
        let all = [self.solicit_ns, self.prefix_until_ns, self.router_until_ns];
        all.into_iter().filter(|at| *at != 0 && *at != u64::MAX).min()
    }
}

impl<D: NetDevice, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize>
    Engine<D, SOCKETS, DATAGRAMS, NEIGHBOURS>
{
    /// Asks for routers, and forgets what has expired.
    pub fn run_discovery(&mut self, now: u64) {
        let Discovery { solicitations, solicit_ns, .. } = self.discovery;
        if solicit_ns != 0 && now >= solicit_ns {
            let header = self.local_header(group_mac(ALL_ROUTERS), self.addresses.link_local, ALL_ROUTERS);
            if self.send_discovery(&header, ROUTER_SOLICITATION, 0, None, SOURCE_MAC) {
                self.discovery.solicitations = solicitations - 1;
                let is_last = self.discovery.solicitations == 0;
                self.discovery.solicit_ns = if is_last { 0 } else { now + SOLICITATION_INTERVAL_NS };
            }
        }
        let has_expired = |until: u64| until != 0 && now >= until;
        let (prefix, router) = (self.discovery.prefix_until_ns, self.discovery.router_until_ns);
        if has_expired(prefix) {
            (self.addresses.global, self.discovery.prefix_until_ns) = (NOWHERE, 0);
        }
        if has_expired(router) {
            (self.addresses.router_v6, self.discovery.router_until_ns) = (NOWHERE, 0);
        }
    }

    /// Asks who has `target`: the machine that had it, or the group of those whose addresses end like that.
    pub fn solicit_neighbour(&mut self, target: Ip, mac: Option<Mac>) {
        let group = solicited_node(target);
        let (to, destination) = match mac {
            Some(mac) if mac != BROADCAST => (mac, target),
            _ => (group_mac(group), group),
        };
        // RFC 4861, 7.2.2: preferably the address that the datagram which waits comes from.
        let source = match target.is_unicast_link_local() || self.addresses.global == NOWHERE {
            true => self.addresses.link_local,
            false => self.addresses.global,
        };
        let header = self.local_header(to, source, destination);
        self.send_discovery(&header, NEIGHBOUR_SOLICITATION, 0, Some(target), SOURCE_MAC);
    }

    fn local_header(&self, to: Mac, source: Ip, destination: Ip) -> Header {
        Header { to, source, destination, protocol: ICMPV6, hop_limit: UNFORWARDED }
    }

    /// Sends a message of 8 bytes, a target if there is one, and our MAC as an option.
    fn send_discovery(
        &mut self,
        header: &Header,
        kind: u8,
        flags: u8,
        target: Option<Ip>,
        option: u8,
    ) -> bool {
        let mac = self.link.mac;
        let bytes = if target.is_some() { 32 } else { 16 };
        self.link.send(header, bytes, &mut |message| {
            message.fill(0);
            (message[0], message[4]) = (kind, flags);
            if let Some(target) = target {
                message[8..24].copy_from_slice(&target.octets());
            }
            // 4.6.1: type, length in units of eight bytes, address.
            let Some(place) = message.last_chunk_mut::<8>() else { return };
            (place[0], place[1]) = (option, 1);
            place[2..].copy_from_slice(&mac);
        })
    }

    /// A message of ICMPv6 that is neither echo nor error.
    #[cold]
    pub fn discover(&mut self, packet: &Packet<'_>, arrival: Arrival) {
        let Some((header, body)) = packet.upper.split_first_chunk::<8>() else { return };
        // The hop limit is where it is in every packet; extension headers do not move it.
        if packet.whole.get(7) != Some(&UNFORWARDED) || header[1] != 0 {
            return;
        }
        match header[0] {
            ROUTER_ADVERTISEMENT => self.hear_router(packet.source, header, body, arrival.now),
            NEIGHBOUR_SOLICITATION => self.hear_solicitation(packet, body, arrival),
            NEIGHBOUR_ADVERTISEMENT => self.hear_advertisement(header[4], packet, body, arrival.now),
            _ => {}
        }
    }

    /// RFC 4861, 7.1.1 and 7.2.3.
    fn hear_solicitation(&mut self, packet: &Packet<'_>, body: &[u8], arrival: Arrival) {
        let Some((target, options)) = target(body) else { return };
        let source = packet.source;
        if !self.addresses.is_on_device(target) || self.addresses.is_own(source) {
            return;
        }
        let Ok(mac) = mac_option(options, SOURCE_MAC) else { return };
        if source == NOWHERE {
            // Somebody tries whether the address is free. It is not.
            let header = self.local_header(group_mac(ALL_NODES), target, ALL_NODES);
            self.send_discovery(&header, NEIGHBOUR_ADVERTISEMENT, OVERRIDE, Some(target), TARGET_MAC);
            return;
        }
        let mac = mac.unwrap_or(arrival.from);
        self.heard(source, mac, true, arrival.now);
        let header = self.local_header(mac, target, source);
        self.send_discovery(&header, NEIGHBOUR_ADVERTISEMENT, SOLICITED | OVERRIDE, Some(target), TARGET_MAC);
    }

    /// RFC 4861, 7.1.2 and 7.2.5.
    fn hear_advertisement(&mut self, flags: u8, packet: &Packet<'_>, body: &[u8], now: u64) {
        let Some((target, options)) = target(body) else { return };
        let is_solicited = flags & SOLICITED != 0;
        if (packet.destination.is_multicast() && is_solicited) || self.addresses.is_own(target) {
            return;
        }
        let (Ok(mac), Some(known)) = (mac_option(options, TARGET_MAC), self.neighbours.known(target)) else {
            return;
        };
        match (known, mac) {
            (None, Some(mac)) => self.heard(target, mac, false, now),
            (Some(_), Some(mac)) if flags & OVERRIDE != 0 => self.heard(target, mac, false, now),
            // It confirms what is known, unless it says something else.
            (Some(known), mac) if is_solicited && mac.is_none_or(|mac| mac == known) => {
                self.heard(target, known, false, now);
            }
            _ => {}
        }
    }

    /// RFC 4861, 6.1.2 and 6.3.4; RFC 4862, 5.5.3.
    fn hear_router(&mut self, router: Ip, header: &[u8; 8], body: &[u8], now: u64) {
        // Reachable time and retransmission timer are not taken up.
        let Some(options) = body.get(8..) else { return };
        if !router.is_unicast_link_local() || self.addresses.is_own(router) {
            return;
        }
        let Ok(mac) = mac_option(options, SOURCE_MAC) else { return };
        self.discovery.solicit_ns = 0;
        if let Some(mac) = mac {
            self.heard(router, mac, true, now);
        }
        let lifetime_ns = u64::from(u16::from_be_bytes([header[6], header[7]])) * SECOND_NS;
        if lifetime_ns > 0 {
            (self.addresses.router_v6, self.discovery.router_until_ns) = (router, now + lifetime_ns);
        } else if self.addresses.router_v6 == router {
            (self.addresses.router_v6, self.discovery.router_until_ns) = (NOWHERE, 0);
        }
        for option in (Options { rest: options }) {
            if option.first() == Some(&PREFIX) {
                self.hear_prefix(option, now);
            }
        }
        self.configured();
    }

    fn hear_prefix(&mut self, option: &[u8], now: u64) {
        let Some(option) = option.first_chunk::<32>() else { return };
        let prefix = option[16..].first_chunk().map(|bytes| Ip::from_octets(*bytes));
        let lifetime = u32::from_be_bytes([option[4], option[5], option[6], option[7]]);
        let Some(prefix) = prefix else { return };
        if option[2] != 64 || option[3] & AUTONOMOUS == 0 || is_unfit(prefix) {
            return;
        }
        let until_ns = match lifetime {
            u32::MAX => u64::MAX,
            seconds => now + u64::from(seconds) * SECOND_NS,
        };
        let address = combine(prefix, link_local(self.link.mac));
        if self.addresses.global == address {
            let known_ns = self.discovery.prefix_until_ns;
            self.discovery.prefix_until_ns = match until_ns {
                longer if longer > known_ns || longer > now + TWO_HOURS_NS => longer,
                _ => known_ns.min(now + TWO_HOURS_NS),
            };
        } else if self.addresses.global == NOWHERE && lifetime > 0 {
            (self.addresses.global, self.discovery.prefix_until_ns) = (address, until_ns);
        }
    }
}

/// Prefixes that nobody may have an address from.
fn is_unfit(prefix: Ip) -> bool {
    prefix.is_unicast_link_local() || prefix.is_multicast() || prefix.is_loopback() || prefix == NOWHERE
}

/// The target of a solicitation or advertisement, which is no group, and its options.
fn target(body: &[u8]) -> Option<(Ip, &[u8])> {
    let (target, options) = body.split_first_chunk()?;
    let target = Ip::from_octets(*target);
    (!target.is_multicast()).then_some((target, options))
}

/// The MAC in the first option of this kind. `Err`: the options are broken, and so is the message.
fn mac_option(options: &[u8], kind: u8) -> Result<Option<Mac>, ()> {
    let mut found = None;
    let mut all = Options { rest: options };
    for option in all.by_ref() {
        if option[0] == kind
            && let Some([_, _, mac @ ..]) = option.first_chunk::<8>()
            && mac[0] & 1 == 0
        {
            found = found.or(Some(*mac));
        }
    }
    if all.rest.is_empty() { Ok(found) } else { Err(()) }
}

/// The options of a message (RFC 4861, 4.6). Stops, with `rest` not empty, at one that is broken.
struct Options<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Options<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let bytes = usize::from(*self.rest.get(1)?) * 8;
        let (option, rest) = self.rest.split_at_checked(bytes).filter(|(option, _)| !option.is_empty())?;
        self.rest = rest;
        Some(option)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_end_where_they_say() {
        let good = [1, 1, 2, 0, 0, 0, 0, 9, 9, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(mac_option(&good, SOURCE_MAC), Ok(Some([2, 0, 0, 0, 0, 9])));
        assert_eq!(mac_option(&good, TARGET_MAC), Ok(None));
        assert_eq!(mac_option(&[], SOURCE_MAC), Ok(None));
        for cut in 1..good.len() {
            assert_eq!(mac_option(&good[..cut], 7), if cut == 8 { Ok(None) } else { Err(()) }, "{cut}");
        }
        assert_eq!(mac_option(&[1, 0, 2, 0, 0, 0, 0, 9], SOURCE_MAC), Err(()), "4.6: length 0 is refused");
    }
}
