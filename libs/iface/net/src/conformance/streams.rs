//! Streams that work: connecting, echoing, bulk in both directions, many at once.

use super::Pair;
use super::end::{Direction, End, events, family_of, pattern, wait_for_event};
use crate::{Kind, Net, NetError, Readiness, SocketOption};
use core::net::SocketAddr;

/// Checks streams.
pub fn check_streams<S: Net, C: Net>(pair: &Pair<S, C>) {
    echo(pair);
    peeking(pair);
    bulk_in_both_directions(pair);
    a_full_buffer_refuses_and_tells_when_there_is_room(pair);
    many_at_once(pair);
    more_than_the_backlog(pair);
}

/// A connected pair of streams over `port`.
pub(super) fn connected<S: Net, C: Net>(pair: &Pair<S, C>, port: u16) -> (End<S>, End<C>) {
    let family = family_of(pair.address);
    let mut listener = End::listening(pair.server, family, port, 8);
    let mut client = End::open(pair.client, Kind::Stream, family);
    client.connect(SocketAddr::new(pair.address, port)).expect("connect");
    let (server, peer) = listener.accept();
    assert_eq!(peer.port(), client.port(), "accept tells who connected");
    (server, client)
}

fn echo<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client) = connected(pair, pair.first_port);
    assert!(!server.net.readiness(server.socket).intersects(Readiness::READABLE), "nothing was sent yet");
    assert!(server.net.readiness(server.socket).intersects(Readiness::WRITABLE));
    let mut buffer = [0; 5];
    for round in 0..50 {
        let word = [b'a' + round % 26, 2, 3, 4, round];
        client.send_all(&word);
        server.until_ready("a word arrives", Readiness::READABLE);
        server.receive_all(&mut buffer);
        assert_eq!(buffer, word);
        server.send_all(&word);
        client.receive_all(&mut buffer);
        assert_eq!(buffer, word);
    }
    let refused = server.net.receive(server.socket, &mut buffer, false);
    assert_eq!(refused, Err(NetError::WouldBlock), "an open stream without data refuses");
    let local = client.net.local_address(client.socket).expect("local address");
    assert_eq!(server.net.peer_address(server.socket).map(|peer| peer.port()), Ok(local.port()));
    let peer = client.net.peer_address(client.socket).expect("peer address");
    assert_eq!(peer, SocketAddr::new(pair.address, pair.first_port));
    let again = client.net.connect(client.socket, peer);
    assert_eq!(again, Err(NetError::AlreadyConnected));
}

fn peeking<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client) = connected(pair, pair.first_port + 1);
    client.send_all(b"look");
    server.until_ready("bytes to peek at", Readiness::READABLE);
    let mut buffer = [0; 2];
    for _ in 0..2 {
        let (count, _) = server.net.receive(server.socket, &mut buffer, true).expect("peek");
        assert_eq!(&buffer[..count], b"lo", "peeking takes nothing");
    }
    let mut whole = [0; 4];
    server.receive_all(&mut whole);
    assert_eq!(&whole, b"look");
}

/// Moves bytes both ways at once, each side sending and receiving whenever it may.
fn bulk_in_both_directions<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client) = connected(pair, pair.first_port + 2);
    let total = pair.bulk_bytes;
    let (mut up, mut down) = (Flow::new(1, total), Flow::new(2, total));
    while !(up.is_over() && down.is_over()) {
        let seen = events();
        let mut progress = up.send(&mut client);
        progress |= down.send(&mut server);
        progress |= up.receive(&mut server);
        progress |= down.receive(&mut client);
        if !progress {
            wait_for_event(seen, "bulk data or room for it");
        }
    }
}

/// One direction of a bulk transfer.
struct Flow {
    number: usize,
    sent: usize,
    received: usize,
    total: usize,
}

impl Flow {
    fn new(number: usize, total: usize) -> Self {
        Self { number, sent: 0, received: 0, total }
    }

    fn is_over(&self) -> bool {
        self.received == self.total
    }

    fn send<N: Net>(&mut self, end: &mut End<N>) -> bool {
        let mut chunk = [0; 3000];
        let bytes = chunk.len().min(self.total - self.sent);
        if bytes == 0 {
            return false;
        }
        (0..bytes).for_each(|at| chunk[at] = pattern(self.number, self.sent + at));
        let sent = end.attempt(Direction::Out, |net, socket| net.send(socket, &chunk[..bytes], None));
        let Some(sent) = sent else { return false };
        self.sent += sent.expect("send");
        true
    }

    fn receive<N: Net>(&mut self, end: &mut End<N>) -> bool {
        let mut chunk = [0; 2500];
        let received = end.attempt(Direction::In, |net, socket| net.receive(socket, &mut chunk, false));
        let Some(received) = received else { return false };
        let (count, _) = received.expect("receive");
        assert_ne!(count, 0, "the stream ended after {} bytes", self.received);
        for byte in &chunk[..count] {
            assert_eq!(*byte, pattern(self.number, self.received), "byte {} is wrong", self.received);
            self.received += 1;
        }
        true
    }
}

fn a_full_buffer_refuses_and_tells_when_there_is_room<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client) = connected(pair, pair.first_port + 3);
    let chunk = [7; 1024];
    let mut sent = 0;
    while let Some(count) = client.attempt(Direction::Out, |net, socket| net.send(socket, &chunk, None)) {
        sent += count.expect("send");
        assert!(sent < 1 << 26, "a buffer is full at some point");
    }
    assert!(
        !client.net.readiness(client.socket).intersects(Readiness::WRITABLE),
        "a full buffer is not writable"
    );
    let mut received = 0;
    let mut buffer = [0; 1500];
    while received < sent {
        received += server.receive(&mut buffer).expect("receive").0;
        if let Some(more) = client.attempt(Direction::Other, |net, socket| {
            match net.readiness(socket).intersects(Readiness::WRITABLE) {
                true => Ok(()),
                false => Err(NetError::WouldBlock),
            }
        }) {
            more.expect("room");
            if sent - received < 4096 {
                continue;
            }
        }
    }
    client.until_ready("room after everything was received", Readiness::WRITABLE);
    client.send_all(b"again");
    let mut word = [0; 5];
    server.receive_all(&mut word);
    assert_eq!(&word, b"again");
}

fn many_at_once<S: Net, C: Net>(pair: &Pair<S, C>) {
    const CLIENTS: usize = 12;
    let (port, family) = (pair.first_port + 4, family_of(pair.address));
    let mut listener = End::listening(pair.server, family, port, CLIENTS);
    let mut clients: [End<C>; CLIENTS] =
        core::array::from_fn(|_| End::open(pair.client, Kind::Stream, family));
    for client in &clients {
        client.net.set_option(client.socket, SocketOption::NoDelay(true)).expect("TCP_NODELAY");
        match client.net.connect(client.socket, SocketAddr::new(pair.address, port)) {
            Ok(()) | Err(NetError::InProgress) => {}
            Err(error) => panic!("connect: {error:?}"),
        }
    }
    let mut servers: [End<S>; CLIENTS] = core::array::from_fn(|_| listener.accept().0);
    for (number, client) in clients.iter_mut().enumerate() {
        client.until_ready("the connection is there", Readiness::WRITABLE);
        client.send_all(&[number as u8; 64]);
    }
    for server in &mut servers {
        let mut buffer = [0; 64];
        server.receive_all(&mut buffer);
        server.send_all(&buffer);
    }
    for (number, client) in clients.iter_mut().enumerate() {
        let mut buffer = [0; 64];
        client.receive_all(&mut buffer);
        assert_eq!(buffer, [number as u8; 64], "each gets its own bytes back");
    }
}

/// Connections beyond the backlog are not lost: they are accepted when there is room.
fn more_than_the_backlog<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (port, family) = (pair.first_port + 5, family_of(pair.address));
    let mut listener = End::listening(pair.server, family, port, 2);
    let mut clients: [End<C>; 5] = core::array::from_fn(|_| End::open(pair.client, Kind::Stream, family));
    for client in &clients {
        let _ = client.net.connect(client.socket, SocketAddr::new(pair.address, port));
    }
    let mut servers: [End<S>; 5] = core::array::from_fn(|_| listener.accept().0);
    for client in &mut clients {
        client.until_ready("the connection is there", Readiness::WRITABLE);
        client.send_all(b"x");
    }
    servers.iter_mut().for_each(|server| server.receive_all(&mut [0; 1]));
}
