//! Reading IPv4 packets (RFC 791, 3.1; what a host checks: RFC 1122, 3.2.1).

use crate::endpoint::{Ip, is_group, is_loopback};
use crate::input::Packet;
use core::net::Ipv4Addr;
use kit_util_net::checksum::{INTACT, fold, sum};

/// Bytes of a header without options.
pub(crate) const HEADER_BYTES: usize = 20;

/// The packet at the beginning of `bytes`, which may go on after it: Ethernet pads. `None` for what is broken, a
/// fragment, or says to come from where nothing may come from. Options are passed over (RFC 1122, 3.2.1.8).
pub(crate) fn parse(bytes: &[u8], is_trusted: bool) -> Option<Packet<'_>> {
    let fixed: &[u8; HEADER_BYTES] = bytes.first_chunk()?;
    let header_bytes = usize::from(fixed[0] & 15) * 4;
    let total = usize::from(u16::from_be_bytes([fixed[2], fixed[3]]));
    let whole = bytes.get(..total)?;
    let (header, upper) = whole.split_at_checked(header_bytes)?;
    // "More fragments", or an offset.
    let is_fragment = u16::from_be_bytes([fixed[6], fixed[7]]) & 0x3fff != 0;
    let is_sound = fixed[0] >> 4 == 4 && header_bytes >= HEADER_BYTES && !is_fragment;
    if !is_sound || !(is_trusted || fold(sum(header)) == INTACT) {
        return None;
    }
    let address = |at| fixed[at..].first_chunk().map(|bytes| Ipv4Addr::from_octets(*bytes).to_ipv6_mapped());
    let (source, destination): (Ip, Ip) = (address(12)?, address(16)?);
    // RFC 1122, 3.2.1.3: what may not be a source, and may not be seen outside of a machine.
    if is_group(source) || is_loopback(source) || is_loopback(destination) {
        return None;
    }
    Some(Packet { source, destination, protocol: fixed[9], upper, whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(change: impl Fn(&mut [u8])) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..20].copy_from_slice(&[0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        change(&mut bytes);
        let checksum = !fold(sum(&bytes[..20]));
        bytes[10..12].copy_from_slice(&checksum.to_ne_bytes());
        bytes
    }

    #[test]
    fn a_packet_ends_where_it_says() {
        let bytes = packet(|_| ());
        let found = parse(&bytes, false).unwrap();
        assert_eq!((found.protocol, found.upper.len(), found.whole.len()), (17, 8, 28));
        (0..28).for_each(|length| assert!(parse(&bytes[..length], false).is_none()));
    }

    #[test]
    fn broken_ones_are_not_read() {
        for (what, at, value) in [
            ("version", 0, 0x65),
            ("short header", 0, 0x44),
            ("header beyond the end", 0, 0x4f),
            ("more fragments", 6, 0x20),
            ("offset", 7, 1),
            ("loopback", 12, 127),
            ("group", 12, 224),
            ("length", 3, 33),
        ] {
            assert!(parse(&packet(|bytes| bytes[at] = value), false).is_none(), "{what}");
        }
        let mut spoilt = packet(|_| ());
        spoilt[8] ^= 1;
        assert!(parse(&spoilt, false).is_none() && parse(&spoilt, true).is_some());
    }
}
