//! Questions to the neighbourhood: who has this address (RFC 826; RFC 4861, 4.3), who is a router (RFC 4861, 4.1).
//!
//! smoltcp asks for neighbours itself, but for no more than one in a second, whoever it is: a machine that asks its
//! name server and then connects through its router would lose that second. So the stack asks too, where smoltcp
//! would not.

use crate::packet::ETHERNET_BYTES;
use crate::solicit::HOP_LIMIT;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use kit_util_net::address::solicited_node;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{
    ArpOperation, ArpPacket, ArpRepr, EthernetAddress, EthernetFrame, EthernetProtocol, Icmpv6Packet,
    Icmpv6Repr, IpProtocol, Ipv6Packet, Ipv6Repr, NdiscRepr,
};

/// ff02::2.
const ALL_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 2);
const IPV6_HEADER_BYTES: usize = 40;
/// RFC 1122, 2.3.2.1: no more than once a second and destination.
const PAUSE: Duration = Duration::from_secs(1);
/// Destinations that are remembered for that.
const REMEMBERED: usize = 8;

/// A question, ready to be written.
pub(crate) enum Question {
    Arp(ArpRepr),
    Icmpv6 { mac: EthernetAddress, source: Ipv6Addr, destination: Ipv6Addr, message: Icmpv6Repr<'static> },
}

impl Question {
    /// "Who has `target`?", from this MAC and IPv4 address.
    pub fn who_has_v4(mac: [u8; 6], source: Ipv4Addr, target: Ipv4Addr) -> Self {
        Self::Arp(ArpRepr::EthernetIpv4 {
            operation: ArpOperation::Request,
            source_hardware_addr: EthernetAddress(mac),
            source_protocol_addr: source,
            target_hardware_addr: EthernetAddress::BROADCAST,
            target_protocol_addr: target,
        })
    }

    /// "Who has `target`?", from this MAC and IPv6 address.
    pub fn who_has_v6(mac: [u8; 6], source: Ipv6Addr, target: Ipv6Addr) -> Self {
        let lladdr = Some(EthernetAddress(mac).into());
        Self::Icmpv6 {
            mac: EthernetAddress(mac),
            source,
            destination: solicited_node(target),
            message: Icmpv6Repr::Ndisc(NdiscRepr::NeighborSolicit { target_addr: target, lladdr }),
        }
    }

    /// "Who is a router?", from this MAC and link-local address.
    pub fn who_routes(mac: [u8; 6], source: Ipv6Addr) -> Self {
        let lladdr = Some(EthernetAddress(mac).into());
        Self::Icmpv6 {
            mac: EthernetAddress(mac),
            source,
            destination: ALL_ROUTERS,
            message: Icmpv6Repr::Ndisc(NdiscRepr::RouterSolicit { lladdr }),
        }
    }

    /// Bytes of the Ethernet frame.
    pub fn frame_bytes(&self) -> usize {
        ETHERNET_BYTES
            + match self {
                Self::Arp(request) => request.buffer_len(),
                Self::Icmpv6 { message, .. } => IPV6_HEADER_BYTES + message.buffer_len(),
            }
    }

    /// Writes the Ethernet frame.
    pub fn write(&self, frame: &mut [u8]) {
        let mut ethernet = EthernetFrame::new_unchecked(&mut *frame);
        match self {
            Self::Arp(request) => {
                let ArpRepr::EthernetIpv4 { source_hardware_addr, .. } = *request else { return };
                ethernet.set_src_addr(source_hardware_addr);
                ethernet.set_dst_addr(EthernetAddress::BROADCAST);
                ethernet.set_ethertype(EthernetProtocol::Arp);
                request.emit(&mut ArpPacket::new_unchecked(ethernet.payload_mut()));
            }
            Self::Icmpv6 { mac, source, destination, message } => {
                let [.., a, b, c, d] = destination.octets();
                ethernet.set_src_addr(*mac);
                ethernet.set_dst_addr(EthernetAddress([0x33, 0x33, a, b, c, d]));
                ethernet.set_ethertype(EthernetProtocol::Ipv6);
                let header = Ipv6Repr {
                    src_addr: *source,
                    dst_addr: *destination,
                    next_header: IpProtocol::Icmpv6,
                    payload_len: message.buffer_len(),
                    hop_limit: HOP_LIMIT,
                };
                let mut packet = Ipv6Packet::new_unchecked(ethernet.payload_mut());
                header.emit(&mut packet);
                let mut body = Icmpv6Packet::new_unchecked(packet.payload_mut());
                message.emit(source, destination, &mut body, &ChecksumCapabilities::default());
            }
        }
    }
}

/// Whom the stack has asked for lately.
#[derive(Default)]
pub(crate) struct Asked {
    last: [Option<(IpAddr, Instant)>; REMEMBERED],
    next: usize,
}

impl Asked {
    /// Whether `target` may be asked for now; if so, it counts as asked.
    pub fn may_ask(&mut self, target: IpAddr, now: Instant) -> bool {
        if self.last.iter().flatten().any(|(known, at)| *known == target && *at + PAUSE > now) {
            return false;
        }
        self.last[self.next % REMEMBERED] = Some((target, now));
        self.next += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];

    #[test]
    fn icmpv6_questions_are_valid_packets() {
        let (source, target) = ("fe80::1".parse().unwrap(), "fe80::a:b:c".parse().unwrap());
        for question in [Question::who_has_v6(MAC, source, target), Question::who_routes(MAC, source)] {
            let mut frame = vec![0xaa; question.frame_bytes()];
            question.write(&mut frame);
            let packet = Ipv6Packet::new_checked(&frame[ETHERNET_BYTES..]).unwrap();
            let Question::Icmpv6 { destination, message, .. } = question else { unreachable!() };
            let body = Icmpv6Packet::new_checked(packet.payload()).unwrap();
            let all = ChecksumCapabilities::default();
            assert_eq!(Icmpv6Repr::parse(&source, &destination, &body, &all), Ok(message));
            assert_eq!((packet.hop_limit(), packet.dst_addr()), (255, destination));
            assert_eq!(frame[..2], [0x33, 0x33]);
        }
    }

    #[test]
    fn an_arp_request_is_one() {
        let question = Question::who_has_v4(MAC, [10, 0, 2, 15].into(), [10, 0, 2, 3].into());
        let mut frame = vec![0xaa; question.frame_bytes()];
        question.write(&mut frame);
        let Question::Arp(request) = question else { unreachable!() };
        let packet = ArpPacket::new_checked(&frame[ETHERNET_BYTES..]).unwrap();
        assert_eq!(ArpRepr::parse(&packet), Ok(request));
        assert_eq!(frame[..6], [0xff; 6]);
    }

    #[test]
    fn nobody_is_asked_for_twice_a_second() {
        let mut asked = Asked::default();
        let (a, b) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let at = Instant::from_millis;
        assert!(asked.may_ask(a, at(5000)) && asked.may_ask(b, at(5001)));
        assert!(!asked.may_ask(a, at(5999)) && asked.may_ask(a, at(6000)));
    }
}
