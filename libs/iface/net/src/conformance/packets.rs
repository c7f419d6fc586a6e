//! What goes over the wire below sockets: neighbours, echo, errors, checksums, hop limits, fragments, sizes.

use super::end::{End, any, family_of};
use super::peer::Stand;
use super::wire::{Frame, Heard, ICMP, ICMPV6, Packet, UDP};
use crate::{Kind, Net, NetError, Readiness, SocketOption};
use core::net::{IpAddr, SocketAddr};
use kit_iface_netdev::NetDevice;

/// Longer than a stack takes to answer, and short enough to be waited for.
const A_WHILE_MS: u64 = 100;

/// Checks what a stack says and hears on the wire, by the RFCs named at each check.
pub fn check_packets<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    a_neighbour_is_answered(stand);
    an_echo_is_answered(stand);
    a_port_without_a_socket(stand);
    what_is_for_others_is_not_heard(stand);
    what_is_spoilt_has_never_arrived(stand);
    hop_limits(stand);
    fragments_are_not_taken_for_datagrams(stand);
    sizes(stand);
    port_unreachable(stand);
}

/// Checks a stack that has not spoken to us yet: what it sends waits for our MAC. First of all checks, with a stack that
/// nobody has used.
pub fn check_first_contact<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let (end, _) = socket(stand, 31);
    let to = Some(SocketAddr::new(stand.wire.ip, stand.first_port + 31));
    for word in [b"one", b"two"] {
        assert_eq!(end.net.send(end.socket, word, to), Ok(3), "a datagram waits for its next hop");
    }
    stand.next_question();
    // RFC 1122, 2.3.2.1, and RFC 4861, 7.2.2: once more, a second later.
    stand.next_question();
    stand.answer_question();
    for word in [b"one", b"two"] {
        let heard = stand.next("what has waited", |packet| packet.udp().map(|(_, _, data)| data.to_vec()));
        assert_eq!(heard, word, "what has waited is sent, in order");
    }
}

/// A bound datagram socket, and its port.
fn socket<N: Net, D: NetDevice>(stand: &Stand<N, D>, number: u16) -> (End<N>, u16) {
    let (family, port) = (family_of(stand.wire.stack_ip), stand.first_port + number);
    let end = End::open(stand.net, Kind::Datagram, family);
    end.net.bind(end.socket, SocketAddr::new(any(family), port)).expect("bind");
    (end, port)
}

/// The next datagram that the socket gets is this one: what was sent before has not arrived.
fn hears_only<N: Net, D: NetDevice>(stand: &Stand<N, D>, end: &mut End<N>, port: u16, what: &str) {
    stand.send(&Frame::udp(&stand.wire, port, port, b"the good one"));
    let mut buffer = [0; 64];
    let (length, from) = end.receive(&mut buffer).expect("receive");
    assert_eq!(&buffer[..length], b"the good one", "{what}");
    assert_eq!(from, SocketAddr::new(stand.wire.ip, port));
}

/// RFC 826; RFC 4861, 7.2.4.
fn a_neighbour_is_answered<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let _up = socket(stand, 0);
    match stand.wire.ip {
        IpAddr::V4(ip) => {
            stand.send(&Frame::arp_request(&stand.wire));
            let answer = loop {
                match stand.device.receive(|frame| Heard::read(frame)) {
                    Some(Heard::Arp(2, mac, sender, target)) => break (mac, IpAddr::V4(sender), target),
                    _ => kit_iface_sched::yield_now(),
                }
            };
            assert_eq!(answer, (stand.wire.stack_mac, stand.wire.stack_ip, ip));
        }
        IpAddr::V6(_) => {
            stand.send(&Frame::neighbour_solicitation(&stand.wire));
            let (limit, flags, target, option) = stand.next("an advertisement", |packet| {
                let (136, 0, body) = packet.icmp()? else { return None };
                Some((packet.hop_limit, body[0], body[4..20].to_vec(), body[20..28].to_vec()))
            });
            let IpAddr::V6(own) = stand.wire.stack_ip else { panic!("one family on a wire") };
            assert_eq!((limit, &target[..]), (255, &own.octets()[..]));
            assert_eq!(flags & 0x40, 0x40, "the answer to a question says so");
            assert_eq!((&option[..2], &option[2..]), (&[2, 1][..], &stand.wire.stack_mac[..]));
        }
    }
}

/// RFC 792; RFC 4443, 4.2: identifier, number and data come back as they were.
fn an_echo_is_answered<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let reply = if stand.wire.ip.is_ipv4() { 0 } else { 129 };
    let data: [u8; 1400] = core::array::from_fn(|at| (at * 7) as u8);
    for (number, length) in [0, 1, 56, 57, 1400].into_iter().enumerate() {
        stand.send(&Frame::echo(&stand.wire, 0x1234, number as u16, &data[..length]));
        let body = stand.next("an echo reply", |packet| match packet.icmp() {
            Some((kind, 0, body)) if kind == reply => Some(body.to_vec()),
            _ => None,
        });
        assert_eq!(body[..4], [0x12, 0x34, 0, number as u8]);
        assert!(body[4..] == data[..length], "the data of an echo comes back");
    }
    let mut spoilt = Frame::echo(&stand.wire, 0x1234, 99, b"spoilt");
    spoilt.upper()[10] ^= 0x40;
    stand.send(&spoilt);
    stand.never("an answer to a spoilt echo", A_WHILE_MS, |packet| {
        packet.icmp().filter(|(kind, _, body)| *kind == reply && body[3] == 99).map(drop)
    });
}

fn is_unreachable(packet: &Packet) -> Option<&[u8]> {
    let (kind, code) = if packet.source.is_ipv4() { (3, 3) } else { (1, 4) };
    match packet.icmp() {
        Some((this, that, body)) if (this, that) == (kind, code) => Some(&body[4..]),
        _ => None,
    }
}

/// RFC 1122, 4.1.3.1; RFC 4443, 3.1: "port unreachable", which quotes what it is about.
fn a_port_without_a_socket<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let port = stand.first_port + 1;
    let mut frame = Frame::udp(&stand.wire, port, port, b"anybody?");
    stand.send(&frame);
    let quoted = stand.next("\"port unreachable\"", |packet| is_unreachable(packet).map(<[u8]>::to_vec));
    // Some write the header anew; what tells whose datagram it was are the addresses and the first eight bytes.
    let told = if stand.wire.ip.is_ipv4() { 12..28 } else { 8..48 };
    assert_eq!(quoted.get(told.clone()), frame.packet().get(told), "it quotes the packet");
    // RFC 1122, 3.2.2: never about what was for everybody.
    let mut for_all = Frame::udp(&stand.wire, port, port, b"anybody?");
    for_all.bytes[..6].fill(0xff);
    stand.send(&for_all);
    stand.never("an error about a broadcast", A_WHILE_MS, |packet| is_unreachable(packet).map(drop));
}

fn what_is_for_others_is_not_heard<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let (mut end, port) = socket(stand, 2);
    let good = Frame::udp(&stand.wire, port, port, b"for somebody else");
    let mut other_ip = good.clone();
    {
        let is_v4 = stand.wire.ip.is_ipv4();
        // The last byte of the destination; its checksum stays right where another byte takes the difference.
        let at = if is_v4 { 19 } else { 39 };
        let packet = other_ip.packet();
        packet[at] ^= 1;
    }
    other_ip.complete_header();
    stand.send(&other_ip);
    let mut unknown = good.clone();
    unknown.bytes[12..14].copy_from_slice(&[0x88, 0xb5]);
    stand.send(&unknown);
    for length in [1, 13, 14, 20, 33, 41] {
        stand.send(&Frame { bytes: good.bytes[..length].to_vec() });
    }
    hears_only(stand, &mut end, port, "what is for another address is not ours");
}

/// RFC 1122, 3.2.1.2 and 4.1.3.4; RFC 8200, 8.1.
fn what_is_spoilt_has_never_arrived<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let (mut end, port) = socket(stand, 3);
    let good = Frame::udp(&stand.wire, port, port, b"spoilt on the way");
    for bit in [0, 3, 7] {
        for at in [0, 4, 7, 8, 20] {
            let mut spoilt = good.clone();
            spoilt.upper()[at] ^= 1 << bit;
            stand.send(&spoilt);
        }
    }
    if stand.wire.ip.is_ipv4() {
        for at in [0, 1, 2, 8, 9, 12, 19] {
            let mut spoilt = good.clone();
            spoilt.packet()[at] ^= 0x10;
            stand.send(&spoilt);
        }
    }
    let mut longer = good.clone();
    longer.upper()[4..6].copy_from_slice(&2000u16.to_be_bytes());
    stand.send(&longer);
    hears_only(stand, &mut end, port, "a wrong checksum or length");

    // Without a checksum: allowed over IPv4, never over IPv6.
    let mut unsummed = Frame::udp(&stand.wire, port, port, b"without");
    unsummed.upper()[6..8].fill(0);
    stand.send(&unsummed);
    if stand.wire.ip.is_ipv4() {
        let mut buffer = [0; 64];
        assert_eq!(end.receive(&mut buffer).map(|(length, _)| length), Ok(7));
    }
    hears_only(stand, &mut end, port, "no checksum over IPv6");
    // Ethernet pads what is short: the packet ends where it says.
    let mut padded = Frame::udp(&stand.wire, port, port, b"x");
    padded.bytes.resize(64, 0xee);
    stand.send(&padded);
    assert_eq!(end.receive(&mut [0; 64]).map(|(length, _)| length), Ok(1));
}

/// RFC 1122, 3.2.1.7: a host takes what arrives with any, and sends what it was told.
fn hop_limits<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let (mut end, port) = socket(stand, 4);
    let mut last = Frame::udp(&stand.wire, port, port, b"just made it");
    last.set_hop_limit(1);
    stand.send(&last);
    assert_eq!(end.receive(&mut [0; 64]).map(|(length, _)| length), Ok(12));
    let to = Some(SocketAddr::new(stand.wire.ip, port));
    for (limit, seen) in [(None, 64..=255), (Some(3), 3..=3), (Some(255), 255..=255)] {
        if let Some(limit) = limit {
            end.net.set_option(end.socket, SocketOption::HopLimit(limit)).expect("IP_TTL");
        }
        end.net.send(end.socket, b"hops", to).expect("send");
        let found = stand.next("a datagram", |packet| packet.udp().map(|_| packet.hop_limit));
        assert!(seen.contains(&found), "{found} is not in {seen:?}");
    }
    assert_eq!(end.net.set_option(end.socket, SocketOption::HopLimit(0)), Err(NetError::Invalid));
}

/// Stacks here do not reassemble. What matters: a part is never taken for a whole, and nothing is kept.
fn fragments_are_not_taken_for_datagrams<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let (mut end, port) = socket(stand, 5);
    let whole = Frame::udp(&stand.wire, port, port, &[b'f'; 64]);
    let mut upper = whole.clone();
    let upper = upper.upper().to_vec();
    for (offset, is_last) in [(0u16, false), (5, true)] {
        let part = if is_last { &upper[40..] } else { &upper[..40] };
        stand.send(&match stand.wire.ip {
            IpAddr::V4(_) => {
                let mut frame = Frame::ip(&stand.wire, UDP, part);
                let field = offset | if is_last { 0 } else { 0x2000 };
                frame.packet()[6..8].copy_from_slice(&field.to_be_bytes());
                frame.complete_header();
                frame
            }
            IpAddr::V6(_) => {
                let mut with_header = crate::fake::alloc::vec![UDP, 0];
                with_header.extend((offset << 3 | u16::from(!is_last)).to_be_bytes());
                with_header.extend([0, 0, 0, 9]);
                with_header.extend(part);
                Frame::ip(&stand.wire, 44, &with_header)
            }
        });
    }
    hears_only(stand, &mut end, port, "a fragment");
}

/// The largest datagram fills the MTU; one byte more is refused, and nothing of it is sent.
fn sizes<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let (end, port) = socket(stand, 6);
    let most = 1500 - if stand.wire.ip.is_ipv4() { 28 } else { 48 };
    let to = Some(SocketAddr::new(stand.wire.ip, port));
    let data: [u8; 1500] = core::array::from_fn(|at| (at * 3) as u8);
    assert_eq!(end.net.send(end.socket, &data[..most + 1], to), Err(NetError::TooLarge));
    for length in [most, most - 1, 0, 1] {
        assert_eq!(end.net.send(end.socket, &data[..length], to), Ok(length));
        let heard = stand.next("a datagram", |packet| packet.udp().map(|(.., payload)| payload.to_vec()));
        assert!(heard == data[..length], "{length} bytes arrive as they were");
    }
}

/// RFC 1122, 4.1.3.3: the error reaches the connected socket that it is about, and no other.
fn port_unreachable<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let (mut end, port) = socket(stand, 7);
    let peer = SocketAddr::new(stand.wire.ip, port);
    end.net.connect(end.socket, peer).expect("connect");
    end.net.send(end.socket, b"anybody?", None).expect("send");
    let packet = stand.next("a datagram", |packet| packet.udp().map(|_| packet.whole.clone()));
    let protocol = if stand.wire.ip.is_ipv4() { ICMP } else { ICMPV6 };
    let header = packet.len() - 16;
    for (what, at) in [("our port", header), ("the peer's port", header + 3), ("an address", header - 1)] {
        let mut forged = packet.clone();
        forged[at] ^= 1;
        stand.send(&Frame::port_unreachable(&stand.wire, &forged));
        stand.send(&Frame::port_unreachable(&stand.wire, &packet[..header]));
        hears_only(stand, &mut end, port, what);
        let error = end.net.take_error(end.socket);
        assert_eq!(error, None, "an error about somebody else's datagram ({what}, {protocol})");
    }
    stand.send(&Frame::port_unreachable(&stand.wire, &packet));
    end.until_ready("the refusal", Readiness::ERROR);
    assert_eq!(end.net.receive(end.socket, &mut [0; 8], false), Err(NetError::Refused));
    hears_only(stand, &mut end, port, "an error is told once");
}
