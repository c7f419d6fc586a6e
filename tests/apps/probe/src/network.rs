//! TCP and UDP over 127.0.0.1, which every image has.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

/// Talks to itself.
pub fn loopback() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, peer) = listener.accept().unwrap();
        let mut text = Vec::new();
        stream.read_to_end(&mut text).unwrap();
        text.make_ascii_uppercase();
        stream.write_all(&text).unwrap();
        (peer.ip().is_loopback(), text.len())
    });
    let mut stream = TcpStream::connect(address).unwrap();
    for _ in 0..1000 {
        stream.write_all(b"a hundred bytes would be more than this line has. ").unwrap();
    }
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    println!("tcp: {} bytes back, {:?}…", answer.len(), &answer[..9]);
    println!("server: {:?}", server.join().unwrap());
    println!("refused: {:?}", TcpStream::connect(address).unwrap_err().kind());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("taken: {:?}", TcpListener::bind(taken.local_addr().unwrap()).unwrap_err().kind());

    let (here, there) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    here.send_to(b"datagram", there.local_addr().unwrap()).unwrap();
    let mut buffer = [0; 64];
    let (length, from) = there.recv_from(&mut buffer).unwrap();
    println!("udp: {:?}, from the sender: {}", &buffer[..length], from == here.local_addr().unwrap());
    there.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    let kind = there.recv_from(&mut buffer).unwrap_err().kind();
    println!("udp times out: {}", matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut));
}
