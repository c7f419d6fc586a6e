//! Echo servers.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};

fn port() -> u16 {
    std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080)
}

/// Sends every datagram back.
pub fn udp() {
    let socket = UdpSocket::bind(("0.0.0.0", port())).expect("the port is free");
    println!("listening");
    let mut buffer = [0; 2048];
    loop {
        // "Connection refused" tells of a client that has left.
        if let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let _ = socket.send_to(&buffer[..length], from);
        }
    }
}

/// Sends every byte back, a thread for each connection.
pub fn tcp() {
    let listener = TcpListener::bind(("0.0.0.0", port())).expect("the port is free");
    println!("listening");
    for stream in listener.incoming().flatten() {
        // A client that finds no thread is let go, and the server goes on.
        let _ = std::thread::Builder::new().stack_size(32 * 1024).spawn(move || echo(stream));
    }
}

/// Sends back what comes until the client ends.
pub fn echo(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    let _ = stream.set_nodelay(true);
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        if stream.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
}
