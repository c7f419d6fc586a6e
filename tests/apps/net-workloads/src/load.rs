//! Workloads over 127.0.0.1. Each is a closure that does so many rounds and returns how many operations that were.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;

use crate::serve::echo;

/// Bytes of a bulk transfer for each round.
const BULK: usize = 1 << 20;

/// What is to be measured.
type Round = Box<dyn FnMut(u32) -> u64>;

/// The workload of this name.
pub fn run(mode: &str) -> Option<Round> {
    Some(match mode {
        "udp-small" => udp(64),
        "udp-large" => udp(1400),
        "tcp-request" => tcp_request(),
        "tcp-bulk" => tcp_bulk(),
        "tcp-churn" => tcp_churn(),
        _ => return None,
    })
}

/// Datagrams of `bytes` there and back, another thread being the server. An operation is an echo.
fn udp(bytes: usize) -> Round {
    let server = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let to = server.local_addr().expect("it is bound");
    thread::spawn(move || {
        let mut buffer = [0; 2048];
        loop {
            let (length, from) = server.recv_from(&mut buffer).expect("a datagram");
            server.send_to(&buffer[..length], from).expect("it fits");
        }
    });
    let client = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    client.connect(to).expect("it is there");
    let (sent, mut received) = (vec![9; bytes], vec![0; 2048]);
    Box::new(move |rounds| {
        for _ in 0..rounds * 100 {
            client.send(&sent).expect("it fits");
            assert_eq!(client.recv(&mut received).expect("an answer"), bytes);
        }
        u64::from(rounds) * 100
    })
}

/// A listener, each of whose connections `serve` gets a thread for.
fn listener(serve: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            thread::Builder::new().stack_size(32 * 1024).spawn(move || serve(stream)).expect("a thread");
        }
    });
    address
}

/// 64 bytes there and back on one connection. An operation is an echo.
fn tcp_request() -> Round {
    let mut stream = TcpStream::connect(listener(echo)).expect("it listens");
    stream.set_nodelay(true).expect("TCP_NODELAY");
    Box::new(move |rounds| {
        let mut buffer = [7; 64];
        for _ in 0..rounds * 100 {
            stream.write_all(&buffer).expect("it is there");
            stream.read_exact(&mut buffer).expect("an answer");
        }
        u64::from(rounds) * 100
    })
}

/// A mebibyte in one direction and a byte back. An operation is a KiB.
fn tcp_bulk() -> Round {
    let address = listener(|mut stream| {
        let (mut buffer, mut received) = (vec![0; 16 * 1024], 0);
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            received += length;
            if received == BULK {
                received = 0;
                stream.write_all(b"!").expect("the client waits for it");
            }
        }
    });
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_nodelay(true).expect("TCP_NODELAY");
    let chunk = vec![3; 16 * 1024];
    Box::new(move |rounds| {
        for _ in 0..rounds {
            for _ in 0..BULK / chunk.len() {
                stream.write_all(&chunk).expect("it is there");
            }
            stream.read_exact(&mut [0]).expect("all has arrived");
        }
        u64::from(rounds) * (BULK / 1024) as u64
    })
}

/// Connections of one request each, closed by the client. An operation is a connection.
fn tcp_churn() -> Round {
    let address = listener(echo);
    Box::new(move |rounds| {
        for _ in 0..rounds * 10 {
            let mut stream = TcpStream::connect(address).expect("it listens");
            stream.write_all(b"hello").expect("it is there");
            stream.read_exact(&mut [0; 5]).expect("an answer");
        }
        u64::from(rounds) * 10
    })
}
