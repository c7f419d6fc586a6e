//! A machine whose network card is wired to the test: raw frames in both directions, as a neighbour would see them.

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use kit_iface_net::conformance::wire::{Frame, Heard, Packet, Segment, Wire};

use crate::image::{Boot, free_port};
use crate::process::Running;
use crate::turns::{self, Turn};

/// QEMU's first card, and the address that `kit run` gives it.
const CARD: [u8; 6] = [0x52, 0x54, 0, 0x12, 0x34, 0x56];
const ADDRESS: [u8; 4] = [10, 0, 2, 15];
/// The router's, which is us.
const OUR_MAC: [u8; 6] = [0x52, 0x55, 10, 0, 2, 2];
const OURS: [u8; 4] = [10, 0, 2, 2];

/// A server on a wire of its own. It is stopped when this is dropped.
pub struct Lan {
    /// The machine.
    pub process: Running,
    /// Who is who.
    pub wire: Wire,
    socket: UdpSocket,
    card: SocketAddr,
    _turn: Turn,
}

impl Lan {
    /// Boots a server that says `listening`.
    #[track_caller]
    pub fn boot(boot: &Boot, limit: Duration) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket.set_read_timeout(Some(Duration::from_millis(50))).expect("a time-out");
        let card = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let here = socket.local_addr().expect("it is bound");
        // Each datagram of these two sockets is a frame.
        let netdev = format!("socket,id=n0,udp={here},localaddr={card}");
        let planned = boot.machine_command(&[]);
        let mut command = Command::new(planned.get_program());
        for word in planned.get_args() {
            let is_user_network = word.to_string_lossy().starts_with("user,id=n0");
            command.arg(if is_user_network { netdev.as_ref() } else { word });
        }
        let turn = turns::machine();
        let mut process = Running::start(command, b"");
        process.wait_for("listening", limit);
        let wire = Wire::v4(OUR_MAC, OURS, CARD, ADDRESS);
        Self { process, wire, socket, card, _turn: turn }
    }

    /// Sends a frame.
    pub fn send(&self, frame: &[u8]) {
        // What the host has no room for is lost, as on any wire.
        let _ = self.socket.send_to(frame, self.card);
    }

    /// The next packet for us that `want` takes, within `patience`. Questions for our MAC are answered meanwhile.
    pub fn next<R>(&self, patience: Duration, mut want: impl FnMut(&Packet) -> Option<R>) -> Option<R> {
        let begin = Instant::now();
        let mut buffer = [0; 2048];
        while begin.elapsed() < patience {
            let Ok((length, _)) = self.socket.recv_from(&mut buffer) else { continue };
            match Heard::read(&buffer[..length]) {
                Heard::Arp(1, _, _, target) if target.octets() == OURS => {
                    self.send(&Frame::arp_reply(&self.wire).bytes);
                }
                Heard::Ip(packet) => {
                    if let Some(found) = want(&packet) {
                        return Some(found);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Forgets what has been heard so far.
    pub fn forget(&self) {
        self.socket.set_nonblocking(true).expect("a socket");
        while self.socket.recv_from(&mut [0; 2048]).is_ok() {}
        self.socket.set_nonblocking(false).expect("a socket");
    }

    /// Opens a connection from `port` to the server's 8080, sends `request` and returns the first answer. Asks again
    /// every second, as clients do, for as long as `patience` lasts.
    pub fn ask(&self, port: u16, request: &[u8], patience: Duration) -> Option<Vec<u8>> {
        const SYN: u8 = 2;
        const ACK: u8 = 16;
        let begin = Instant::now();
        let send = |segment: Segment<'_>| self.send(&Frame::segment(&self.wire, port, 8080, &segment).bytes);
        let segment = Segment { window: 8192, ..Segment::default() };
        while begin.elapsed() < patience {
            send(Segment { flags: SYN, seq: 100, ..segment });
            let answer = self.next(Duration::from_secs(1), |packet| {
                packet.tcp().filter(|heard| heard.to == port && heard.flags == SYN | ACK)
            });
            let Some(answer) = answer else { continue };
            send(Segment {
                flags: ACK,
                seq: 101,
                ack: answer.seq.wrapping_add(1),
                payload: request,
                ..segment
            });
            return self.next(patience, |packet| {
                packet
                    .tcp()
                    .filter(|heard| heard.to == port && !heard.payload.is_empty())
                    .map(|heard| heard.payload)
            });
        }
        None
    }
}
