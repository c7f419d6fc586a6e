//! Datagrams: whole, with their sender, cut to the buffer, from the peer only when connected.

use super::Pair;
use super::end::{Direction, End, any, family_of};
use crate::{Kind, Net, NetError, Readiness, Shutdown};
use core::net::SocketAddr;

/// Checks datagram sockets.
pub fn check_datagrams<S: Net, C: Net>(pair: &Pair<S, C>) {
    there_and_back(pair);
    boundaries(pair);
    connected_to_one_peer(pair);
    nobody_is_there(pair);
    an_echo_goes_on_for_ever(pair);
    a_full_socket_drops_and_recovers(pair);
    mistakes(pair);
}

/// A bound server socket and a fresh client socket.
fn pair_of_sockets<S: Net, C: Net>(pair: &Pair<S, C>, port: u16) -> (End<S>, End<C>, SocketAddr) {
    let family = family_of(pair.address);
    let server = End::open(pair.server, Kind::Datagram, family);
    server.net.bind(server.socket, SocketAddr::new(any(family), port)).expect("bind");
    (server, End::open(pair.client, Kind::Datagram, family), SocketAddr::new(pair.address, port))
}

fn send<N: Net>(end: &mut End<N>, bytes: &[u8], to: Option<SocketAddr>) {
    let sent = end.until("room for a datagram", Direction::Out, |net, socket| net.send(socket, bytes, to));
    assert_eq!(sent, Ok(bytes.len()), "a datagram is sent whole");
}

fn there_and_back<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client, address) = pair_of_sockets(pair, pair.first_port + 16);
    assert!(client.net.readiness(client.socket).intersects(Readiness::WRITABLE));
    send(&mut client, b"ping", Some(address));
    let mut buffer = [0; 64];
    let (count, from) = server.receive(&mut buffer).expect("receive");
    assert_eq!(&buffer[..count], b"ping");
    assert_eq!(from.port(), client.port(), "the sender is told");
    send(&mut server, b"pong!", Some(from));
    let (count, from) = client.receive(&mut buffer).expect("receive");
    assert_eq!((&buffer[..count], from), (&b"pong!"[..], address));
    let refused = client.net.receive(client.socket, &mut buffer, false);
    assert_eq!(refused.err(), Some(NetError::WouldBlock));
}

fn boundaries<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client, address) = pair_of_sockets(pair, pair.first_port + 17);
    send(&mut client, b"", Some(address));
    send(&mut client, b"0123456789", Some(address));
    send(&mut client, &[5; 1400], Some(address));
    let mut buffer = [0; 4];
    assert_eq!(server.receive(&mut buffer).expect("receive").0, 0, "an empty datagram is one too");
    server.until_ready("the second datagram", Readiness::READABLE);
    let (count, _) = server.net.receive(server.socket, &mut buffer, true).expect("peek");
    assert_eq!(&buffer[..count], b"0123", "a look does not take it");
    let (count, _) = server.receive(&mut buffer).expect("receive");
    assert_eq!(&buffer[..count], b"0123", "what does not fit is cut off");
    let mut large = [0; 2000];
    let (count, _) = server.receive(&mut large).expect("receive");
    assert_eq!(&large[..count], &[5; 1400], "and does not come with the next");
}

fn connected_to_one_peer<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client, address) = pair_of_sockets(pair, pair.first_port + 18);
    client.net.connect(client.socket, address).expect("connect");
    assert_eq!(client.net.peer_address(client.socket), Ok(address));
    send(&mut client, b"hello", None);
    let mut buffer = [0; 16];
    let (_, from) = server.receive(&mut buffer).expect("receive");
    assert_eq!(from, client.net.local_address(client.socket).expect("local address"));
    // A stranger writes first; the connected socket hears its peer only.
    let mut stranger = End::open(pair.server, Kind::Datagram, family_of(pair.address));
    send(&mut stranger, b"psst", Some(from));
    send(&mut server, b"hello yourself", Some(from));
    let (count, _) = client.receive(&mut buffer).expect("receive");
    assert_eq!(&buffer[..count], b"hello yourself");
}

/// "Port unreachable" is an error of a connected socket, told once; the socket goes on (RFC 1122, 4.1.3.3).
fn nobody_is_there<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (server, mut client, address) = pair_of_sockets(pair, pair.first_port + 20);
    server.close();
    client.net.connect(client.socket, address).expect("connect");
    send(&mut client, b"anybody?", None);
    client.until_ready("the refusal", Readiness::ERROR);
    assert_eq!(client.net.take_error(client.socket), Some(NetError::Refused));
    assert_eq!(client.net.take_error(client.socket), None, "an error is told once");
    let mut server = End::open(pair.server, Kind::Datagram, family_of(pair.address));
    server
        .net
        .bind(server.socket, SocketAddr::new(any(family_of(pair.address)), address.port()))
        .expect("bind");
    send(&mut client, b"now", None);
    assert_eq!(server.receive(&mut [0; 8]).map(|(count, _)| count), Ok(3));
}

/// More rounds than any table or pool has places.
fn an_echo_goes_on_for_ever<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client, address) = pair_of_sockets(pair, pair.first_port + 21);
    let mut buffer = [0; 512];
    for round in 0..300u32 {
        let length = 4 + (round * 37 % 400) as usize;
        let word: [u8; 404] = core::array::from_fn(|at| (at as u32 * 7 + round) as u8);
        send(&mut client, &word[..length], Some(address));
        let (count, from) = server.receive(&mut buffer).expect("receive");
        send(&mut server, &buffer[..count], Some(from));
        let (count, _) = client.receive(&mut buffer).expect("receive");
        assert_eq!(&buffer[..count], &word[..length], "round {round}");
    }
}

/// What does not fit is lost, as datagrams are; what was kept is whole and in order, and there is room afterwards.
fn a_full_socket_drops_and_recovers<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client, address) = pair_of_sockets(pair, pair.first_port + 22);
    for number in 0..400u32 {
        let mut datagram = [0; 1000];
        datagram[..4].copy_from_slice(&number.to_be_bytes());
        send(&mut client, &datagram, Some(address));
    }
    server.until_ready("some of many", Readiness::READABLE);
    let (mut buffer, mut last, mut count) = ([0; 1000], None, 0);
    while let Ok((bytes, _)) = server.net.receive(server.socket, &mut buffer, false) {
        let number = u32::from_be_bytes([buffer[0], buffer[1], buffer[2], buffer[3]]);
        assert!(bytes == 1000 && last.is_none_or(|last| number > last), "{number} after {last:?}");
        (last, count) = (Some(number), count + 1);
    }
    assert!(count >= 4, "a socket holds a few datagrams, not {count}");
    send(&mut client, b"again", Some(address));
    loop {
        // Late ones of the flood may come first.
        if server.receive(&mut buffer).expect("receive").0 == 5 {
            break;
        }
    }
}

fn mistakes<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (server, client, address) = pair_of_sockets(pair, pair.first_port + 19);
    let (net, socket) = (client.net, client.socket);
    assert_eq!(net.send(socket, b"x", None), Err(NetError::NoDestination));
    assert_eq!(net.send(socket, &[0; 65_536], Some(address)), Err(NetError::TooLarge));
    assert_eq!(net.peer_address(socket).err(), Some(NetError::NotConnected));
    assert_eq!(net.shutdown(socket, Shutdown::Both), Err(NetError::NotConnected));
    assert!(net.listen(socket, 1).is_err(), "datagrams do not listen");
    let family = family_of(pair.address);
    let second = End::open(pair.server, Kind::Datagram, family);
    let taken = second.net.bind(second.socket, SocketAddr::new(any(family), address.port()));
    assert_eq!(taken, Err(NetError::AddressInUse));
    drop(server);
    let free = second.net.bind(second.socket, SocketAddr::new(any(family), address.port()));
    assert_eq!(free, Ok(()), "a closed socket's port is free");
}
