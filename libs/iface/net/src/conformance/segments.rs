//! TCP on the wire (RFC 9293), against a peer that does what peers rarely do.

use super::end::{Direction, End, any, family_of};
use super::peer::Stand;
use super::wire::{ACK, FIN, Frame, HeardSegment, RST, SYN, Segment};
use crate::{Kind, Net, NetError, Readiness, SocketOption};
use core::net::SocketAddr;
use kit_iface_clock::monotonic_ns;
use kit_iface_netdev::NetDevice;

/// Our first sequence number: near the end of the numbers, so that they wrap.
const OURS: u32 = u32::MAX - 20;
const A_WHILE_MS: u64 = 200;

/// Checks a stack's TCP. Takes some seconds: wait for retransmissions with a fast clock.
pub fn check_segments<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    nobody_listens(stand);
    handshake_and_both_ends(stand);
    out_of_order_twice_and_spoilt(stand);
    simultaneous_open(stand);
    a_closed_window(stand);
    lost_data_is_sent_again(stand);
    resets(stand);
    a_flood_of_first_segments(stand);
}

/// A connection whose other end we are.
struct Conversation<'a, N: Net, D: NetDevice> {
    stand: &'a Stand<N, D>,
    /// Our port and the stack's.
    ports: (u16, u16),
    /// What we send next, and what we expect.
    next: u32,
    expected: u32,
    end: End<N>,
    _listener: End<N>,
}

fn segment(flags: u8, seq: u32, ack: u32) -> Segment<'static> {
    Segment { flags, seq, ack, window: 4096, payload: b"" }
}

impl<'a, N: Net, D: NetDevice> Conversation<'a, N, D> {
    /// We connect to port `number` of the stack.
    fn open(stand: &'a Stand<N, D>, number: u16) -> Self {
        let (family, port) = (family_of(stand.wire.stack_ip), stand.first_port + number);
        let mut listener = End::listening(stand.net, family, port, 4);
        let ours = stand.first_port + 1000 + number;
        stand.send_segment(ours, port, segment(SYN, OURS, 0));
        let answer = stand.next_segment("SYN and ACK", port, |segment| segment.flags == SYN | ACK);
        assert_eq!(answer.ack, OURS.wrapping_add(1), "it acknowledges our SYN");
        let (next, expected) = (OURS.wrapping_add(1), answer.seq.wrapping_add(1));
        stand.send_segment(ours, port, segment(ACK, next, expected));
        let (end, peer) = listener.accept();
        assert_eq!(peer, SocketAddr::new(stand.wire.ip, ours));
        Self { stand, ports: (ours, port), next, expected, end, _listener: listener }
    }

    fn send(&self, segment: Segment<'_>) {
        self.stand.send_segment(self.ports.0, self.ports.1, segment);
    }

    /// Sends data and counts it.
    fn say(&mut self, payload: &[u8]) {
        self.send(Segment { payload, ..segment(ACK, self.next, self.expected) });
        self.next = self.next.wrapping_add(payload.len() as u32);
    }

    fn hear(&self, what: &str, want: impl Fn(&HeardSegment) -> bool) -> HeardSegment {
        self.stand.next_segment(what, self.ports.1, want)
    }

    /// Waits until everything that we have sent is acknowledged.
    fn acknowledged(&self) {
        self.hear("an acknowledgement", |segment| segment.flags & ACK != 0 && segment.ack == self.next);
    }
}

/// RFC 9293, 3.5.2, group 1: a reset that the sender takes for an answer.
fn nobody_listens<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let port = stand.first_port + 10;
    stand.send_segment(port, port, segment(SYN, 1000, 0));
    let reset = stand.next_segment("a reset", port, |segment| segment.flags & RST != 0);
    assert_eq!((reset.flags & ACK, reset.ack), (ACK, 1001));
    stand.send_segment(port, port, segment(ACK, 1000, 7777));
    let reset = stand.next_segment("a reset", port, |segment| segment.flags & RST != 0);
    assert_eq!(reset.seq, 7777);
    stand.send_segment(port, port, segment(RST | ACK, 1000, 7777));
    stand.never("a reset about a reset", A_WHILE_MS, |packet| packet.tcp().map(drop));
}

/// RFC 9293, 3.6: each direction ends by itself.
fn handshake_and_both_ends<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let mut talk = Conversation::open(stand, 11);
    talk.say(b"question");
    let mut buffer = [0; 16];
    talk.end.receive_all(&mut buffer[..8]);
    talk.send(segment(FIN | ACK, talk.next, talk.expected));
    talk.next = talk.next.wrapping_add(1);
    talk.acknowledged();
    talk.end.expect_end();
    talk.end.send_all(b"answer");
    let answer = talk.hear("data after our end", |segment| !segment.payload.is_empty());
    assert_eq!((&answer.payload[..], answer.seq), (&b"answer"[..], talk.expected));
    talk.expected = talk.expected.wrapping_add(6);
    talk.send(segment(ACK, talk.next, talk.expected));
    let Conversation { end, ports, next, expected, .. } = talk;
    end.close();
    let last = stand.next_segment("its end", ports.1, |segment| segment.flags & FIN != 0);
    assert_eq!(last.seq, expected);
    stand.send_segment(ports.0, ports.1, segment(ACK, next, expected.wrapping_add(1)));
    stand.never("anything after both ends", A_WHILE_MS, |packet| {
        packet.tcp().filter(|segment| segment.from == ports.1 && segment.flags & RST != 0)
    });
}

/// RFC 9293, 3.10.7.4: what is early is kept or sent again, what is late is thrown away, what is spoilt never came.
fn out_of_order_twice_and_spoilt<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let mut talk = Conversation::open(stand, 12);
    let (first, expected) = (talk.next, talk.expected);
    let part = |at: u32, payload| Segment { payload, ..segment(ACK, first.wrapping_add(at), expected) };
    let mut spoilt = Frame::segment(&stand.wire, talk.ports.0, talk.ports.1, &part(0, b"WORD"));
    *spoilt.bytes.last_mut().expect("it has bytes") ^= 0x20;
    stand.send(&spoilt);
    talk.send(part(4, b"after"));
    talk.send(part(0, b"word"));
    talk.send(part(0, b"word"));
    // The peer sends again what is not acknowledged.
    talk.send(part(4, b"after"));
    talk.next = first.wrapping_add(9);
    talk.acknowledged();
    let mut buffer = [0; 9];
    talk.end.receive_all(&mut buffer);
    assert_eq!(&buffer, b"wordafter");
    let refused = talk.end.net.receive(talk.end.socket, &mut buffer, false);
    assert_eq!(refused.err(), Some(NetError::WouldBlock), "nothing comes twice");
}

/// RFC 9293, figure 7: both ask at the same time, and get one connection.
fn simultaneous_open<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let (family, ours) = (family_of(stand.wire.stack_ip), stand.first_port + 1013);
    let mut end = End::open(stand.net, Kind::Stream, family);
    let connecting = end.net.connect(end.socket, SocketAddr::new(stand.wire.ip, ours));
    assert_eq!(connecting, Err(NetError::InProgress));
    let syn = stand.next("a SYN", |packet| packet.tcp().filter(|segment| segment.flags == SYN));
    stand.send_segment(ours, syn.from, segment(SYN, OURS, 0));
    let both = stand.next_segment("SYN and ACK", syn.from, |segment| segment.flags == SYN | ACK);
    assert_eq!((both.seq, both.ack), (syn.seq, OURS.wrapping_add(1)));
    let (next, expected) = (OURS.wrapping_add(1), syn.seq.wrapping_add(1));
    stand.send_segment(ours, syn.from, segment(SYN | ACK, OURS, expected));
    stand.send_segment(ours, syn.from, segment(ACK, next, expected));
    end.until_ready("the connection", Readiness::WRITABLE);
    assert_eq!(end.net.take_error(end.socket), None);
    end.send_all(b"hello");
    let data = stand.next_segment("data", syn.from, |segment| !segment.payload.is_empty());
    assert_eq!(&data.payload, b"hello");
    let acknowledge = segment(ACK, next, expected.wrapping_add(5));
    stand.send_segment(ours, syn.from, Segment { payload: b"back", ..acknowledge });
    let mut buffer = [0; 4];
    end.receive_all(&mut buffer);
    assert_eq!(&buffer, b"back");
}

/// RFC 9293, 3.8.6.1: a closed window is respected, asked about, and used when it opens.
fn a_closed_window<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let mut talk = Conversation::open(stand, 14);
    talk.send(Segment { window: 0, payload: b"stop", ..segment(ACK, talk.next, talk.expected) });
    talk.next = talk.next.wrapping_add(4);
    talk.end.receive_all(&mut [0; 4]);
    talk.end.send_all(&[b'w'; 1000]);
    // A probe has a byte at most.
    let probe = talk.hear("a probe", |segment| {
        segment.flags & ACK != 0
            && segment.ack == talk.next
            && (segment.payload.len() == 1 || segment.seq == talk.expected.wrapping_sub(1))
    });
    assert!(probe.payload.len() <= 1);
    talk.send(Segment { window: 0, ..segment(ACK, talk.next, talk.expected) });
    talk.hear("another probe", |segment| {
        assert!(segment.payload.len() <= 1, "{} bytes into a closed window", segment.payload.len());
        segment.payload.len() == 1 || segment.seq == talk.expected.wrapping_sub(1)
    });
    talk.send(segment(ACK, talk.next, talk.expected));
    let mut received = 0;
    while received < 1000 {
        let data = talk.hear("data", |segment| !segment.payload.is_empty());
        let ahead = data.seq.wrapping_sub(talk.expected) as usize;
        if ahead <= received {
            received = received.max(ahead + data.payload.len());
        }
        talk.send(segment(ACK, talk.next, talk.expected.wrapping_add(received as u32)));
    }
    talk.expected = talk.expected.wrapping_add(1000);
}

/// RFC 6298: what is not acknowledged is sent again, the same bytes under the same numbers.
fn lost_data_is_sent_again<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let mut talk = Conversation::open(stand, 15);
    talk.end.net.set_option(talk.end.socket, SocketOption::NoDelay(true)).expect("TCP_NODELAY");
    talk.end.send_all(b"once more");
    let first = talk.hear("data", |segment| !segment.payload.is_empty());
    let again = talk.hear("the same data", |segment| !segment.payload.is_empty());
    assert_eq!((first.seq, &first.payload), (again.seq, &again.payload));
    talk.send(segment(ACK, talk.next, talk.expected.wrapping_add(9)));
}

/// RFC 9293, 3.5.3, and RFC 5961: a reset counts only if it knows where the connection is.
fn resets<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let mut talk = Conversation::open(stand, 16);
    talk.send(segment(RST, talk.next.wrapping_add(100_000), 0));
    talk.send(segment(RST, talk.next.wrapping_sub(5), 0));
    talk.say(b"still");
    let mut buffer = [0; 5];
    talk.end.receive_all(&mut buffer);
    assert_eq!(&buffer, b"still", "a reset from outside of the window is nobody's");
    talk.acknowledged();
    talk.send(segment(RST, talk.next, 0));
    talk.end.until_ready("the reset", Readiness::ERROR);
    assert_eq!(talk.end.net.take_error(talk.end.socket), Some(NetError::Reset));
}

/// RFC 4987: first segments that nobody follows up take no more than the backlog, and a real client comes through.
fn a_flood_of_first_segments<N: Net, D: NetDevice>(stand: &Stand<N, D>) {
    let (family, port) = (family_of(stand.wire.stack_ip), stand.first_port + 17);
    let mut listener = End::listening(stand.net, family, port, 8);
    for number in 0..500u16 {
        stand.send_segment(20_000 + number, port, segment(SYN, 1, 0));
        // We hear and do not answer.
        while stand.device.receive(|_| ()).is_some() {}
    }
    // Whoever else wants something from the machine gets it meanwhile.
    stand.send(&Frame::echo(&stand.wire, 1, 1, b"still there?"));
    stand.next("an echo reply", |packet| packet.icmp().map(drop));
    let other = End::open(stand.net, Kind::Stream, family);
    other.net.bind(other.socket, SocketAddr::new(any(family), 0)).expect("bind");
    other.net.listen(other.socket, 1).expect("listen");
    let other_port = other.port();
    stand.send_segment(port, other_port, segment(SYN, 1, 0));
    stand.next_segment("SYN and ACK of another listener", other_port, |segment| segment.flags == SYN | ACK);
    // The real one asks as clients do, again and again.
    let begin_ns = monotonic_ns();
    let answer = loop {
        assert!(monotonic_ns() - begin_ns < 90_000_000_000, "a real client never comes through");
        stand.send_segment(port, port, segment(SYN, 5000, 0));
        let until_ns = monotonic_ns() + 1_000_000_000;
        let mut answer = None;
        while answer.is_none() && monotonic_ns() < until_ns {
            let heard = stand.device.receive(|frame| super::wire::Heard::read(frame));
            if let Some(super::wire::Heard::Ip(packet)) = heard {
                answer = packet
                    .tcp()
                    .filter(|heard| (heard.from, heard.to) == (port, port) && heard.flags == SYN | ACK);
            } else {
                kit_iface_sched::sleep_until(monotonic_ns() + 1_000_000);
            }
        }
        if let Some(answer) = answer {
            break answer;
        }
    };
    stand.send_segment(port, port, segment(ACK, 5001, answer.seq.wrapping_add(1)));
    let (_end, peer) = listener.accept();
    assert_eq!(peer.port(), port);
    assert!(
        listener
            .attempt(Direction::Other, |net, socket| match net.readiness(socket) {
                Readiness(0) => Err(NetError::WouldBlock),
                _ => Ok(()),
            })
            .is_none(),
        "nobody else is there to be accepted"
    );
}
