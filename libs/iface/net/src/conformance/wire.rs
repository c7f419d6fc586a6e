//! Packets as a machine on the same wire would write and read them, straight from the RFCs and independent of every
//! stack: what the checks of the wire and fuzzers are made of.

use crate::fake::alloc::vec;
use crate::fake::alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An Ethernet address.
pub type Mac = [u8; 6];

/// Protocol numbers.
pub const ICMP: u8 = 1;
/// TCP's.
pub const TCP: u8 = 6;
/// UDP's.
pub const UDP: u8 = 17;
/// That of ICMPv6.
pub const ICMPV6: u8 = 58;

/// Flags of a TCP segment (RFC 9293, 3.1).
pub const FIN: u8 = 1;
/// Synchronise.
pub const SYN: u8 = 2;
/// Reset.
pub const RST: u8 = 4;
/// Acknowledgement.
pub const ACK: u8 = 16;

const TYPE_ARP: [u8; 2] = [0x08, 0x06];
const ETHERNET_BYTES: usize = 14;

/// Who is on the wire: the machine that writes here, and the stack that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Wire {
    /// Ours.
    pub mac: Mac,
    /// Ours.
    pub ip: IpAddr,
    /// The stack's.
    pub stack_mac: Mac,
    /// The stack's.
    pub stack_ip: IpAddr,
}

impl Wire {
    /// Two machines with IPv4 addresses.
    pub fn v4(mac: Mac, ip: [u8; 4], stack_mac: Mac, stack_ip: [u8; 4]) -> Self {
        Self { mac, ip: ip.into(), stack_mac, stack_ip: stack_ip.into() }
    }

    /// Two machines with IPv6 addresses.
    pub fn v6(mac: Mac, ip: &str, stack_mac: Mac, stack_ip: &str) -> Self {
        let address = |text: &str| IpAddr::V6(text.parse().expect("an IPv6 address"));
        Self { mac, ip: address(ip), stack_mac, stack_ip: address(stack_ip) }
    }
}

/// A TCP segment, less its ports.
#[derive(Clone, Copy, Debug, Default)]
pub struct Segment<'a> {
    /// [`SYN`] and its kin.
    pub flags: u8,
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// Window.
    pub window: u16,
    /// What it carries.
    pub payload: &'a [u8],
}

/// An Ethernet frame from us to the stack.
#[derive(Clone, Debug)]
pub struct Frame {
    /// All of it.
    pub bytes: Vec<u8>,
}

impl Frame {
    fn ethernet(wire: &Wire, kind: [u8; 2], payload: &[u8]) -> Self {
        let mut bytes = Vec::new();
        bytes.extend(wire.stack_mac);
        bytes.extend(wire.mac);
        bytes.extend(kind);
        bytes.extend(payload);
        Self { bytes }
    }

    /// RFC 826: operation 1 asks, 2 answers.
    fn arp(wire: &Wire, operation: u8, sender: Ipv4Addr, target: Ipv4Addr) -> Self {
        let mut message = vec![0, 1, 8, 0, 6, 4, 0, operation];
        message.extend(wire.mac);
        message.extend(sender.octets());
        message.extend(if operation == 1 { [0; 6] } else { wire.stack_mac });
        message.extend(target.octets());
        Self::ethernet(wire, TYPE_ARP, &message)
    }

    /// "Who has the stack's address?"
    pub fn arp_request(wire: &Wire) -> Self {
        Self::arp(wire, 1, v4(wire.ip), v4(wire.stack_ip))
    }

    /// "We have ours."
    pub fn arp_reply(wire: &Wire) -> Self {
        Self::arp(wire, 2, v4(wire.ip), v4(wire.stack_ip))
    }

    /// "Who has the stack's address?" (RFC 4861, 4.3), with our MAC as an option.
    pub fn neighbour_solicitation(wire: &Wire) -> Self {
        Self::neighbour(wire, 135, 0, wire.stack_ip, 1)
    }

    /// "We have ours." (RFC 4861, 4.4), solicited and overriding.
    pub fn neighbour_advertisement(wire: &Wire) -> Self {
        Self::neighbour(wire, 136, 0x6000_0000, wire.ip, 2)
    }

    fn neighbour(wire: &Wire, kind: u8, flags: u32, target: IpAddr, option: u8) -> Self {
        let mut body = Vec::new();
        match target {
            IpAddr::V6(target) => body.extend(target.octets()),
            IpAddr::V4(target) => body.extend(target.to_ipv6_mapped().octets()),
        }
        body.extend([option, 1]);
        body.extend(wire.mac);
        let mut frame = Self::icmp(wire, kind, 0, flags, &body);
        frame.set_hop_limit(255);
        frame
    }

    /// An IP packet with hop limit 64.
    pub fn ip(wire: &Wire, protocol: u8, upper: &[u8]) -> Self {
        match (wire.ip, wire.stack_ip) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                let length = (20 + upper.len()) as u16;
                let mut packet = vec![0x45, 0];
                packet.extend(length.to_be_bytes());
                packet.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
                packet.extend(source.octets());
                packet.extend(destination.octets());
                packet.extend(upper);
                let mut frame = Self::ethernet(wire, [0x08, 0x00], &packet);
                frame.complete_header();
                frame
            }
            (source, destination) => {
                let mut packet = vec![0x60, 0, 0, 0];
                packet.extend((upper.len() as u16).to_be_bytes());
                packet.extend([protocol, 64]);
                packet.extend(octets(source));
                packet.extend(octets(destination));
                packet.extend(upper);
                Self::ethernet(wire, [0x86, 0xdd], &packet)
            }
        }
    }

    /// A transport's message whose checksum, at `at`, is filled in.
    fn transport(wire: &Wire, protocol: u8, mut upper: Vec<u8>, at: usize) -> Self {
        let checksum = !checksum(wire.ip, wire.stack_ip, protocol, &upper);
        upper[at..at + 2].copy_from_slice(&checksum.to_be_bytes());
        Self::ip(wire, protocol, &upper)
    }

    /// A UDP datagram (RFC 768).
    pub fn udp(wire: &Wire, from: u16, to: u16, payload: &[u8]) -> Self {
        let mut upper = Vec::new();
        for half in [from, to, 8 + payload.len() as u16, 0] {
            upper.extend(half.to_be_bytes());
        }
        upper.extend(payload);
        Self::transport(wire, UDP, upper, 6)
    }

    /// An ICMP message of the wire's family: type, code, the four bytes after the checksum, and what follows.
    pub fn icmp(wire: &Wire, kind: u8, code: u8, rest: u32, body: &[u8]) -> Self {
        let mut upper = vec![kind, code, 0, 0];
        upper.extend(rest.to_be_bytes());
        upper.extend(body);
        Self::transport(wire, if wire.ip.is_ipv4() { ICMP } else { ICMPV6 }, upper, 2)
    }

    /// An echo request.
    pub fn echo(wire: &Wire, identifier: u16, number: u16, body: &[u8]) -> Self {
        let kind = if wire.ip.is_ipv4() { 8 } else { 128 };
        Self::icmp(wire, kind, 0, u32::from(identifier) << 16 | u32::from(number), body)
    }

    /// "Nobody is at that port" about a packet of the stack's, given from its IP header on.
    pub fn port_unreachable(wire: &Wire, packet: &[u8]) -> Self {
        let (kind, code) = if wire.ip.is_ipv4() { (3, 3) } else { (1, 4) };
        Self::icmp(wire, kind, code, 0, packet)
    }

    /// A TCP segment (RFC 9293, 3.1) with a window of 4096, without options.
    pub fn tcp(wire: &Wire, from: u16, to: u16, flags: u8, seq: u32, ack: u32, payload: &[u8]) -> Self {
        Self::segment(wire, from, to, &Segment { flags, seq, ack, window: 4096, payload })
    }

    /// A TCP segment without options.
    pub fn segment(wire: &Wire, from: u16, to: u16, segment: &Segment<'_>) -> Self {
        let mut upper = Vec::new();
        upper.extend(from.to_be_bytes());
        upper.extend(to.to_be_bytes());
        upper.extend(segment.seq.to_be_bytes());
        upper.extend(segment.ack.to_be_bytes());
        upper.extend([5 << 4, segment.flags]);
        upper.extend(segment.window.to_be_bytes());
        upper.extend([0; 4]);
        upper.extend(segment.payload);
        Self::transport(wire, TCP, upper, 16)
    }

    /// Where the IP packet begins.
    pub fn packet(&mut self) -> &mut [u8] {
        &mut self.bytes[ETHERNET_BYTES..]
    }

    /// Where the transport's message begins.
    pub fn upper(&mut self) -> &mut [u8] {
        let header = if self.bytes[ETHERNET_BYTES] >> 4 == 4 { 20 } else { 40 };
        &mut self.bytes[ETHERNET_BYTES + header..]
    }

    /// Sets the hop limit.
    pub fn set_hop_limit(&mut self, limit: u8) {
        let packet = self.packet();
        packet[if packet[0] >> 4 == 4 { 8 } else { 7 }] = limit;
        self.complete_header();
    }

    /// Makes the checksum of an IPv4 header right again.
    pub fn complete_header(&mut self) {
        let packet = self.packet();
        if packet[0] >> 4 == 4 {
            packet[10..12].fill(0);
            let checksum = !fold(sum(&packet[..20]));
            packet[10..12].copy_from_slice(&checksum.to_be_bytes());
        }
    }
}

/// What a stack has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// An ARP message: operation, sender's MAC and address, target's address.
    Arp(u8, Mac, Ipv4Addr, Ipv4Addr),
    /// An IP packet.
    Ip(Packet),
    /// Something else.
    Other,
}

/// An IP packet that was read, and whose checksums are right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Whom the frame was for.
    pub to: Mac,
    /// From whom.
    pub source: IpAddr,
    /// For whom.
    pub destination: IpAddr,
    /// Of the transport.
    pub protocol: u8,
    /// Or time to live.
    pub hop_limit: u8,
    /// The transport's message.
    pub upper: Vec<u8>,
    /// From the IP header on.
    pub whole: Vec<u8>,
}

/// A TCP segment that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardSegment {
    /// The stack's port.
    pub from: u16,
    /// Ours.
    pub to: u16,
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// [`SYN`] and its kin.
    pub flags: u8,
    /// Window.
    pub window: u16,
    /// Options, as they are.
    pub options: Vec<u8>,
    /// What it carries.
    pub payload: Vec<u8>,
}

impl Heard {
    /// Reads a frame. A stack that sends a broken packet fails here.
    pub fn read(frame: &[u8]) -> Self {
        let to = mac(frame);
        let body = &frame[ETHERNET_BYTES..];
        match [frame[12], frame[13]] {
            TYPE_ARP => {
                assert_eq!(body[..7], [0, 1, 8, 0, 6, 4, 0], "Ethernet and IPv4");
                Self::Arp(body[7], mac(&body[8..]), v4_at(body, 14), v4_at(body, 24))
            }
            [0x08, 0x00] => {
                let length = usize::from(half(body, 2));
                assert!(body[0] == 0x45 && length <= body.len(), "an IPv4 header without options");
                assert_eq!(fold(sum(&body[..20])), 0xffff, "the header's checksum");
                let (source, destination) = (v4_at(body, 12).into(), v4_at(body, 16).into());
                Packet::checked(to, source, destination, body[9], body[8], 20, &body[..length])
            }
            [0x86, 0xdd] => {
                let length = 40 + usize::from(half(body, 4));
                assert!(body[0] >> 4 == 6 && length <= body.len(), "an IPv6 header");
                let (source, destination) = (v6_at(body, 8).into(), v6_at(body, 24).into());
                Packet::checked(to, source, destination, body[6], body[7], 40, &body[..length])
            }
            _ => Self::Other,
        }
    }
}

impl Packet {
    fn checked(
        to: Mac,
        source: IpAddr,
        destination: IpAddr,
        protocol: u8,
        hop_limit: u8,
        header: usize,
        whole: &[u8],
    ) -> Heard {
        let upper = whole[header..].to_vec();
        let is_summed = matches!(protocol, ICMP | ICMPV6 | TCP | UDP);
        if is_summed {
            assert_eq!(checksum(source, destination, protocol, &upper), 0xffff, "checksum of {protocol}");
        }
        Heard::Ip(Self { to, source, destination, protocol, hop_limit, upper, whole: whole.to_vec() })
    }

    /// The ports and the payload, if it is a UDP datagram.
    pub fn udp(&self) -> Option<(u16, u16, &[u8])> {
        (self.protocol == UDP).then(|| {
            assert_eq!(usize::from(half(&self.upper, 4)), self.upper.len(), "UDP's length");
            (half(&self.upper, 0), half(&self.upper, 2), &self.upper[8..])
        })
    }

    /// The type, the code and what follows the checksum, if it is ICMP of either family.
    pub fn icmp(&self) -> Option<(u8, u8, &[u8])> {
        matches!(self.protocol, ICMP | ICMPV6).then(|| (self.upper[0], self.upper[1], &self.upper[4..]))
    }

    /// The segment, if it is TCP.
    pub fn tcp(&self) -> Option<HeardSegment> {
        let word = |at: usize| u32::from_be_bytes(self.upper[at..at + 4].try_into().expect("four bytes"));
        (self.protocol == TCP).then(|| {
            let data = usize::from(self.upper[12] >> 4) * 4;
            HeardSegment {
                from: half(&self.upper, 0),
                to: half(&self.upper, 2),
                seq: word(4),
                ack: word(8),
                flags: self.upper[13] & 0x3f,
                window: half(&self.upper, 14),
                options: self.upper[20..data].to_vec(),
                payload: self.upper[data..].to_vec(),
            }
        })
    }
}

fn half(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn mac(bytes: &[u8]) -> Mac {
    bytes[..6].try_into().expect("six bytes")
}

fn v4_at(bytes: &[u8], at: usize) -> Ipv4Addr {
    let octets: [u8; 4] = bytes[at..at + 4].try_into().expect("four bytes");
    octets.into()
}

fn v6_at(bytes: &[u8], at: usize) -> Ipv6Addr {
    let octets: [u8; 16] = bytes[at..at + 16].try_into().expect("sixteen bytes");
    octets.into()
}

fn v4(ip: IpAddr) -> Ipv4Addr {
    match ip {
        IpAddr::V4(ip) => ip,
        IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
    }
}

fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

/// RFC 1071, as it is defined: 16 bits at a time.
fn sum(bytes: &[u8]) -> u32 {
    bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0))).sum()
}

fn fold(total: u32) -> u16 {
    let once = (total >> 16) + (total & 0xffff);
    ((once >> 16) + once) as u16
}

/// The folded sum of a message, with its pseudo-header where it has one; all ones if it holds a right checksum.
fn checksum(source: IpAddr, destination: IpAddr, protocol: u8, upper: &[u8]) -> u16 {
    let pseudo = match protocol {
        ICMP => 0,
        _ => sum(&octets(source)) + sum(&octets(destination)) + u32::from(protocol) + upper.len() as u32,
    };
    fold(u32::from(fold(pseudo)) + sum(upper))
}
