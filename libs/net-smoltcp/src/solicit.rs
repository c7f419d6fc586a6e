//! What IPv6 routers say about themselves (RFC 4861, 4.2). How they are asked: [`crate::question`].

use core::net::Ipv6Addr;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::time::Duration;
use smoltcp::wire::{
    EthernetFrame, EthernetProtocol, Icmpv6Packet, Icmpv6Repr, IpProtocol, Ipv6Packet, NdiscPrefixInfoFlags,
    NdiscRepr,
};

/// RFC 4861, 6.1: proof that no router has forwarded the message.
pub(crate) const HOP_LIMIT: u8 = 255;

/// What a router says about itself and its network.
pub(crate) struct Advertisement {
    pub router: Ipv6Addr,
    /// Zero: it is no default router.
    pub router_lifetime: Duration,
    /// A /64 prefix that hosts may make addresses from, and for how long.
    pub prefix: Option<(Ipv6Addr, Duration)>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::ETHERNET_BYTES;
    use alloc::vec;
    use smoltcp::wire::{Ipv6Repr, NdiscPrefixInformation, NdiscRouterFlags};

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
        let mut frame = vec![0; ETHERNET_BYTES + 40 + message.buffer_len()];
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
        assert_eq!(prefix, "fec0::".parse::<Ipv6Addr>().unwrap());
    }

    #[test]
    fn forwarded_or_spoilt_advertisements_are_ignored() {
        assert!(advertisement(&frame(64, NdiscPrefixInfoFlags::ADDRCONF)).is_none());
        assert!(advertisement(&frame(255, NdiscPrefixInfoFlags::empty())).unwrap().prefix.is_none());
        let mut spoilt = frame(255, NdiscPrefixInfoFlags::ADDRCONF);
        *spoilt.last_mut().unwrap() ^= 1;
        assert!(advertisement(&spoilt).is_none());
    }
}
