//! Datagrams: what a UDP socket consists of.
//!
//! Received datagrams never pass through smoltcp sockets: the stack finds the receiver itself, and one queue per
//! socket holds exactly what has arrived instead of a ring for the worst case. Sending uses smoltcp, for it knows
//! the neighbours; on loopback a datagram goes straight into its receiver's queue.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::SocketAddr;
use kit_iface_net::{NetError, Readiness};
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{IpAddress, UdpPacket, UdpRepr};

/// What a datagram costs besides its bytes: its place in a queue and its allocation.
const COST_BYTES: usize = 64;
/// Datagrams that wait until their next hop is known.
const MOST_WAITING: usize = 4;
/// How long they wait.
const PATIENCE: Duration = Duration::from_secs(3);

/// A datagram with its other end.
pub(crate) struct Message {
    pub address: SocketAddr,
    pub data: Vec<u8>,
    /// For one that waits to be sent: until when.
    until: Instant,
}

/// A datagram socket.
#[derive(Default)]
pub(crate) struct Datagram {
    pub peer: Option<SocketAddr>,
    pub read_shut: bool,
    pub write_shut: bool,
    /// Somebody was told to wait before sending.
    pub wants_room: bool,
    received: VecDeque<Message>,
    received_bytes: usize,
    waiting: VecDeque<Message>,
}

impl Datagram {
    /// Takes a datagram in, or drops it if the socket holds `limit` bytes already. Returns whether it was kept.
    pub fn deliver(&mut self, address: SocketAddr, data: &[u8], limit: usize) -> bool {
        let cost = data.len() + COST_BYTES;
        if self.read_shut || (self.received_bytes + cost > limit && !self.received.is_empty()) {
            return false;
        }
        let mut copy = Vec::new();
        if copy.try_reserve_exact(data.len()).is_err() {
            return false;
        }
        copy.extend_from_slice(data);
        self.received_bytes += cost;
        self.received.push_back(Message { address, data: copy, until: Instant::ZERO });
        true
    }

    /// Takes the oldest datagram, cut to the buffer.
    pub fn receive(&mut self, buffer: &mut [u8], peek: bool) -> Result<(usize, SocketAddr), NetError> {
        let Some(message) = self.received.front() else {
            let nobody = SocketAddr::new(core::net::Ipv4Addr::UNSPECIFIED.into(), 0);
            return if self.read_shut { Ok((0, nobody)) } else { Err(NetError::WouldBlock) };
        };
        let bytes = buffer.len().min(message.data.len());
        buffer[..bytes].copy_from_slice(&message.data[..bytes]);
        let address = message.address;
        if !peek {
            self.received_bytes -= message.data.len() + COST_BYTES;
            self.received.pop_front();
        }
        Ok((bytes, address))
    }

    /// Keeps a datagram that could not be sent at once.
    pub fn wait(&mut self, address: SocketAddr, data: &[u8], now: Instant) -> Result<(), NetError> {
        if self.waiting.len() >= MOST_WAITING {
            self.wants_room = true;
            return Err(NetError::WouldBlock);
        }
        self.waiting.push_back(Message { address, data: data.into(), until: now + PATIENCE });
        Ok(())
    }

    /// The datagram that has waited longest, unless all have waited too long.
    pub fn next_waiting(&mut self, now: Instant) -> Option<Message> {
        while let Some(message) = self.waiting.pop_front() {
            if message.until > now {
                return Some(message);
            }
        }
        None
    }

    /// Puts back what [`Datagram::next_waiting`] gave.
    pub fn keep_waiting(&mut self, message: Message) {
        self.waiting.push_front(message);
    }

    /// Whether datagrams wait to be sent.
    pub fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// What can be done now.
    pub fn readiness(&mut self) -> Readiness {
        let mut readiness = Readiness::default();
        if self.read_shut || !self.received.is_empty() {
            readiness = readiness.with(Readiness::READABLE);
        }
        if self.waiting.len() < MOST_WAITING {
            readiness = readiness.with(Readiness::WRITABLE);
        } else {
            self.wants_room = true;
        }
        if self.read_shut {
            readiness = readiness.with(Readiness::READ_CLOSED);
        }
        readiness
    }
}

/// The payload of the UDP datagram at `offset` of an Ethernet frame, if it is what it claims to be.
pub(crate) fn payload(
    frame: &[u8],
    offset: usize,
    ends: (SocketAddr, SocketAddr),
    is_trusted: bool,
) -> Option<&[u8]> {
    let (local, remote) = ends;
    let checksums =
        if is_trusted { ChecksumCapabilities::ignored() } else { ChecksumCapabilities::default() };
    let packet = UdpPacket::new_checked(frame.get(offset..)?).ok()?;
    // RFC 8200, 8.1: over IPv6 none may be missing, which smoltcp takes for "there is none".
    if packet.checksum() == 0 && local.is_ipv6() && !is_trusted {
        return None;
    }
    UdpRepr::parse(&packet, &IpAddress::from(remote.ip()), &IpAddress::from(local.ip()), &checksums).ok()?;
    Some(packet.payload())
}
