//! The two messages of IPv6 router discovery (RFC 4861, 4.1 and 4.2).

use crate::packet::ETHERNET_BYTES;
use core::net::Ipv6Addr;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::time::Duration;
use smoltcp::wire::{
    EthernetAddress, EthernetFrame, EthernetProtocol, Icmpv6Packet, Icmpv6Repr, IpProtocol, Ipv6Packet,
    Ipv6Repr, NdiscPrefixInfoFlags, NdiscRepr,
};

/// ff02::2.
const ALL_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 2);
/// RFC 4861, 6.1: proof that no router has forwarded the message.
const HOP_LIMIT: u8 = 255;
const IPV6_HEADER_BYTES: usize = 40;

/// What a router says about itself and its network.
pub(crate) struct Advertisement {
    pub router: Ipv6Addr,
    /// Zero: it is no default router.
    pub router_lifetime: Duration,
    /// A /64 prefix that hosts may make addresses from, and for how long.
    pub prefix: Option<(Ipv6Addr, Duration)>,
}

/// A router solicitation, ready to be written.
pub(crate) struct Solicitation {
    mac: [u8; 6],
    source: Ipv6Addr,
    message: Icmpv6Repr<'static>,
}

impl Solicitation {
    /// From the interface with this MAC and link-local address.
    pub fn new(mac: [u8; 6], source: Ipv6Addr) -> Self {
        let lladdr = Some(EthernetAddress(mac).into());
        Self { mac, source, message: Icmpv6Repr::Ndisc(NdiscRepr::RouterSolicit { lladdr }) }
    }

    /// Bytes of the Ethernet frame.
    pub fn frame_bytes(&self) -> usize {
        ETHERNET_BYTES + IPV6_HEADER_BYTES + self.message.buffer_len()
    }

    /// Writes the Ethernet frame.
    pub fn write(&self, frame: &mut [u8]) {
        let mut ethernet = EthernetFrame::new_unchecked(&mut *frame);
        ethernet.set_src_addr(EthernetAddress(self.mac));
        ethernet.set_dst_addr(EthernetAddress([0x33, 0x33, 0, 0, 0, 2]));
        ethernet.set_ethertype(EthernetProtocol::Ipv6);
        let header = Ipv6Repr {
            src_addr: self.source,
            dst_addr: ALL_ROUTERS,
            next_header: IpProtocol::Icmpv6,
            payload_len: self.message.buffer_len(),
            hop_limit: HOP_LIMIT,
        };
        let mut packet = Ipv6Packet::new_unchecked(&mut frame[ETHERNET_BYTES..]);
        header.emit(&mut packet);
        let mut message = Icmpv6Packet::new_unchecked(packet.payload_mut());
        self.message.emit(&self.source, &ALL_ROUTERS, &mut message, &ChecksumCapabilities::default());
    }
}

/// The advertisement in an Ethernet frame, if it is a valid one (RFC 4861, 6.1.2).
pub(crate) fn advertisement(frame: &[u8]) -> Option<Advertisement> {
    let frame = EthernetFrame::new_checked(frame).ok()?;
    if frame.ethertype() != EthernetProtocol::Ipv6 {
        return None;
    }
    let packet = Ipv6Packet::new_checked(frame.payload()).ok()?;
    let (router, to) = (packet.src_addr(), packet.dst_addr());
    let is_local = packet.hop_limit() == HOP_LIMIT && router.is_unicast_link_local();
    if packet.next_header() != IpProtocol::Icmpv6 || !is_local {
        return None;
    }
    let message = Icmpv6Packet::new_checked(packet.payload()).ok()?;
    let message = Icmpv6Repr::parse(&router, &to, &message, &ChecksumCapabilities::default()).ok()?;
    let Icmpv6Repr::Ndisc(NdiscRepr::RouterAdvert { router_lifetime, prefix_info, .. }) = message else {
        return None;
    };
    let prefix = prefix_info
        .filter(|prefix| prefix.flags.contains(NdiscPrefixInfoFlags::ADDRCONF) && prefix.prefix_len == 64)
        .filter(|prefix| !prefix.prefix.is_unicast_link_local())
        .map(|prefix| (prefix.prefix, prefix.valid_lifetime));
    Some(Advertisement { router, router_lifetime, prefix })
}

/// An address from the upper half of `prefix` and the lower half of `identifier`.
pub(crate) fn combine(prefix: Ipv6Addr, identifier: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from(u128::from(prefix) >> 64 << 64 | u128::from(u128::from(identifier) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use smoltcp::wire::{NdiscPrefixInformation, NdiscRouterFlags};

    fn router() -> Ipv6Addr {
        "fe80::2".parse().unwrap()
    }

    fn frame(hop_limit: u8, flags: NdiscPrefixInfoFlags) -> vec::Vec<u8> {
        let message = Icmpv6Repr::Ndisc(NdiscRepr::RouterAdvert {
            hop_limit: 64,
            flags: NdiscRouterFlags::empty(),
            router_lifetime: Duration::from_secs(1800),
            reachable_time: Duration::ZERO,
            retrans_time: Duration::ZERO,
            lladdr: None,
            mtu: None,
            prefix_info: Some(NdiscPrefixInformation {
                prefix_len: 64,
                flags,
                valid_lifetime: Duration::from_secs(86_400),
                preferred_lifetime: Duration::from_secs(14_400),
                prefix: "fec0::".parse().unwrap(),
            }),
        });
        let all_nodes: Ipv6Addr = "ff02::1".parse().unwrap();
        let header = Ipv6Repr {
            src_addr: router(),
            dst_addr: all_nodes,
            next_header: IpProtocol::Icmpv6,
            payload_len: message.buffer_len(),
            hop_limit,
        };
        let mut frame = vec![0; ETHERNET_BYTES + IPV6_HEADER_BYTES + message.buffer_len()];
        EthernetFrame::new_unchecked(&mut frame[..]).set_ethertype(EthernetProtocol::Ipv6);
        let mut packet = Ipv6Packet::new_unchecked(&mut frame[ETHERNET_BYTES..]);
        header.emit(&mut packet);
        let mut body = Icmpv6Packet::new_unchecked(packet.payload_mut());
        message.emit(&router(), &all_nodes, &mut body, &ChecksumCapabilities::default());
        frame
    }

    #[test]
    fn an_advertisement_is_understood() {
        let found = advertisement(&frame(255, NdiscPrefixInfoFlags::ADDRCONF)).unwrap();
        assert_eq!((found.router, found.router_lifetime), (router(), Duration::from_secs(1800)));
        let (prefix, lifetime) = found.prefix.unwrap();
        assert_eq!(lifetime, Duration::from_secs(86_400));
        let own = "fe80::5054:ff:fe12:3456".parse().unwrap();
        assert_eq!(combine(prefix, own), "fec0::5054:ff:fe12:3456".parse::<Ipv6Addr>().unwrap());
    }

    #[test]
    fn forwarded_or_spoilt_advertisements_are_ignored() {
        assert!(advertisement(&frame(64, NdiscPrefixInfoFlags::ADDRCONF)).is_none());
        assert!(advertisement(&frame(255, NdiscPrefixInfoFlags::empty())).unwrap().prefix.is_none());
        let mut spoilt = frame(255, NdiscPrefixInfoFlags::ADDRCONF);
        *spoilt.last_mut().unwrap() ^= 1;
        assert!(advertisement(&spoilt).is_none());
    }

    #[test]
    fn a_solicitation_is_a_valid_packet() {
        let solicitation = Solicitation::new([2, 0, 0, 0, 0, 1], router());
        let mut frame = vec![0xaa; solicitation.frame_bytes()];
        solicitation.write(&mut frame);
        let packet = Ipv6Packet::new_checked(&frame[ETHERNET_BYTES..]).unwrap();
        let message = Icmpv6Packet::new_checked(packet.payload()).unwrap();
        let parsed = Icmpv6Repr::parse(&router(), &ALL_ROUTERS, &message, &ChecksumCapabilities::default());
        assert_eq!(parsed, Ok(solicitation.message));
        assert_eq!(packet.hop_limit(), 255);
    }
}
