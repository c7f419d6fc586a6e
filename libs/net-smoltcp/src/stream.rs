//! Streams: what a TCP connection and a listener consist of, and what a caller may do with them.
//!
//! Each connection has a smoltcp socket set of its own, of one element: every smoltcp call then costs the same
//! whether the machine has one connection or a thousand.

use crate::links::{Links, Via};
use crate::slot::Options;
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use core::net::SocketAddr;
use kit_iface_net::{NetError, Readiness};
use kit_iface_netdev::NetDevice;
use smoltcp::iface::{SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::tcp::{CongestionControl, Socket, SocketBuffer, State};
use smoltcp::time::{Duration, Instant};

/// How long an unanswered connection attempt lasts.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(75);
/// How long a peer may take from our SYN|ACK to its ACK.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a peer may leave data unacknowledged.
const DATA_TIMEOUT: Duration = Duration::from_secs(300);
/// How long a closed connection may go on without hearing from its peer.
pub(crate) const ORPHAN_TIMEOUT: Duration = Duration::from_secs(60);
/// RFC 6928: ten segments are a harmless first flight. A send buffer that holds no more than that needs no
/// congestion window; a larger one gets NewReno's (RFC 6582).
const INITIAL_WINDOW_BYTES: usize = 10 * 1460;
/// How long smoltcp keeps a socket silent whose next hop does not answer (`Meta::DISCOVERY_SILENT_TIME`).
const NEIGHBOUR_SILENCE: Duration = Duration::from_secs(1);
/// A device's ring full of segments and then some: bounds one turn, not a transfer.
const MOST_SEGMENTS_AT_ONCE: u32 = 64;

/// A TCP connection in any state.
pub(crate) struct Connection {
    set: SocketSet<'static>,
    pub via: Via,
    pub local: SocketAddr,
    pub peer: SocketAddr,
    /// The state that the observer knows.
    pub state: State,
    /// Received bytes that the observer knows of.
    pub received: usize,
    /// The listener whose `accept` will hand this connection out.
    pub parent: Option<u32>,
    /// Somebody was told that there is no room, and waits for the news that there is.
    pub wants_room: bool,
    /// The peer has ended its stream.
    pub has_ended: bool,
    pub read_shut: bool,
    pub write_shut: bool,
    /// The next hop has not told its address yet.
    is_stalled: bool,
    /// Set once the socket is closed: when to give the rest up.
    pub orphan_until: Option<Instant>,
}

/// A listening stream.
pub(crate) struct Listener {
    pub backlog: usize,
    /// Connections whose handshake is under way.
    pub opening: usize,
    /// Connections that wait for `accept`.
    pub ready: VecDeque<u32>,
}

/// What [`Connection::flush`] came to.
pub(crate) enum Flushed {
    /// Everything is sent that may be; the next thing to do, if any, is due then.
    Until(Option<Instant>),
    /// The device has no room.
    Blocked,
    /// The next hop's address is being asked for; asked again then.
    Stalled(Option<Instant>),
}

impl Connection {
    /// A connection that does nothing yet; `peer` and `local` are what it will be.
    pub fn new(via: Via, local: SocketAddr, peer: SocketAddr, options: &Options) -> Result<Self, NetError> {
        let (receive, send) = (buffer(options.receive_bytes)?, buffer(options.send_bytes)?);
        let mut socket = Socket::new(SocketBuffer::new(receive), SocketBuffer::new(send));
        if options.send_bytes > INITIAL_WINDOW_BYTES {
            socket.set_congestion_control(CongestionControl::Reno);
        }
        if via == Via::Loopback {
            // Nobody to save a packet for, and a sender with a small window would wait for it.
            socket.set_ack_delay(None);
        }
        let mut set = SocketSet::new(vec![SocketStorage::EMPTY]);
        set.add(socket);
        let mut connection = Self {
            set,
            via,
            local,
            peer,
            state: State::Closed,
            received: 0,
            parent: None,
            wants_room: false,
            has_ended: false,
            read_shut: false,
            write_shut: false,
            is_stalled: false,
            orphan_until: None,
        };
        connection.apply(options);
        Ok(connection)
    }

    /// Passes on those options that smoltcp knows.
    pub fn apply(&mut self, options: &Options) {
        let socket = self.tcp();
        socket.set_nagle_enabled(!options.no_delay);
        socket.set_keep_alive(options.keep_alive_ns.map(|ns| Duration::from_micros(ns.div_ceil(1000))));
        socket.set_hop_limit(options.hop_limit);
    }

    /// The smoltcp socket.
    #[inline]
    pub fn tcp(&mut self) -> &mut Socket<'static> {
        self.set.get_mut(SocketHandle::default())
    }

    /// The socket set, of one.
    pub fn set(&mut self) -> &mut SocketSet<'static> {
        &mut self.set
    }

    /// Sends what may be sent now. `is_due` says that there is something, and saves looking.
    pub fn flush<D: NetDevice>(&mut self, links: &mut Links<D>, now: Instant, is_due: bool) -> Flushed {
        let socket = self.tcp();
        socket.set_timeout(timeout(socket));
        let (mut is_due, mut idle_turns) = (is_due, 0);
        for _ in 0..MOST_SEGMENTS_AT_ONCE {
            if !is_due {
                match links.poll_at(self.via, now, &self.set) {
                    Some(at) if at <= now => {}
                    later => {
                        // Wanting to send and being put off for exactly this long means one thing only.
                        self.is_stalled |= idle_turns > 0 && later == Some(now + NEIGHBOUR_SILENCE);
                        return if self.is_stalled { Flushed::Stalled(later) } else { Flushed::Until(later) };
                    }
                }
            }
            is_due = false;
            let sent = links.egress(self.via, now, &mut self.set);
            match (sent.packets, sent.refused) {
                (0, true) => return Flushed::Blocked,
                // Not seen to happen: smoltcp says "now" and does nothing. Not a reason to spin.
                (0, false) if idle_turns == 2 => {
                    return Flushed::Until(Some(now + Duration::from_millis(10)));
                }
                (0, false) => idle_turns += 1,
                _ => (idle_turns, self.is_stalled) = (0, false),
            }
        }
        Flushed::Until(Some(now))
    }

    /// Takes received bytes, or looks at them, if there are any; and says whether that may have opened the receive
    /// window enough to tell the peer: smoltcp does so when it doubles. Saves looking after small reads of small
    /// requests.
    #[inline]
    pub fn receive(&mut self, buffer: &mut [u8], peek: bool) -> Option<(usize, bool)> {
        let socket = self.tcp();
        let before = socket.recv_queue();
        if before == 0 {
            return None;
        }
        if peek {
            return socket.peek_slice(buffer).ok().map(|count| (count, false));
        }
        let count = socket.recv_slice(buffer).ok()?;
        let may_tell_window = before * 4 >= socket.recv_capacity();
        self.received = before - count;
        Some((count, may_tell_window))
    }

    /// What it means that there are none.
    pub fn nothing_received(&self) -> Result<(), NetError> {
        let is_over = self.has_ended || self.state == State::Closed || self.read_shut;
        if is_over { Ok(()) } else { Err(NetError::WouldBlock) }
    }

    /// Queues bytes.
    pub fn send(&mut self, bytes: &[u8]) -> Result<usize, NetError> {
        if self.write_shut {
            return Err(NetError::Closed);
        }
        match self.state {
            State::SynSent | State::SynReceived => {
                self.wants_room = true;
                return Err(NetError::WouldBlock);
            }
            State::Established | State::CloseWait => {}
            _ => return Err(NetError::Closed),
        }
        let taken = self.tcp().send_slice(bytes).map_err(|_| NetError::Closed)?;
        if taken < bytes.len() {
            self.wants_room = true;
        }
        if taken == 0 && !bytes.is_empty() { Err(NetError::WouldBlock) } else { Ok(taken) }
    }

    /// Whether so much room is there again that a waiting sender should be told: half of the buffer, so that
    /// one who fills it is not woken for each acknowledged segment.
    pub fn has_room_again(&mut self) -> bool {
        let socket = self.tcp();
        socket.may_send() && socket.send_queue() * 2 <= socket.send_capacity()
    }

    /// Whether the handshake is over: only then has the socket a peer.
    pub fn is_established(&self) -> bool {
        !matches!(self.state, State::SynSent | State::SynReceived | State::Listen)
    }

    /// What can be done now.
    pub fn readiness(&mut self) -> Readiness {
        let mut readiness = Readiness::default();
        let is_closed = self.state == State::Closed;
        if matches!(self.state, State::SynSent | State::SynReceived) {
            self.wants_room = true;
            return readiness;
        }
        let read_over = self.has_ended || self.read_shut || is_closed;
        if read_over || self.tcp().can_recv() {
            readiness = readiness.with(Readiness::READABLE);
        }
        if read_over {
            readiness = readiness.with(Readiness::READ_CLOSED);
        }
        let write_over = self.write_shut || is_closed;
        if write_over || self.tcp().can_send() {
            readiness = readiness.with(Readiness::WRITABLE);
        } else {
            self.wants_room = true;
        }
        if read_over && write_over {
            readiness = readiness.with(Readiness::CLOSED);
        }
        readiness
    }
}

/// The silence after which smoltcp gives up, by what we wait for. Only while we wait: an idle connection may last for
/// ever, and smoltcp counts from the peer's last packet.
fn timeout(socket: &Socket) -> Option<Duration> {
    match socket.state() {
        State::Established | State::CloseWait if socket.send_queue() > 0 => Some(DATA_TIMEOUT),
        // Nine probes without an answer, as Linux counts.
        State::Established => socket.keep_alive().map(|interval| interval * 10),
        State::SynSent => Some(CONNECT_TIMEOUT),
        State::SynReceived => Some(HANDSHAKE_TIMEOUT),
        _ => None,
    }
}

fn buffer(bytes: usize) -> Result<Vec<u8>, NetError> {
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(bytes).map_err(|_| NetError::Exhausted)?;
    buffer.resize(bytes, 0);
    Ok(buffer)
}
