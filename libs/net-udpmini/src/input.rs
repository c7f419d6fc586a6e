//! Frames in: whose is it, and is it whole?

use crate::endpoint::{Endpoint, Ip, NOWHERE, is_any, is_group, of};
use crate::engine::Engine;
use crate::link::{ICMP, ICMPV6, Mac, TYPE_ARP, TYPE_IPV4, TYPE_IPV6, UDP, UDP_HEADER_BYTES, pseudo_header};
use crate::{ipv4, ipv6};
use core::net::Ipv4Addr;
use kit_iface_net::Readiness;
use kit_iface_netdev::{ETHERNET_HEADER_BYTES, NetDevice};
use kit_util_net::checksum::{INTACT, fold, plus, sum};

/// An IP packet of either family, without its headers.
pub(crate) struct Packet<'a> {
    pub source: Ip,
    pub destination: Ip,
    pub protocol: u8,
    pub upper: &'a [u8],
    /// From the first byte of its header to its last.
    pub whole: &'a [u8],
}

/// How a packet came.
#[derive(Clone, Copy)]
pub(crate) struct Arrival {
    /// Who put it on the wire: answers that need no looking up go back there.
    pub from: Mac,
    /// The frame was for a group.
    pub is_group: bool,
    pub now: u64,
}

/// RFC 826: Ethernet and IPv4, and the two operations.
const ARP_KIND: [u8; 6] = [0, 1, 8, 0, 6, 4];
const ARP_REQUEST: [u8; 2] = [0, 1];
const ARP_REPLY: [u8; 2] = [0, 2];
const ARP_BYTES: usize = 28;

impl<D: NetDevice, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize>
    Engine<D, SOCKETS, DATAGRAMS, NEIGHBOURS>
{
    /// Digests one frame.
    pub fn frame(&mut self, frame: &[u8], now: u64) {
        let Some((header, body)) = frame.split_first_chunk::<ETHERNET_HEADER_BYTES>() else { return };
        let [a, b, c, d, e, f, from @ .., kind_high, kind_low] = *header;
        let (to, from): (Mac, Mac) = ([a, b, c, d, e, f], from);
        let is_group = to[0] & 1 != 0;
        // Nobody sends from a group, and what is for somebody else is not looked at.
        if from[0] & 1 != 0 || !(is_group || to == self.link.mac) {
            return;
        }
        let arrival = Arrival { from, is_group, now };
        match u16::from_be_bytes([kind_high, kind_low]) {
            TYPE_ARP => self.arp(body, now),
            TYPE_IPV4 => {
                if let Some(packet) = ipv4::parse(body, false) {
                    self.ipv4(&packet, arrival);
                }
            }
            TYPE_IPV6 => {
                if let Some(packet) = ipv6::parse(body) {
                    self.ipv6(&packet, arrival);
                }
            }
            _ => {}
        }
    }

    /// RFC 826: "packet reception".
    fn arp(&mut self, body: &[u8], now: u64) {
        let Some(message) = body.first_chunk::<ARP_BYTES>() else { return };
        let address = |at: usize| message[at..].first_chunk().map(|bytes| Ipv4Addr::from_octets(*bytes));
        let mac: Option<&Mac> = message[8..].first_chunk();
        let (Some(mac), Some(sender), Some(target)) = (mac, address(14), address(24)) else { return };
        let (sender, target) = (of(sender.into()), of(target.into()));
        let is_sound = message[..6] == ARP_KIND && mac[0] & 1 == 0 && !is_group(sender);
        // Somebody who claims our address teaches us nothing.
        if !is_sound || self.addresses.is_own(sender) {
            return;
        }
        let is_for_us = target == self.addresses.v4 && target != NOWHERE;
        if !is_any(sender) {
            self.heard(sender, *mac, is_for_us, now);
        }
        if is_for_us && message[6..8] == ARP_REQUEST {
            self.send_arp(ARP_REPLY, *mac, sender, *mac);
        }
    }

    /// Asks who has `target`.
    pub fn ask_by_arp(&mut self, target: Ip, to: Mac) {
        self.send_arp(ARP_REQUEST, to, target, [0; 6]);
    }

    fn send_arp(&mut self, operation: [u8; 2], to: Mac, target: Ip, target_mac: Mac) {
        let mut message = [0; ARP_BYTES];
        message[..6].copy_from_slice(&ARP_KIND);
        message[6..8].copy_from_slice(&operation);
        message[8..14].copy_from_slice(&self.link.mac);
        message[14..18].copy_from_slice(&self.addresses.v4.octets()[12..]);
        message[18..24].copy_from_slice(&target_mac);
        message[24..].copy_from_slice(&target.octets()[12..]);
        self.link.send_other(to, TYPE_ARP, &message);
    }

    fn ipv4(&mut self, packet: &Packet<'_>, arrival: Arrival) {
        let destination = packet.destination;
        let is_for_all = is_group(destination) || self.addresses.is_broadcast(destination);
        // RFC 1122, 3.3.6: what everybody hears must be meant for everybody.
        let is_ours = destination == self.addresses.v4 && !arrival.is_group;
        match packet.protocol {
            UDP if self.is_dhcp(packet) => self.hear_dhcp(packet, arrival.now),
            _ if !(is_ours || is_for_all) => {}
            UDP => self.udp(packet, arrival, is_for_all),
            ICMP => self.icmp(packet, arrival, is_for_all),
            _ => self.refuse_protocol(packet, arrival, is_for_all),
        }
    }

    fn ipv6(&mut self, packet: &Packet<'_>, arrival: Arrival) {
        let destination = packet.destination;
        let is_for_all = destination.is_multicast();
        if !(is_for_all || self.addresses.is_on_device(destination)) {
            return;
        }
        match packet.protocol {
            UDP => self.udp(packet, arrival, is_for_all),
            ICMPV6 => self.icmpv6(packet, arrival, is_for_all),
            _ => self.refuse_protocol(packet, arrival, is_for_all),
        }
    }

    fn udp(&mut self, packet: &Packet<'_>, arrival: Arrival, is_for_all: bool) {
        let Some((ports, payload)) = payload(packet, self.link.is_trusted) else { return };
        let local = Endpoint { ip: packet.destination, port: ports.1 };
        let remote = Endpoint { ip: packet.source, port: ports.0 };
        if is_for_all {
            self.deliver_to_all(local, remote, payload);
        } else if !self.deliver(local, remote, payload) {
            self.refuse_port(packet, arrival);
        }
    }

    /// Gives a datagram to the socket it is meant for, or drops it if that has its share already. Returns whether
    /// anybody is bound there.
    pub fn deliver(&mut self, local: Endpoint, remote: Endpoint, payload: &[u8]) -> bool {
        let Some(index) = self.sockets.find(local, remote) else { return false };
        self.put(index, remote, payload);
        true
    }

    fn deliver_to_all(&mut self, local: Endpoint, remote: Endpoint, payload: &[u8]) {
        let mut from = 0;
        while let Some(index) = self.sockets.find_all(from, local, remote) {
            self.put(index, remote, payload);
            from = index + 1;
        }
    }

    fn put(&mut self, index: usize, remote: Endpoint, payload: &[u8]) {
        let Some(slot) = self.sockets.get(index) else { return };
        if slot.read_shut {
            return;
        }
        if let Some(buffer) = self.pool.append(&mut slot.received) {
            buffer.remote = remote;
            buffer.fill(payload);
            self.tell(index, Readiness::READABLE);
        }
    }
}

/// The source and destination ports and the payload of a UDP datagram (RFC 768), if it is whole and intact. It may be
/// shorter than its packet. A checksum may be missing on IPv4 only (RFC 8200, 8.1).
pub(crate) fn payload<'a>(packet: &Packet<'a>, is_trusted: bool) -> Option<((u16, u16), &'a [u8])> {
    let (udp, _) = packet.upper.split_first_chunk::<UDP_HEADER_BYTES>()?;
    let half = |at: usize| u16::from_be_bytes([udp[at], udp[at + 1]]);
    let whole = packet.upper.get(..usize::from(half(4)))?;
    let payload = whole.get(UDP_HEADER_BYTES..)?;
    let is_intact = match half(6) {
        _ if is_trusted => true,
        0 => packet.source.to_ipv4_mapped().is_some(),
        _ => {
            let pseudo = pseudo_header(packet.source, packet.destination, UDP, whole.len());
            fold(plus(sum(whole), pseudo)) == INTACT
        }
    };
    is_intact.then_some(((half(0), half(2)), payload))
}
