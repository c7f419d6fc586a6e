//! What std promises of sockets, asserted.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

fn pair(address: &str) -> (UdpSocket, UdpSocket) {
    (UdpSocket::bind((address, 0)).unwrap(), UdpSocket::bind((address, 0)).unwrap())
}

/// A UDP socket: whole datagrams, time-outs, non-blocking, connected, peeking, refused.
pub fn udp() {
    for address in ["127.0.0.1", "::1"] {
        let (here, there) = pair(address);
        let (ours, theirs) = (here.local_addr().unwrap(), there.local_addr().unwrap());
        let mut buffer = [0; 2048];

        there.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let before = Instant::now();
        let kind = there.recv_from(&mut buffer).unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{kind:?}");
        assert!(before.elapsed() >= Duration::from_millis(20));
        there.set_read_timeout(None).unwrap();

        there.set_nonblocking(true).unwrap();
        assert_eq!(there.recv_from(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
        there.set_nonblocking(false).unwrap();

        for length in [0, 1, 1400] {
            here.send_to(&vec![7; length], theirs).unwrap();
            assert_eq!(there.peek_from(&mut buffer).unwrap(), (length, ours));
            assert_eq!(there.recv_from(&mut buffer).unwrap(), (length, ours));
        }
        assert!(here.send_to(&[0; 65_536], theirs).is_err(), "nobody can send that");

        // A thread that waits is woken.
        let waiting = there.try_clone().unwrap();
        let waiter = std::thread::spawn(move || waiting.recv_from(&mut [0; 16]).unwrap().0);
        std::thread::sleep(Duration::from_millis(20));
        here.send_to(b"wake up", theirs).unwrap();
        assert_eq!(waiter.join().unwrap(), 7);

        here.connect(theirs).unwrap();
        there.connect(ours).unwrap();
        assert_eq!(here.peer_addr().unwrap(), theirs);
        assert_eq!(here.send(b"connected").unwrap(), 9);
        assert_eq!(there.recv(&mut buffer).unwrap(), 9);
        UdpSocket::bind((address, 0)).unwrap().send_to(b"stranger", theirs).unwrap();
        there.set_nonblocking(true).unwrap();
        assert_eq!(
            there.recv(&mut buffer).unwrap_err().kind(),
            ErrorKind::WouldBlock,
            "it hears its peer only"
        );

        drop(there);
        here.send(b"anybody?").unwrap();
        let refused = here.recv(&mut buffer).unwrap_err().kind();
        assert_eq!(refused, ErrorKind::ConnectionRefused);
        here.set_ttl(3).unwrap();
        assert_eq!(here.ttl().unwrap(), 3);
    }
    println!("udp: all right");
}

/// Takes sockets until there are none; the error is a clean one, and a socket that is given back can be taken again.
pub fn fill() {
    let mut taken = Vec::new();
    let error = loop {
        match UdpSocket::bind("127.0.0.1:0") {
            Ok(socket) => taken.push(socket),
            Err(error) => break error,
        }
        assert!(taken.len() < 100_000, "there is an end");
    };
    let count = taken.len();
    println!("taken: {count}\nrefused: {error}");
    for round in 0..100 {
        let freed = taken.remove(round % taken.len());
        drop(freed);
        taken.push(UdpSocket::bind("127.0.0.1:0").expect("one has just been given back"));
        assert!(UdpSocket::bind("127.0.0.1:0").is_err());
    }
    // They all work.
    let to = taken[0].local_addr().unwrap();
    for socket in &taken[1..count.min(9)] {
        socket.send_to(b"here", to).unwrap();
        assert_eq!(taken[0].recv(&mut [0; 16]).unwrap(), 4);
    }
    println!("fill: all right");
}
