//! A leased IPv4 address: a DHCP client (RFC 2131, options in RFC 2132).
//!
//! It asks, takes the first offer, and extends the lease from half of its time on. Left out: the client asks for an
//! extension by broadcast only (4.4.5 begins with unicast), and does not try whether the address is really free.

use crate::endpoint::{ANY_V4, Ip, NOWHERE, is_group, is_loopback};
use crate::engine::Engine;
use crate::input::{self, Packet};
use crate::link::{BROADCAST, HOP_LIMIT, Header, Mac, UDP, UDP_HEADER_BYTES};
use core::net::Ipv4Addr;
use kit_iface_netdev::NetDevice;
use kit_util_net::resolver::MOST_SERVERS;

const SERVER_PORT: u16 = 67;
const CLIENT_PORT: u16 = 68;
/// RFC 1542, 2.1: some servers ignore less.
const MESSAGE_BYTES: usize = 300;
/// Up to the options.
const FIXED_BYTES: usize = 236;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
const REPLY: u8 = 2;
const IS_BROADCAST: u8 = 0x80;
const ETHERNET: [u8; 2] = [1, 6];

// Options (RFC 2132).
const MASK: u8 = 1;
const ROUTER: u8 = 3;
const NAME_SERVERS: u8 = 6;
const REQUESTED: u8 = 50;
const LEASE: u8 = 51;
const KIND: u8 = 53;
const SERVER: u8 = 54;
const WANTED: u8 = 55;
const CLIENT: u8 = 61;
const PAD: u8 = 0;
const END: u8 = 255;

// Kinds of message (RFC 2132, 9.6).
const DISCOVER: u8 = 1;
const OFFER: u8 = 2;
const REQUEST: u8 = 3;
const ACK: u8 = 5;
const NAK: u8 = 6;

const SECOND_NS: u64 = 1_000_000_000;
/// A boot must not lose seconds to one lost packet.
const FIRST_PAUSE_NS: u64 = 2 * SECOND_NS;
/// RFC 2131, 4.1: pauses double up to 64 seconds.
const MOST_DOUBLINGS: u8 = 5;
/// An offer is asked for so often.
const MOST_REQUESTS: u8 = 4;
/// RFC 2131, 4.4.5: between two wishes to extend a lease.
const LEAST_PAUSE_NS: u64 = 60 * SECOND_NS;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Off = 0,
    /// Looking for a server.
    Selecting,
    /// One has offered an address.
    Requesting,
    /// There is a lease.
    Bound,
}

/// The client. All zero is one that does nothing.
pub(crate) struct Dhcp {
    state: State,
    transaction: u32,
    tries: u8,
    /// When to send next; zero: never.
    send_ns: u64,
    /// When the lease ends.
    until_ns: u64,
    offered: Ip,
    server: Ip,
    /// Those that the lease names.
    pub name_servers: [Ip; MOST_SERVERS],
}

/// What a message says.
struct Reply {
    kind: u8,
    address: Ip,
    server: Ip,
    mask: u32,
    router: Ip,
    lease_seconds: u32,
    name_servers: [Ip; MOST_SERVERS],
}

impl Dhcp {
    /// Off.
    pub const fn new() -> Self {
        Self {
            state: State::Off,
            transaction: 0,
            tries: 0,
            send_ns: 0,
            until_ns: 0,
            offered: NOWHERE,
            server: NOWHERE,
            name_servers: [NOWHERE; MOST_SERVERS],
        }
    }

    /// Begins to look for a server.
    pub fn start(&mut self, now: u64) {
        (self.state, self.tries, self.send_ns) = (State::Selecting, 0, now.max(1));
    }

    /// When something is due.
    pub fn deadline_ns(&self) -> Option<u64> {
        (self.send_ns != 0).then_some(self.send_ns)
    }
}

impl<D: NetDevice, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize>
    Engine<D, SOCKETS, DATAGRAMS, NEIGHBOURS>
{
    /// Sends what is due.
    pub fn run_dhcp(&mut self, now: u64) {
        if self.dhcp.send_ns == 0 || now < self.dhcp.send_ns {
            return;
        }
        match self.dhcp.state {
            State::Off => return,
            State::Requesting if self.dhcp.tries >= MOST_REQUESTS => self.dhcp.start(now),
            State::Bound if now >= self.dhcp.until_ns => self.lose_lease(now),
            _ => {}
        }
        let Dhcp { state, tries, until_ns, .. } = self.dhcp;
        if tries == 0 || state == State::Bound {
            self.dhcp.transaction = self.random.next() as u32;
        }
        let kind = if state == State::Selecting { DISCOVER } else { REQUEST };
        if !self.send_dhcp(kind) {
            // No room in the device: the worker looks again soon.
            return;
        }
        self.dhcp.tries = tries.saturating_add(1);
        let pause_ns = match state {
            State::Bound => ((until_ns - now) / 2).max(LEAST_PAUSE_NS).min(until_ns - now),
            // RFC 2131, 4.1: a second more or less, so that machines that start together do not ask together.
            _ => (FIRST_PAUSE_NS << tries.min(MOST_DOUBLINGS)) + self.random.next() % SECOND_NS,
        };
        self.dhcp.send_ns = now + pause_ns;
    }

    fn lose_lease(&mut self, now: u64) {
        self.addresses.v4 = NOWHERE;
        self.addresses.router_v4 = NOWHERE;
        self.addresses.awaits_v4 = true;
        self.dhcp.name_servers = [NOWHERE; MOST_SERVERS];
        self.dhcp.start(now);
    }

    /// Whether a UDP packet is for the client, which hears before the machine has an address.
    pub fn is_dhcp(&self, packet: &Packet<'_>) -> bool {
        self.dhcp.state != State::Off && packet.upper.get(2..4) == Some(&CLIENT_PORT.to_be_bytes())
    }

    /// A message for the client.
    #[cold]
    pub fn hear_dhcp(&mut self, packet: &Packet<'_>, now: u64) {
        let Some((_, message)) = input::payload(packet, self.link.is_trusted) else { return };
        let Some(reply) = read(message, self.dhcp.transaction, self.link.mac) else { return };
        match (self.dhcp.state, reply.kind) {
            (State::Selecting, OFFER) if is_fit(reply.address) && reply.server != NOWHERE => {
                (self.dhcp.offered, self.dhcp.server) = (reply.address, reply.server);
                (self.dhcp.state, self.dhcp.tries, self.dhcp.send_ns) = (State::Requesting, 1, now);
                self.run_dhcp(now);
            }
            (State::Requesting, ACK) if reply.server == self.dhcp.server => self.take_lease(&reply, now),
            (State::Bound, ACK) => self.take_lease(&reply, now),
            (State::Requesting, NAK) if reply.server == self.dhcp.server => self.dhcp.start(now),
            (State::Bound, NAK) => self.lose_lease(now),
            _ => {}
        }
    }

    fn take_lease(&mut self, reply: &Reply, now: u64) {
        if !is_fit(reply.address) {
            return;
        }
        self.addresses.v4 = reply.address;
        self.addresses.prefix_length = reply.mask.leading_ones() as u8;
        self.addresses.router_v4 = reply.router;
        self.addresses.awaits_v4 = false;
        self.dhcp.name_servers = reply.name_servers;
        self.dhcp.offered = reply.address;
        self.dhcp.state = State::Bound;
        let lease_ns = u64::from(reply.lease_seconds) * SECOND_NS;
        // A lease without an end is never extended.
        let is_endless = reply.lease_seconds == u32::MAX;
        self.dhcp.until_ns = now + lease_ns;
        self.dhcp.send_ns = if is_endless { 0 } else { now + lease_ns / 2 };
        self.configured();
    }

    fn send_dhcp(&mut self, kind: u8) -> bool {
        let Dhcp { state, transaction, offered, server, .. } = self.dhcp;
        let (mac, own) = (self.link.mac, self.addresses.v4);
        let source = if own == NOWHERE { ANY_V4 } else { own };
        let header = Header {
            to: BROADCAST,
            source,
            destination: Ipv4Addr::BROADCAST.to_ipv6_mapped(),
            protocol: UDP,
            hop_limit: HOP_LIMIT,
        };
        let bytes = UDP_HEADER_BYTES + MESSAGE_BYTES;
        self.link.send(&header, bytes, &mut |upper| {
            upper.fill(0);
            let Some((udp, message)) = upper.split_first_chunk_mut::<UDP_HEADER_BYTES>() else { return };
            udp[..2].copy_from_slice(&CLIENT_PORT.to_be_bytes());
            udp[2..4].copy_from_slice(&SERVER_PORT.to_be_bytes());
            udp[4..6].copy_from_slice(&(bytes as u16).to_be_bytes());
            let Some(message) = message.first_chunk_mut::<MESSAGE_BYTES>() else { return };
            // RFC 2131, figure 1.
            (message[0], message[1], message[2]) = (1, ETHERNET[0], ETHERNET[1]);
            message[4..8].copy_from_slice(&transaction.to_be_bytes());
            message[28..34].copy_from_slice(&mac);
            message[FIXED_BYTES..FIXED_BYTES + 4].copy_from_slice(&COOKIE);
            let mut at = FIXED_BYTES + 4;
            let mut option = |kind: u8, parts: &[&[u8]]| {
                let length = parts.iter().map(|part| part.len()).sum::<usize>();
                (message[at], message[at + 1]) = (kind, length as u8);
                at += 2;
                for part in parts {
                    message[at..at + part.len()].copy_from_slice(part);
                    at += part.len();
                }
            };
            option(KIND, &[&[kind]]);
            option(CLIENT, &[&ETHERNET[..1], &mac]);
            option(WANTED, &[&[MASK, ROUTER, NAME_SERVERS, LEASE]]);
            if state == State::Requesting {
                option(REQUESTED, &[&offered.octets()[12..]]);
                option(SERVER, &[&server.octets()[12..]]);
            }
            message[at] = END;
            if state == State::Bound {
                message[12..16].copy_from_slice(&source.octets()[12..]);
            } else {
                message[10] = IS_BROADCAST;
            }
        })
    }
}

/// Whether an address can be a machine's own.
fn is_fit(address: Ip) -> bool {
    address != ANY_V4 && address != NOWHERE && !is_group(address) && !is_loopback(address)
}

/// Reads a message that may be anything.
fn read(message: &[u8], transaction: u32, mac: Mac) -> Option<Reply> {
    let (fixed, options) = message.split_first_chunk::<FIXED_BYTES>()?;
    let options = options.strip_prefix(&COOKIE)?;
    let is_ours = fixed[0] == REPLY
        && fixed[1..3] == ETHERNET
        && fixed[4..8] == transaction.to_be_bytes()
        && fixed[28..34] == mac;
    let mut reply = Reply {
        kind: 0,
        address: address(fixed.get(16..20)?)?,
        server: NOWHERE,
        // Where nobody says: the size of a usual network.
        mask: 0xffff_ff00,
        router: NOWHERE,
        lease_seconds: u32::MAX,
        name_servers: [NOWHERE; MOST_SERVERS],
    };
    let mut rest = options;
    while let Some((kind, after)) = rest.split_first() {
        rest = match *kind {
            PAD => after,
            END => break,
            kind => {
                let (length, after) = after.split_first()?;
                let (value, after) = after.split_at_checked((*length).into())?;
                reply.take(kind, value);
                after
            }
        };
    }
    is_ours.then_some(reply)
}

impl Reply {
    fn take(&mut self, kind: u8, value: &[u8]) {
        let number = value.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
        match kind {
            KIND => self.kind = value.first().copied().unwrap_or(0),
            SERVER => self.server = address(value).unwrap_or(NOWHERE),
            ROUTER => self.router = address(value).unwrap_or(NOWHERE),
            MASK => self.mask = number.unwrap_or(self.mask),
            LEASE => self.lease_seconds = number.unwrap_or(self.lease_seconds),
            NAME_SERVERS => {
                for (place, server) in self.name_servers.iter_mut().zip(value.as_chunks::<4>().0) {
                    *place = Ipv4Addr::from_octets(*server).to_ipv6_mapped();
                }
            }
            _ => {}
        }
    }
}

fn address(bytes: &[u8]) -> Option<Ip> {
    bytes.first_chunk().map(|bytes| Ipv4Addr::from_octets(*bytes).to_ipv6_mapped())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: Mac = [2, 0, 0, 0, 0, 1];

    fn message() -> [u8; 280] {
        let mut message = [0; 280];
        (message[0], message[1], message[2], message[7]) = (REPLY, 1, 6, 9);
        message[16..20].copy_from_slice(&[10, 0, 2, 15]);
        message[28..34].copy_from_slice(&MAC);
        message[236..240].copy_from_slice(&COOKIE);
        let options =
            [KIND, 1, ACK, PAD, SERVER, 4, 10, 0, 2, 2, MASK, 4, 255, 255, 0, 0, LEASE, 4, 0, 0, 0, 60];
        message[240..262].copy_from_slice(&options);
        message[262..273].copy_from_slice(&[NAME_SERVERS, 8, 10, 0, 2, 3, 10, 0, 2, 4, END]);
        message
    }

    #[test]
    fn a_reply_is_read() {
        let reply = read(&message(), 9, MAC).unwrap();
        assert_eq!((reply.kind, reply.lease_seconds, reply.mask.leading_ones()), (ACK, 60, 16));
        assert_eq!(reply.address, address(&[10, 0, 2, 15]).unwrap());
        assert_eq!(reply.name_servers[1], address(&[10, 0, 2, 4]).unwrap());
        assert_eq!(reply.name_servers[2], NOWHERE);
    }

    #[test]
    fn replies_to_others_and_broken_ones_are_not() {
        assert!(read(&message(), 8, MAC).is_none());
        assert!(read(&message(), 9, [2, 0, 0, 0, 0, 2]).is_none());
        assert!((0..240).all(|length| read(&message()[..length], 9, MAC).is_none()));
        assert!(read(&message()[..248], 9, MAC).is_none(), "an option that ends after the message");
    }
}
