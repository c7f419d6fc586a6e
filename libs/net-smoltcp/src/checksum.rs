//! Internet checksums (RFC 1071) of what goes through the device: IPv4 headers, TCP segments, ICMP errors.
//!
//! smoltcp has them too, byte pair by byte pair. They are the largest part of a small segment's cost, so they are
//! done here, eight bytes at a time; smoltcp is told that the device does it.

use crate::packet::{ETHERNET_BYTES, ICMP, ICMPV6, TCP};
use core::net::SocketAddr;
use kit_util_net::checksum::{INTACT, fold, plus, pseudo, sum};
use kit_util_net::refusal;

const IPV4_CHECKSUM: usize = 10;
const TCP_CHECKSUM: usize = 16;

/// An IP packet, as far as checksums care.
struct Parts<'a> {
    /// The header if it has a checksum of its own.
    header: Option<&'a mut [u8]>,
    /// A TCP segment, and the sum of its pseudo-header (RFC 9293, 3.1).
    segment: Option<(&'a mut [u8], u64)>,
}

fn parts(frame: &mut [u8]) -> Option<Parts<'_>> {
    let packet = frame.get_mut(ETHERNET_BYTES..)?;
    let (header_bytes, end, protocol, addresses) = match packet.first()? >> 4 {
        4 => {
            let header: &[u8; 20] = packet.first_chunk()?;
            let end = usize::from(u16::from_be_bytes([header[2], header[3]]));
            (usize::from(header[0] & 15) * 4, end, header[9], 12..20)
        }
        6 => {
            let header: &[u8; 40] = packet.first_chunk()?;
            let end = 40 + usize::from(u16::from_be_bytes([header[4], header[5]]));
            (40, end, header[6], 8..40)
        }
        _ => return None,
    };
    let has_header_checksum = packet[0] >> 4 == 4;
    let addresses = sum(packet.get(addresses)?);
    let (header, rest) = packet.get_mut(..end)?.split_at_mut_checked(header_bytes)?;
    let pseudo = plus(addresses, pseudo(protocol, rest.len()));
    let segment = (protocol == TCP && rest.len() >= 20).then_some((rest, pseudo));
    Some(Parts { header: has_header_checksum.then_some(header), segment })
}

/// Whether the IPv4 header of an Ethernet frame is what was sent; its payload begins at `offset`.
#[inline]
pub(crate) fn is_header_intact(frame: &[u8], offset: usize) -> bool {
    frame.get(ETHERNET_BYTES..offset).is_some_and(|header| fold(sum(header)) == INTACT)
}

/// Whether the TCP segment at `offset` of an Ethernet frame is what was sent.
#[inline]
pub(crate) fn is_segment_intact(frame: &[u8], is_ipv4: bool, offset: usize) -> bool {
    let length =
        |at: usize| frame.get(at..at + 2).map(|bytes| usize::from(u16::from_be_bytes([bytes[0], bytes[1]])));
    // The addresses; and where the packet ends, for Ethernet pads what is short.
    let (addresses, end) = match is_ipv4 {
        true => (26..34, length(16).map(|bytes| ETHERNET_BYTES + bytes)),
        false => (22..54, length(18).map(|bytes| offset + bytes)),
    };
    let segment = end.and_then(|end| frame.get(offset..end));
    let (Some(addresses), Some(segment)) = (frame.get(addresses), segment) else { return false };
    fold(plus(sum(segment), plus(sum(addresses), pseudo(TCP, segment.len())))) == INTACT
}

/// What an ICMP error in an Ethernet frame is about, if it says that nobody wants a datagram and is what was sent. No
/// device verifies ICMP.
pub(crate) fn intact_icmp(frame: &[u8]) -> Option<(SocketAddr, SocketAddr)> {
    let packet = frame.get(ETHERNET_BYTES..)?;
    match packet.first()? >> 4 {
        4 => {
            let header: &[u8; 20] = packet.first_chunk()?;
            let end = usize::from(u16::from_be_bytes([header[2], header[3]]));
            let message = packet.get(usize::from(header[0] & 15) * 4..end)?;
            (header[9] == ICMP && fold(sum(message)) == INTACT).then_some(())?;
            refusal::of_icmp(message)
        }
        6 => {
            let header: &[u8; 40] = packet.first_chunk()?;
            let end = 40 + usize::from(u16::from_be_bytes([header[4], header[5]]));
            let message = packet.get(40..end)?;
            let total = plus(plus(sum(message), sum(&header[8..])), pseudo(ICMPV6, message.len()));
            (header[6] == ICMPV6 && fold(total) == INTACT).then_some(())?;
            refusal::of_icmpv6(message)
        }
        _ => None,
    }
}

/// Fills the checksums of an Ethernet frame's IPv4 header and TCP segment in.
#[inline]
pub(crate) fn complete(frame: &mut [u8]) {
    let Some(Parts { header, segment }) = parts(frame) else { return };
    if let Some(header) = header {
        write(header, IPV4_CHECKSUM, 0);
    }
    if let Some((segment, pseudo)) = segment {
        write(segment, TCP_CHECKSUM, pseudo);
    }
}

/// Writes the checksum over `bytes` and what is in `more` at `at`.
fn write(bytes: &mut [u8], at: usize, more: u64) {
    bytes[at..at + 2].fill(0);
    let checksum = !fold(plus(sum(bytes), more));
    bytes[at..at + 2].copy_from_slice(&checksum.to_ne_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;
    use smoltcp::phy::ChecksumCapabilities;
    use smoltcp::wire::{IpAddress, IpProtocol, IpRepr, TcpControl, TcpPacket, TcpRepr, TcpSeqNumber};

    /// A frame as smoltcp would send it, checksums included.
    fn frame(source: &str, destination: &str, payload: &[u8]) -> Vec<u8> {
        let address = |text: &str| IpAddress::from(text.parse::<core::net::IpAddr>().unwrap());
        let (source, destination) = (address(source), address(destination));
        let segment = TcpRepr {
            src_port: 8080,
            dst_port: 40_000,
            control: TcpControl::Psh,
            seq_number: TcpSeqNumber(0x1234_5678),
            ack_number: Some(TcpSeqNumber(-5)),
            window_len: 4096,
            window_scale: None,
            max_seg_size: None,
            sack_permitted: false,
            sack_ranges: [None; 3],
            timestamp: None,
            payload,
        };
        let header = IpRepr::new(source, destination, IpProtocol::Tcp, segment.buffer_len(), 64);
        let mut frame = vec![0; ETHERNET_BYTES + header.buffer_len()];
        let all = ChecksumCapabilities::default();
        header.emit(&mut frame[ETHERNET_BYTES..], &all);
        let body = &mut frame[ETHERNET_BYTES + header.header_len()..];
        segment.emit(&mut TcpPacket::new_unchecked(body), &source, &destination, &all);
        frame
    }

    fn is_intact(frame: &[u8]) -> bool {
        let is_ipv4 = frame[ETHERNET_BYTES] >> 4 == 4;
        let offset = ETHERNET_BYTES + if is_ipv4 { 20 } else { 40 };
        (!is_ipv4 || is_header_intact(frame, offset)) && is_segment_intact(frame, is_ipv4, offset)
    }

    #[test]
    fn agrees_with_smoltcp() {
        for bytes in 0..70 {
            let payload: Vec<u8> = (0..bytes).map(|at| (at * 37 + 200) as u8).collect();
            for (source, destination) in
                [("10.0.2.15", "192.168.255.254"), ("fe80::1", "fec0::5054:ff:fe12:3456")]
            {
                let good = frame(source, destination, &payload);
                let mut ours = good.clone();
                assert!(is_intact(&ours));
                complete(&mut ours);
                assert_eq!(ours, good);
                // Ethernet pads short frames; the padding does not count.
                ours.extend([0xaa; 9]);
                assert!(is_intact(&ours));
            }
        }
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        let good = frame("10.0.2.15", "10.0.2.2", b"body");
        for at in ETHERNET_BYTES + 1..good.len() {
            let mut spoilt = good.clone();
            spoilt[at] ^= 0x10;
            assert!(!is_intact(&spoilt), "byte {at}");
        }
    }

    #[test]
    fn short_frames_are_nobodys() {
        let good = frame("10.0.2.15", "10.0.2.2", b"body");
        for bytes in 0..good.len() {
            complete(&mut good.clone()[..bytes]);
            assert!(!is_header_intact(&good[..bytes], 34) || bytes >= 34);
            assert!(!is_segment_intact(&good[..bytes], true, 34));
        }
    }
}
