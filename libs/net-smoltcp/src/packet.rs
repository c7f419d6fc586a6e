//! A look at a received packet, just deep enough to know whose it is.
//!
//! Everything else (checksums, options, sequence numbers) is checked by whoever the packet is handed to.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Bytes of an Ethernet II header.
pub(crate) const ETHERNET_BYTES: usize = 14;
const TYPE_IPV4: u16 = 0x0800;
const TYPE_IPV6: u16 = 0x86dd;
/// Protocol number of TCP.
pub(crate) const TCP: u8 = 6;
/// Protocol numbers of ICMP and ICMPv6.
pub(crate) const ICMP: u8 = 1;
pub(crate) const ICMPV6: u8 = 58;
/// Protocol number of UDP.
pub(crate) const UDP: u8 = 17;

/// Whose packet this is. Offsets count from where the look began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Packet {
    /// A TCP segment.
    Tcp(Ends, Opens),
    /// A UDP datagram.
    Udp(Ends),
    /// IPv4 with something else in it; where that begins.
    Ipv4(usize),
    /// Part of a packet that was fragmented on its way. Not reassembled.
    Fragment,
    /// ARP, IPv6 with something else in it, and whatever else.
    Other,
}

/// A segment that asks for a connection: SYN without ACK or RST.
pub(crate) type Opens = bool;

/// Between whom, and where the transport header begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ends {
    /// Our end.
    pub local: SocketAddr,
    /// The sender.
    pub remote: SocketAddr,
    pub offset: usize,
}

/// Looks at an Ethernet frame.
#[inline]
pub(crate) fn of_frame(frame: &[u8]) -> Packet {
    match half(frame, 12) {
        Some(TYPE_IPV4 | TYPE_IPV6) => at(frame, ETHERNET_BYTES),
        _ => Packet::Other,
    }
}

/// Looks at an IP packet that begins at `start`.
#[inline]
pub(crate) fn at(frame: &[u8], start: usize) -> Packet {
    looked_at(frame, start).unwrap_or(Packet::Other)
}

#[inline]
fn looked_at(frame: &[u8], start: usize) -> Option<Packet> {
    let packet = frame.get(start..)?;
    let (source, destination, protocol, offset): (IpAddr, IpAddr, u8, usize) = match packet.first()? >> 4 {
        4 => {
            let header: &[u8; 20] = packet.first_chunk()?;
            // RFC 791: "more fragments" or an offset.
            if u16::from_be_bytes([header[6], header[7]]) & 0x3fff != 0 {
                return Some(Packet::Fragment);
            }
            let address = |at: usize| header[at..].first_chunk().map(|bytes| Ipv4Addr::from_octets(*bytes));
            (address(12)?.into(), address(16)?.into(), header[9], usize::from(header[0] & 15) * 4)
        }
        6 => {
            let header: &[u8; 40] = packet.first_chunk()?;
            let address = |at: usize| header[at..].first_chunk().map(|bytes| Ipv6Addr::from_octets(*bytes));
            (address(8)?.into(), address(24)?.into(), header[6], 40)
        }
        _ => return None,
    };
    let offset = start + offset;
    if protocol != TCP && protocol != UDP {
        return source.is_ipv4().then_some(Packet::Ipv4(offset));
    }
    let remote = SocketAddr::new(source, half(frame, offset)?);
    let local = SocketAddr::new(destination, half(frame, offset + 2)?);
    let ends = Ends { local, remote, offset };
    if protocol == UDP {
        return Some(Packet::Udp(ends));
    }
    // RFC 9293 3.1: ACK 0x10, RST 0x04, SYN 0x02.
    Some(Packet::Tcp(ends, frame.get(offset + 13)? & 0x16 == 0x02))
}

#[inline]
fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ipv4(protocol: u8, fragment: u16) -> [u8; 34] {
        let mut packet = [0; 34];
        packet[0] = 0x45;
        packet[6..8].copy_from_slice(&fragment.to_be_bytes());
        packet[9] = protocol;
        packet[12..16].copy_from_slice(&[10, 0, 2, 2]);
        packet[16..20].copy_from_slice(&[10, 0, 2, 15]);
        packet[20..24].copy_from_slice(&[0x1f, 0x90, 0, 80]);
        packet[33] = 0x02;
        packet
    }

    #[test]
    fn tells_segments_datagrams_and_fragments_apart() {
        let (local, remote) = (([10, 0, 2, 15], 80).into(), ([10, 0, 2, 2], 8080).into());
        let ends = Ends { local, remote, offset: 20 };
        assert_eq!(at(&ipv4(TCP, 0), 0), Packet::Tcp(ends, true));
        assert_eq!(at(&ipv4(UDP, 0x4000), 0), Packet::Udp(ends));
        assert_eq!(at(&ipv4(TCP, 0x2000), 0), Packet::Fragment);
        assert_eq!(at(&ipv4(TCP, 0x0001), 0), Packet::Fragment);
        assert_eq!(at(&ipv4(1, 0), 0), Packet::Ipv4(20));
    }

    #[test]
    fn whatever_is_cut_short_is_nobodys() {
        let whole = ipv4(TCP, 0);
        (0..whole.len()).for_each(|bytes| assert_eq!(at(&whole[..bytes], 0), Packet::Other));
        (0..20).for_each(|bytes| assert_eq!(of_frame(&whole[..bytes]), Packet::Other));
    }
}
