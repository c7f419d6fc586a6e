//! Reading IPv6 packets (RFC 8200).

use crate::endpoint::{Ip, is_loopback};
use crate::input::Packet;

/// Bytes of the fixed header.
pub(crate) const HEADER_BYTES: usize = 40;
/// Extension headers that are followed; no sound packet has more.
const MOST_EXTENSIONS: usize = 8;

// Next-header values (RFC 8200, 4).
const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION: u8 = 60;

/// The packet at the beginning of `bytes`, which may go on after it. `None` for what is broken, a fragment, or says to
/// come from where nothing may come from.
pub(crate) fn parse(bytes: &[u8]) -> Option<Packet<'_>> {
    let fixed: &[u8; HEADER_BYTES] = bytes.first_chunk()?;
    let length = usize::from(u16::from_be_bytes([fixed[4], fixed[5]]));
    let whole = bytes.get(..HEADER_BYTES + length)?;
    let address = |at: usize| fixed[at..].first_chunk().map(|bytes| Ip::from_octets(*bytes));
    let (source, destination) = (address(8)?, address(24)?);
    let is_local = |ip: Ip| is_loopback(ip) || ip.to_ipv4_mapped().is_some();
    if fixed[0] >> 4 != 6 || source.is_multicast() || is_local(source) || is_local(destination) {
        return None;
    }
    let (protocol, upper) = upper(fixed[6], whole.get(HEADER_BYTES..)?)?;
    Some(Packet { source, destination, protocol, upper, whole })
}

/// What follows the extension headers. A routing header that has arrived is passed over (RFC 8200, 4.4).
fn upper(first: u8, bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (mut kind, mut rest) = (first, bytes);
    for _ in 0..MOST_EXTENSIONS {
        let is_passed = match kind {
            HOP_BY_HOP | DESTINATION => true,
            ROUTING => *rest.get(3)? == 0,
            FRAGMENT => return None,
            _ => return Some((kind, rest)),
        };
        if !is_passed {
            return None;
        }
        let [next, eights]: [u8; 2] = *rest.first_chunk()?;
        (kind, rest) = (next, rest.get((usize::from(eights) + 1) * 8..)?);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(next: u8, payload: &[u8]) -> ([u8; 96], usize) {
        let mut bytes = [0; 96];
        (bytes[0], bytes[5], bytes[6], bytes[7]) = (0x60, payload.len() as u8, next, 64);
        (bytes[8], bytes[9], bytes[23]) = (0xfe, 0x80, 1);
        (bytes[24], bytes[25], bytes[39]) = (0xfe, 0x80, 2);
        bytes[40..40 + payload.len()].copy_from_slice(payload);
        (bytes, 40 + payload.len())
    }

    #[test]
    fn extension_headers_are_passed_over() {
        let options = [60, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3];
        let (bytes, length) = packet(HOP_BY_HOP, &options);
        let found = parse(&bytes).unwrap();
        assert_eq!((found.protocol, found.upper, found.whole.len()), (17, &[1, 2, 3][..], length));
        (0..length).for_each(|cut| assert!(parse(&bytes[..cut]).is_none()));
    }

    #[test]
    fn fragments_and_endless_chains_are_not_read() {
        assert!(parse(&packet(FRAGMENT, &[17, 0, 0, 0, 0, 0, 0, 0]).0).is_none());
        let mut chain = [0; 56];
        chain[0] = HOP_BY_HOP;
        assert!(parse(&packet(HOP_BY_HOP, &chain).0).is_none());
        assert!(parse(&packet(ROUTING, &[17, 0, 0, 1, 0, 0, 0, 0]).0).is_none(), "not at its end yet");
        assert!(parse(&packet(HOP_BY_HOP, &[17, 9, 0, 0, 0, 0, 0, 0]).0).is_none(), "longer than the packet");
    }
}
