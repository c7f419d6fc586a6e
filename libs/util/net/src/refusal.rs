//! ICMP errors that say that nobody wants a datagram: "port unreachable" and "protocol unreachable" (RFC 792;
//! RFC 4443, 3.1 and 3.4). They quote the beginning of what they are about, which says whose it was.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const UDP: u8 = 17;
/// Bytes before the quotation.
const HEADER_BYTES: usize = 8;

// Types and codes.
const UNREACHABLE_V4: u8 = 3;
const PROTOCOL_V4: u8 = 2;
const PORT_V4: u8 = 3;
const UNREACHABLE_V6: u8 = 1;
const PORT_V6: u8 = 4;
const PARAMETER_PROBLEM_V6: u8 = 4;
const UNKNOWN_NEXT_HEADER_V6: u8 = 1;

/// The source and destination of the UDP datagram that an ICMP `message`, whose checksum the caller has verified, says
/// nobody wants. `None` for every other message.
pub fn of_icmp(message: &[u8]) -> Option<(SocketAddr, SocketAddr)> {
    let (header, quoted) = message.split_first_chunk::<HEADER_BYTES>()?;
    if !matches!(header[..2], [UNREACHABLE_V4, PROTOCOL_V4 | PORT_V4]) {
        return None;
    }
    let packet: &[u8; 20] = quoted.first_chunk()?;
    let address = |at: usize| packet[at..].first_chunk().map(|ip| Ipv4Addr::from_octets(*ip).into());
    let udp = quoted.get(usize::from(packet[0] & 15) * 4..)?;
    (packet[0] >> 4 == 4 && packet[9] == UDP).then_some(())?;
    ends(address(12)?, address(16)?, udp)
}

/// As [`of_icmp`], for ICMPv6. Datagrams with extension headers are not looked into.
pub fn of_icmpv6(message: &[u8]) -> Option<(SocketAddr, SocketAddr)> {
    let (header, quoted) = message.split_first_chunk::<HEADER_BYTES>()?;
    if !matches!(header[..2], [UNREACHABLE_V6, PORT_V6] | [PARAMETER_PROBLEM_V6, UNKNOWN_NEXT_HEADER_V6]) {
        return None;
    }
    let (packet, udp) = quoted.split_first_chunk::<40>()?;
    let address = |at: usize| packet[at..].first_chunk().map(|ip| Ipv6Addr::from_octets(*ip).into());
    (packet[0] >> 4 == 6 && packet[6] == UDP).then_some(())?;
    ends(address(8)?, address(24)?, udp)
}

fn ends(source: IpAddr, destination: IpAddr, udp: &[u8]) -> Option<(SocketAddr, SocketAddr)> {
    let [a, b, c, d]: [u8; 4] = *udp.first_chunk()?;
    let source = SocketAddr::new(source, u16::from_be_bytes([a, b]));
    Some((source, SocketAddr::new(destination, u16::from_be_bytes([c, d]))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quoted_ends_are_found() {
        let mut message = [0; 8 + 20 + 8];
        (message[0], message[1], message[8], message[17]) = (3, 3, 0x45, UDP);
        message[20..28].copy_from_slice(&[10, 0, 0, 1, 10, 0, 0, 2]);
        message[28..32].copy_from_slice(&[0, 7, 0, 53]);
        let ends = ("10.0.0.1:7".parse().unwrap(), "10.0.0.2:53".parse().unwrap());
        assert_eq!(of_icmp(&message), Some(ends));
        assert_eq!(of_icmpv6(&message), None);
        assert!((0..32).all(|length| of_icmp(&message[..length]).is_none()));
        message[1] = 1;
        assert_eq!(of_icmp(&message), None, "a host that cannot be reached may be tomorrow");
    }

    #[test]
    fn the_quoted_ends_are_found_in_ipv6() {
        let mut message = [0; 8 + 40 + 8];
        (message[0], message[1], message[8], message[14]) = (1, 4, 0x60, UDP);
        (message[16], message[17], message[31]) = (0xfe, 0x80, 1);
        (message[32], message[33], message[47]) = (0xfe, 0x80, 2);
        message[48..52].copy_from_slice(&[0, 7, 0, 53]);
        let ends = ("[fe80::1]:7".parse().unwrap(), "[fe80::2]:53".parse().unwrap());
        assert_eq!(of_icmpv6(&message), Some(ends));
        assert!((0..52).all(|length| of_icmpv6(&message[..length]).is_none()));
    }
}
