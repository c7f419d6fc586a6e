//! Addresses: ports that are picked, taken and shared; one socket for both families; names.

use super::Pair;
use super::end::{Direction, End, any, family_of};
use crate::{Family, Kind, Net, NetError, SocketOption};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Checks binding and names.
pub fn check_addresses<S: Net, C: Net>(pair: &Pair<S, C>) {
    a_port_is_picked(pair);
    foreign_addresses(pair);
    both_families_on_one_datagram_socket(pair);
    names(pair);
    if S::STREAMS && C::STREAMS {
        a_port_is_taken_once(pair);
        both_families_on_one_listener(pair);
    }
}

fn a_port_is_picked<S: Net, C: Net>(pair: &Pair<S, C>) {
    let family = family_of(pair.address);
    for kind in kinds::<S>() {
        let end = End::open(pair.server, kind, family);
        let before = end.net.local_address(end.socket).expect("local address");
        assert_eq!((before.port(), before.ip().is_unspecified()), (0, true), "not bound yet");
        end.net.bind(end.socket, SocketAddr::new(any(family), 0)).expect("bind");
        assert!(end.port() >= 1024, "a port of the ephemeral range");
        let again = end.net.bind(end.socket, SocketAddr::new(any(family), 0));
        assert_eq!(again, Err(NetError::Invalid), "a socket is bound once");
    }
}

fn a_port_is_taken_once<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (family, port) = (family_of(pair.address), pair.first_port + 24);
    let listener = End::listening(pair.server, family, port, 1);
    let other = End::open(pair.server, Kind::Stream, family);
    other.net.set_option(other.socket, SocketOption::ReuseAddress(true)).expect("SO_REUSEADDR");
    let taken = other.net.bind(other.socket, SocketAddr::new(any(family), port));
    assert_eq!(taken, Err(NetError::AddressInUse), "not even SO_REUSEADDR shares with a listener");
    listener.close();
    other.net.bind(other.socket, SocketAddr::new(any(family), port)).expect("bind");
}

fn foreign_addresses<S: Net, C: Net>(pair: &Pair<S, C>) {
    for kind in kinds::<C>() {
        let end = End::open(pair.client, kind, Family::V4);
        // 192.0.2.0/24 is for documentation (RFC 5737): nobody has it.
        let foreign = SocketAddr::from(([192, 0, 2, 77], 0));
        assert_eq!(end.net.bind(end.socket, foreign), Err(NetError::AddressNotAvailable));
    }
}

/// The kinds of socket that a stack has.
fn kinds<N: Net>() -> impl Iterator<Item = Kind> {
    [Kind::Datagram, Kind::Stream].into_iter().take(if N::STREAMS { 2 } else { 1 })
}

/// Whether an address is an IPv4-mapped one.
fn is_mapped(address: SocketAddr) -> bool {
    matches!(address.ip(), IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some())
}

fn both_families_on_one_datagram_socket<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (IpAddr::V4(v4), port) = (pair.address, pair.first_port + 27) else { return };
    let mut server = End::open(pair.server, Kind::Datagram, Family::V6);
    server.net.bind(server.socket, SocketAddr::new(any(Family::V6), port)).expect("bind");
    let mut client = End::open(pair.client, Kind::Datagram, Family::V4);
    let to = Some(SocketAddr::new(v4.into(), port));
    let mut buffer = [0; 8];
    client.until("room", Direction::Out, |net, socket| net.send(socket, b"four", to)).expect("send");
    let (_, from) = server.receive(&mut buffer).expect("receive");
    assert!(is_mapped(from), "an IPv4 peer of an IPv6 socket is shown as mapped");
    server.until("room", Direction::Out, |net, socket| net.send(socket, b"six", Some(from))).expect("send");
    assert_eq!(client.receive(&mut buffer).map(|(count, _)| count), Ok(3), "and is answered as that");
    let taken = End::open(pair.server, Kind::Datagram, Family::V4);
    let address = SocketAddr::new(any(Family::V4), port);
    assert_eq!(taken.net.bind(taken.socket, address), Err(NetError::AddressInUse));
    server.close();
    let only = End::open(pair.server, Kind::Datagram, Family::V6);
    only.net.set_option(only.socket, SocketOption::OnlyV6(true)).expect("IPV6_V6ONLY");
    only.net.bind(only.socket, SocketAddr::new(any(Family::V6), port)).expect("bind");
    assert_eq!(taken.net.bind(taken.socket, address), Ok(()), "a socket for IPv6 only leaves IPv4 to others");
}

fn both_families_on_one_listener<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (IpAddr::V4(v4), port) = (pair.address, pair.first_port + 25) else { return };
    let mut listener = End::listening(pair.server, Family::V6, port, 1);
    let mut client = End::open(pair.client, Kind::Stream, Family::V4);
    client.connect(SocketAddr::new(v4.into(), port)).expect("connect");
    let (server, peer) = listener.accept();
    assert!(is_mapped(peer), "an IPv4 peer of an IPv6 socket is shown as mapped");
    assert!(server.net.local_address(server.socket).is_ok_and(is_mapped));

    let separate = End::open(pair.server, Kind::Stream, Family::V6);
    separate.net.set_option(separate.socket, SocketOption::OnlyV6(true)).expect("IPV6_V6ONLY");
    separate.net.bind(separate.socket, SocketAddr::new(any(Family::V6), port + 1)).expect("bind");
    End::listening(pair.server, Family::V4, port + 1, 1).close();
}

fn names<S: Net, C: Net>(pair: &Pair<S, C>) {
    let resolve = |name| {
        let (mut v4, mut v6, mut is_ordered) = (None, None, true);
        pair.client.resolve(name, &mut |address| match address {
            IpAddr::V4(ip) => {
                is_ordered &= v6.is_none();
                v4 = Some(ip);
            }
            IpAddr::V6(ip) => v6 = Some(ip),
        })?;
        assert!(is_ordered, "IPv4 before IPv6");
        Ok::<_, NetError>((v4, v6))
    };
    assert_eq!(
        resolve("10.1.2.3"),
        Ok((Some(Ipv4Addr::new(10, 1, 2, 3)), None)),
        "a number is its own address"
    );
    assert_eq!(resolve("::1"), Ok((None, Some(Ipv6Addr::LOCALHOST))));
    assert_eq!(resolve("localhost").map(|(v4, _)| v4), Ok(Some(Ipv4Addr::LOCALHOST)));
}
