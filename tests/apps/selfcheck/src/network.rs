//! The network within the image: 127.0.0.1.

use std::io::ErrorKind;
#[cfg(feature = "streams")]
use std::io::{Read, Write};
#[cfg(feature = "datagrams")]
use std::net::UdpSocket;
#[cfg(feature = "streams")]
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

/// Datagrams arrive whole and in order, and a wait for one ends.
#[cfg(feature = "datagrams")]
pub fn datagrams() {
    let (here, there) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let to = there.local_addr().unwrap();
    let mut buffer = [0; 1500];
    for round in 0..50_usize {
        let sent = vec![round as u8; round * 20];
        here.send_to(&sent, to).unwrap();
        let (length, from) = there.recv_from(&mut buffer).unwrap();
        assert_eq!(from, here.local_addr().unwrap());
        assert!(buffer[..length] == sent, "datagram {round} has other bytes");
    }
    there.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    let kind = there.recv_from(&mut buffer).unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{kind:?}");
}

/// A stream carries bytes both ways and ends in one direction at a time.
#[cfg(feature = "streams")]
pub fn streams() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut one = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut other, _) = listener.accept().unwrap();
    for round in 0..100_u8 {
        one.write_all(&[round; 700]).unwrap();
        let mut buffer = [0; 700];
        other.read_exact(&mut buffer).unwrap();
        assert!(buffer == [round; 700], "round {round} has other bytes");
        other.write_all(&buffer[..10]).unwrap();
        one.read_exact(&mut buffer[..10]).unwrap();
    }
    one.shutdown(Shutdown::Write).unwrap();
    let mut rest = Vec::new();
    assert_eq!(other.read_to_end(&mut rest).unwrap(), 0);
    other.write_all(b"still open").unwrap();
    drop(other);
    one.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"still open");
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(TcpStream::connect(nobody).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}
