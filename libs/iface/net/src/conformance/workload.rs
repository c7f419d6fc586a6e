//! Random work, drawn from a seed: connections that come, talk both ways and go in any order, datagrams in between. And
//! connections one after the other, more than any table has places.

use super::Pair;
use super::end::{Direction, End, any, events, family_of, pattern, wait_for_event};
use crate::{Kind, Net, Readiness, Shutdown};
use core::net::SocketAddr;

/// Connections at a time.
const TALKS: usize = 6;
/// More than the sockets and the `TIME_WAIT` places of a stack under test.
const CONNECTIONS: usize = 400;
/// Bytes of the largest chunk and datagram.
const MOST_BYTES: usize = 1400;

/// Xorshift (Marsaglia 2003): interfaces know nobody else's.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end
    }
}

/// Does `steps` random things. Whatever the wire does, bytes of streams arrive in order, all of them, once; datagrams
/// arrive unchanged or not at all.
pub fn check_random_work<S: Net, C: Net>(pair: &Pair<S, C>, seed: u64, steps: usize) {
    let mut random = Random(seed.max(1));
    let mut datagrams = Datagrams::new(pair);
    if !(S::STREAMS && C::STREAMS) {
        (0..steps).for_each(|_| datagrams.step(&mut random));
        return datagrams.finish();
    }
    let (family, port) = (family_of(pair.address), pair.first_port + 29);
    let mut listener = End::listening(pair.server, family, port, TALKS);
    let mut talks: [Option<Talk<S, C>>; TALKS] = [const { None }; TALKS];
    let mut number = 0;
    for _ in 0..steps {
        let which = random.below(TALKS + 2);
        let Some(place) = talks.get_mut(which) else {
            datagrams.step(&mut random);
            continue;
        };
        match place {
            None => {
                let mut client = End::open(pair.client, Kind::Stream, family);
                client.connect(SocketAddr::new(pair.address, port)).expect("connect");
                let server = listener.accept().0;
                number += 2;
                *place = Some(Talk { client, server, up: Flow::new(number), down: Flow::new(number + 1) });
            }
            Some(talk) if random.below(12) > 0 => talk.step(&mut random),
            Some(_) => place.take().expect("it is there").finish(&mut random),
        }
    }
    talks.into_iter().flatten().for_each(|talk| talk.finish(&mut random));
    datagrams.finish();
}

/// Connections one after the other, closed by either end first: what is left of each is bounded (`TIME_WAIT`), so that
/// neither machine runs out of sockets or ports.
pub fn check_many_connections<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (family, port) = (family_of(pair.address), pair.first_port + 30);
    let mut listener = End::listening(pair.server, family, port, 4);
    for number in 0..CONNECTIONS {
        let mut client = End::open(pair.client, Kind::Stream, family);
        client.connect(SocketAddr::new(pair.address, port)).expect("connect");
        let (mut server, _) = listener.accept();
        client.send_all(&[number as u8]);
        let mut byte = [0];
        server.receive_all(&mut byte);
        assert_eq!(byte[0], number as u8);
        if number.is_multiple_of(2) {
            client.close();
            server.expect_end();
        } else {
            server.close();
            client.expect_end();
        }
    }
}

/// One direction of a connection.
struct Flow {
    number: usize,
    sent: usize,
    received: usize,
}

impl Flow {
    fn new(number: usize) -> Self {
        Self { number, sent: 0, received: 0 }
    }

    fn send<N: Net>(&mut self, end: &mut End<N>, bytes: usize) -> bool {
        let mut chunk = [0; MOST_BYTES];
        (0..bytes).for_each(|at| chunk[at] = pattern(self.number, self.sent + at));
        let sent = end.attempt(Direction::Out, |net, socket| net.send(socket, &chunk[..bytes], None));
        self.sent += sent.map_or(0, |sent| sent.expect("send"));
        sent.is_some()
    }

    fn receive<N: Net>(&mut self, end: &mut End<N>, bytes: usize) -> bool {
        let mut chunk = [0; MOST_BYTES];
        let buffer = &mut chunk[..bytes];
        let Some(received) = end.attempt(Direction::In, |net, socket| net.receive(socket, buffer, false))
        else {
            return false;
        };
        let (count, _) = received.expect("receive");
        for byte in &chunk[..count] {
            assert_eq!(
                *byte,
                pattern(self.number, self.received),
                "byte {} of {}",
                self.received,
                self.number
            );
            self.received += 1;
        }
        true
    }

    fn is_over(&self) -> bool {
        self.received == self.sent
    }
}

/// A connection, and what has gone over it.
struct Talk<S: Net, C: Net> {
    client: End<C>,
    server: End<S>,
    up: Flow,
    down: Flow,
}

impl<S: Net, C: Net> Talk<S, C> {
    fn step(&mut self, random: &mut Random) {
        let bytes = 1 + random.below(MOST_BYTES);
        match random.below(4) {
            0 => self.up.send(&mut self.client, bytes),
            1 => self.down.send(&mut self.server, bytes),
            2 => self.up.receive(&mut self.server, bytes),
            _ => self.down.receive(&mut self.client, bytes),
        };
    }

    /// Ends both directions, in any order, after everything has arrived.
    fn finish(mut self, random: &mut Random) {
        let client_first = random.below(2) == 0;
        if client_first {
            self.client.net.shutdown(self.client.socket, Shutdown::Write).expect("shutdown");
        }
        while !(self.up.is_over() && self.down.is_over()) {
            let seen = events();
            let progress = (!self.up.is_over() && self.up.receive(&mut self.server, MOST_BYTES))
                | (!self.down.is_over() && self.down.receive(&mut self.client, MOST_BYTES));
            if !progress {
                wait_for_event(seen, "the rest of a connection");
            }
        }
        self.server.net.shutdown(self.server.socket, Shutdown::Write).expect("shutdown");
        if !client_first {
            self.client.net.shutdown(self.client.socket, Shutdown::Write).expect("shutdown");
        }
        self.client.expect_end();
        self.server.expect_end();
    }
}

/// Two datagram sockets that send each other what can be checked by itself.
struct Datagrams<S: Net, C: Net> {
    server: End<S>,
    client: End<C>,
    address: SocketAddr,
    sent: usize,
    received: usize,
}

impl<S: Net, C: Net> Datagrams<S, C> {
    fn new(pair: &Pair<S, C>) -> Self {
        let (family, port) = (family_of(pair.address), pair.first_port + 28);
        let server = End::open(pair.server, Kind::Datagram, family);
        server.net.bind(server.socket, SocketAddr::new(any(family), port)).expect("bind");
        let client = End::open(pair.client, Kind::Datagram, family);
        Self { server, client, address: SocketAddr::new(pair.address, port), sent: 0, received: 0 }
    }

    fn step(&mut self, random: &mut Random) {
        if random.below(2) == 0 {
            return self.drain();
        }
        let (number, length) = (random.below(1 << 16), 4 + random.below(MOST_BYTES - 4));
        let mut datagram = [0; MOST_BYTES];
        datagram[..4].copy_from_slice(&(number as u32).to_be_bytes());
        (4..length).for_each(|at| datagram[at] = pattern(number, at));
        let to = Some(self.address);
        let data = &datagram[..length];
        let sent = self.client.attempt(Direction::Out, |net, socket| net.send(socket, data, to));
        if let Some(sent) = sent {
            assert_eq!(sent, Ok(length));
            self.sent += 1;
        }
    }

    fn drain(&mut self) {
        let mut buffer = [0; MOST_BYTES + 1];
        while let Ok((length, _)) = self.server.net.receive(self.server.socket, &mut buffer, false) {
            assert!((4..=MOST_BYTES).contains(&length), "{length} bytes were never sent");
            let number = u32::from_be_bytes([buffer[0], buffer[1], buffer[2], buffer[3]]) as usize;
            assert!(
                (4..length).all(|at| buffer[at] == pattern(number, at)),
                "a datagram of {length} bytes has changed"
            );
            self.received += 1;
        }
    }

    /// Some of what was sent has arrived, however bad the wire.
    fn finish(mut self) {
        for _ in 0..50 {
            let mut word = [0; 4];
            word[3] = 1;
            let to = Some(self.address);
            let sent = self.client.until("room", Direction::Out, |net, socket| net.send(socket, &word, to));
            assert_eq!(sent, Ok(4));
            self.drain();
        }
        if self.received == 0 {
            self.server.until_ready("some of many datagrams", Readiness::READABLE);
            self.drain();
        }
        assert!(self.received > 0, "none of {} datagrams has arrived", self.sent);
    }
}
