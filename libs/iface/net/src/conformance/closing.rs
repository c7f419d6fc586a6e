//! Streams that end: half-closed, closed with data under way, reset, refused.

use super::Pair;
use super::end::{Direction, End, family_of};
use super::streams::connected;
use crate::{Kind, Net, NetError, Readiness, Shutdown};
use core::net::SocketAddr;

/// Checks how streams end.
pub fn check_closing<S: Net, C: Net>(pair: &Pair<S, C>) {
    half_close(pair);
    close_delivers_what_is_queued(pair);
    the_peer_closes_first(pair);
    unread_data_makes_a_reset(pair);
    nobody_listens(pair);
    shut_for_reading(pair);
    a_closed_listener_refuses(pair);
    an_unconnected_stream_says_so(pair);
}

fn half_close<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client) = connected(pair, pair.first_port + 8);
    client.send_all(b"question");
    client.net.shutdown(client.socket, Shutdown::Write).expect("shutdown");
    assert_eq!(client.net.send(client.socket, b"x", None), Err(NetError::Closed), "no more after shutdown");
    let mut buffer = [0; 8];
    server.receive_all(&mut buffer);
    server.expect_end();
    assert!(server.net.readiness(server.socket).intersects(Readiness::READ_CLOSED));
    assert!(
        !server.net.readiness(server.socket).intersects(Readiness::CLOSED),
        "one direction is still open"
    );
    server.send_all(b"answer");
    let mut buffer = [0; 6];
    client.receive_all(&mut buffer);
    assert_eq!(&buffer, b"answer", "the other direction goes on");
    server.net.shutdown(server.socket, Shutdown::Write).expect("shutdown");
    client.expect_end();
    client.expect_end();
    client.until_ready("both directions are over", Readiness::CLOSED);
}

fn close_delivers_what_is_queued<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client) = connected(pair, pair.first_port + 9);
    let mut queued = 0;
    while let Some(count) = client.attempt(Direction::Out, |net, socket| net.send(socket, &[9; 700], None)) {
        queued += count.expect("send");
        if queued > 3000 {
            break;
        }
    }
    client.close();
    let mut received = 0;
    let mut buffer = [0; 999];
    loop {
        match server.receive(&mut buffer).expect("receive").0 {
            0 => break,
            count => received += count,
        }
    }
    assert_eq!(received, queued, "what was queued arrives although the socket is closed");
    server.close();
}

fn the_peer_closes_first<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (server, mut client) = connected(pair, pair.first_port + 10);
    server.close();
    client.until_ready("the end of the stream", Readiness::READABLE.with(Readiness::READ_CLOSED));
    client.expect_end();
    client.close();
}

fn unread_data_makes_a_reset<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client) = connected(pair, pair.first_port + 11);
    client.send_all(b"never read");
    server.until_ready("data that nobody reads", Readiness::READABLE);
    server.close();
    client.until_ready("the reset", Readiness::ERROR.with(Readiness::CLOSED));
    assert_eq!(client.net.take_error(client.socket), Some(NetError::Reset));
    assert_eq!(client.net.take_error(client.socket), None, "an error is told once");
    assert_eq!(client.receive(&mut [0; 4]).map(|(count, _)| count), Ok(0), "then the stream is just over");
    assert_eq!(client.net.send(client.socket, b"x", None), Err(NetError::Closed));
}

fn nobody_listens<S: Net, C: Net>(pair: &Pair<S, C>) {
    let mut client = End::open(pair.client, Kind::Stream, family_of(pair.address));
    let refused = client.connect(SocketAddr::new(pair.address, pair.first_port + 12));
    assert_eq!(refused, Err(NetError::Refused));
    assert_eq!(client.net.take_error(client.socket), None);
}

fn shut_for_reading<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (mut server, mut client) = connected(pair, pair.first_port + 13);
    client.net.shutdown(client.socket, Shutdown::Read).expect("shutdown");
    client.expect_end();
    client.send_all(b"still");
    let mut buffer = [0; 5];
    server.receive_all(&mut buffer);
    assert_eq!(&buffer, b"still", "writing is not affected");
}

fn a_closed_listener_refuses<S: Net, C: Net>(pair: &Pair<S, C>) {
    let (port, family) = (pair.first_port + 14, family_of(pair.address));
    let listener = End::listening(pair.server, family, port, 4);
    let mut waiting = End::open(pair.client, Kind::Stream, family);
    waiting.connect(SocketAddr::new(pair.address, port)).expect("connect");
    listener.close();
    waiting.until_ready("the connection that nobody accepts ends", Readiness::CLOSED);
    let mut late = End::open(pair.client, Kind::Stream, family);
    assert_eq!(late.connect(SocketAddr::new(pair.address, port)), Err(NetError::Refused));
    // The port is free again at once.
    End::listening(pair.server, family, port, 4).close();
}

fn an_unconnected_stream_says_so<S: Net, C: Net>(pair: &Pair<S, C>) {
    let end = End::open(pair.client, Kind::Stream, family_of(pair.address));
    let (net, socket) = (end.net, end.socket);
    assert_eq!(net.receive(socket, &mut [0; 4], false).err(), Some(NetError::NotConnected));
    assert!(matches!(net.send(socket, b"x", None), Err(NetError::NotConnected | NetError::Closed)));
    assert_eq!(net.peer_address(socket).err(), Some(NetError::NotConnected));
    assert_eq!(net.shutdown(socket, Shutdown::Both), Err(NetError::NotConnected));
    assert_eq!(net.take_error(socket), None);
}
