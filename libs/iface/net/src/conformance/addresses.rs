//! Addresses: ports that are picked, taken and shared; one socket for both families; names.

use super::Pair;
use super::end::{End, any, family_of};
use crate::{Family, Kind, Net, NetError, SocketOption};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Checks binding and names.
pub fn check_addresses<S: Net, C: Net>(pair: &Pair<S, C>) {
    a_port_is_picked(pair);
    a_port_is_taken_once(pair);
    foreign_addresses(pair);
    both_families_on_one_socket(pair);
    names(pair);
}

fn a_port_is_picked<S: Net, C: Net>(pair: &Pair<S, C>) {
    let family = family_of(pair.address);
    for kind in [Kind::Stream, Kind::Datagram] {
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
    let end = End::open(pair.client, Kind::Stream, Family::V4);
    // 192.0.2.0/24 is for documentation (RFC 5737): nobody has it.
    let foreign = SocketAddr::from(([192, 0, 2, 77], 0));
    assert_eq!(end.net.bind(end.socket, foreign), Err(NetError::AddressNotAvailable));
}

fn both_families_on_one_socket<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (IpAddr::V4(v4), port) = (pair.address, pair.first_port + 25) else { return };
    let mut listener = End::listening(pair.server, Family::V6, port, 1);
    let mut client = End::open(pair.client, Kind::Stream, Family::V4);
    client.connect(SocketAddr::new(v4.into(), port)).expect("connect");
    let (server, peer) = listener.accept();
    let mapped = |address: SocketAddr| match address.ip() {
        IpAddr::V6(ip) => ip.to_ipv4_mapped().is_some(),
        IpAddr::V4(_) => false,
    };
    assert!(mapped(peer), "an IPv4 peer of an IPv6 socket is shown as mapped");
    assert!(server.net.local_address(server.socket).is_ok_and(mapped));

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
