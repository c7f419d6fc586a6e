//! The fake's sockets: opening, addresses, connecting, closing.

use super::alloc::collections::VecDeque;
use super::alloc::vec::Vec;
use crate::{Family, NetError, Observer, Readiness};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

pub(super) const ENDED: Readiness =
    Readiness(Readiness::READABLE.0 | Readiness::WRITABLE.0 | Readiness::READ_CLOSED.0 | Readiness::CLOSED.0);

/// One socket.
pub(super) struct Socket {
    pub family: Family,
    pub observer: Option<Observer>,
    /// IPv4-mapped addresses are kept as IPv4.
    pub local: Option<SocketAddr>,
    pub error: Option<NetError>,
    pub only_v6: bool,
    pub reuse_address: bool,
    pub reuse_port: bool,
    pub role: Role,
}

/// What a socket is at the moment.
pub(super) enum Role {
    Idle,
    Listener { backlog: usize, ready: VecDeque<usize>, waiting: VecDeque<usize> },
    Stream(Stream),
    Datagram(Datagram),
}

/// One end of a stream. Bytes lie with who will read them.
pub(super) struct Stream {
    /// The other end, while it exists.
    pub other: Option<usize>,
    pub peer_address: SocketAddr,
    pub is_established: bool,
    pub received: VecDeque<u8>,
    pub has_ended: bool,
    pub read_shut: bool,
    pub write_shut: bool,
    pub is_reset: bool,
}

/// A datagram socket.
#[derive(Default)]
pub(super) struct Datagram {
    pub peer: Option<SocketAddr>,
    pub received: VecDeque<(SocketAddr, Vec<u8>)>,
    pub is_shut: bool,
}

/// All sockets. Numbers are not used twice.
pub(super) struct State {
    sockets: Vec<Option<Socket>>,
    next_port: u16,
}

impl Socket {
    pub fn tell(&self, events: Readiness) {
        if let Some(Observer { function, data }) = self.observer {
            function(data, events);
        }
    }

    pub fn any(&self) -> IpAddr {
        match self.family {
            Family::V4 => Ipv4Addr::UNSPECIFIED.into(),
            Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
        }
    }

    pub fn shown(&self, address: SocketAddr) -> SocketAddr {
        match (self.family, address.ip()) {
            (Family::V6, IpAddr::V4(v4)) => SocketAddr::new(v4.to_ipv6_mapped().into(), address.port()),
            _ => address,
        }
    }

    fn is_datagram(&self) -> bool {
        matches!(self.role, Role::Datagram(_))
    }

    /// Whether something sent to `address` is for this socket.
    pub fn hears(&self, address: SocketAddr) -> bool {
        self.local.is_some_and(|local| {
            let covers = local.ip() == address.ip()
                || (local.ip().is_unspecified()
                    && (local.is_ipv4() == address.is_ipv4() || (local.is_ipv6() && !self.only_v6)));
            local.port() == address.port() && covers
        })
    }
}

fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

impl State {
    pub const fn new() -> Self {
        Self { sockets: Vec::new(), next_port: 49_152 }
    }

    pub fn insert(&mut self, family: Family, observer: Option<Observer>, role: Role) -> usize {
        let (local, error) = (None, None);
        let (only_v6, reuse_address, reuse_port) = (false, false, false);
        self.sockets.push(Some(Socket {
            family,
            observer,
            local,
            error,
            only_v6,
            reuse_address,
            reuse_port,
            role,
        }));
        self.sockets.len() - 1
    }

    pub fn get(&mut self, socket: usize) -> Result<&mut Socket, NetError> {
        self.sockets.get_mut(socket).and_then(Option::as_mut).ok_or(NetError::Invalid)
    }

    pub fn find(&self, wanted: impl Fn(&Socket) -> bool) -> Option<usize> {
        self.sockets.iter().position(|socket| socket.as_ref().is_some_and(&wanted))
    }

    pub fn stream(&mut self, socket: Option<usize>) -> Option<(&mut Stream, Option<Observer>)> {
        match self.get(socket?).ok()? {
            Socket { role: Role::Stream(stream), observer, .. } => Some((stream, *observer)),
            _ => None,
        }
    }

    pub fn bind(&mut self, socket: usize, address: SocketAddr) -> Result<(), NetError> {
        let this = self.get(socket)?;
        if this.local.is_some() {
            return Err(NetError::Invalid);
        }
        let mut address = plain(address);
        if !address.ip().is_unspecified() && !address.ip().is_loopback() {
            return Err(NetError::AddressNotAvailable);
        }
        let (is_datagram, only_v6) = (this.is_datagram(), this.only_v6);
        let (reuse_address, reuse_port) = (this.reuse_address, this.reuse_port);
        if address.port() == 0 {
            self.next_port += 1;
            address.set_port(self.next_port);
        }
        let is_taken = self.find(|other| {
            let either_listens = matches!(other.role, Role::Listener { .. });
            let may_share = (reuse_port && other.reuse_port)
                || (reuse_address && other.reuse_address && !either_listens)
                || matches!(other.role, Role::Stream(_));
            let overlaps = other.hears(address)
                || other.local.is_some_and(|local| {
                    local.port() == address.port()
                        && address.ip().is_unspecified()
                        && (local.is_ipv4() == address.is_ipv4() || (address.is_ipv6() && !only_v6))
                });
            other.is_datagram() == is_datagram && !may_share && overlaps
        });
        if is_taken.is_some() {
            return Err(NetError::AddressInUse);
        }
        self.get(socket)?.local = Some(address);
        Ok(())
    }

    /// Binds a socket that is not bound yet.
    pub fn bind_somewhere(&mut self, socket: usize) -> Result<(), NetError> {
        let this = self.get(socket)?;
        match this.local {
            Some(_) => Ok(()),
            None => {
                let any = SocketAddr::new(this.any(), 0);
                self.bind(socket, any)
            }
        }
    }

    pub fn listen(&mut self, socket: usize, backlog: usize) -> Result<(), NetError> {
        if !matches!(self.get(socket)?.role, Role::Idle) {
            return Err(NetError::Invalid);
        }
        self.bind_somewhere(socket)?;
        self.get(socket)?.role = Role::Listener { backlog, ready: VecDeque::new(), waiting: VecDeque::new() };
        Ok(())
    }

    pub fn accept(&mut self, socket: usize, observer: Observer) -> Result<(usize, SocketAddr), NetError> {
        let Socket { role: Role::Listener { ready, waiting, .. }, family, .. } = self.get(socket)? else {
            return Err(NetError::Invalid);
        };
        let (child, family) = (ready.pop_front().ok_or(NetError::WouldBlock)?, *family);
        let next = waiting.pop_front();
        let accepted = self.get(child)?;
        accepted.observer = Some(observer);
        let Role::Stream(Stream { peer_address, .. }) = accepted.role else { return Err(NetError::Aborted) };
        let peer = accepted.shown(peer_address);
        debug_assert!(accepted.family == family);
        if let Some(client) = next {
            self.establish(socket, client);
        }
        Ok((child, peer))
    }

    pub fn connect(&mut self, socket: usize, peer: SocketAddr) -> Result<(), NetError> {
        let this = self.get(socket)?;
        let peer = plain(this.shown(peer));
        match &mut this.role {
            Role::Datagram(datagram) => {
                datagram.peer = (peer.port() != 0).then_some(peer);
                self.bind_somewhere(socket)?;
                let local = self.get(socket)?.local;
                let specific = local.filter(|local| local.ip().is_unspecified());
                if let Some(local) = specific {
                    self.get(socket)?.local = Some(SocketAddr::new(peer.ip(), local.port()));
                }
                return Ok(());
            }
            Role::Idle => {}
            Role::Stream(Stream { is_established: false, .. }) => return Err(NetError::AlreadyConnecting),
            _ => return Err(NetError::AlreadyConnected),
        }
        if !peer.ip().is_loopback() {
            return Err(NetError::Unreachable);
        }
        self.bind_somewhere(socket)?;
        let listener = self.find(|other| matches!(other.role, Role::Listener { .. }) && other.hears(peer));
        let Some(listener) = listener else {
            let this = self.get(socket)?;
            this.error = Some(NetError::Refused);
            this.tell(ENDED.with(Readiness::ERROR));
            return Err(NetError::InProgress);
        };
        let this = self.get(socket)?;
        let port = this.local.map_or(0, |local| local.port());
        this.local = Some(SocketAddr::new(peer.ip(), port));
        this.role = Role::Stream(Stream::new(None, peer));
        let Role::Listener { backlog, ready, waiting } = &mut self.get(listener)?.role else {
            return Err(NetError::Invalid);
        };
        if ready.len() >= *backlog {
            waiting.push_back(socket);
        } else {
            self.establish(listener, socket);
        }
        Err(NetError::InProgress)
    }

    /// Gives a waiting client its connection.
    fn establish(&mut self, listener: usize, client: usize) {
        let Ok(Socket { family, .. }) = self.get(listener) else { return };
        let family = *family;
        let Ok(Socket { local: Some(local), role: Role::Stream(stream), .. }) = self.get(client) else {
            return;
        };
        let (client_address, server_address) = (*local, stream.peer_address);
        let child = self.insert(family, None, Role::Stream(Stream::new(Some(client), client_address)));
        if let Ok(socket) = self.get(child) {
            socket.local = Some(server_address);
        }
        for (socket, other) in [(client, child), (child, client)] {
            if let Some((stream, _)) = self.stream(Some(socket)) {
                (stream.other, stream.is_established) = (Some(other), true);
            }
        }
        if let Ok(socket) = self.get(client) {
            socket.tell(Readiness::WRITABLE);
        }
        if let Ok(socket) = self.get(listener)
            && let Role::Listener { ready, .. } = &mut socket.role
        {
            ready.push_back(child);
            socket.tell(Readiness::READABLE);
        }
    }

    pub fn close(&mut self, socket: usize) {
        let Some(closed) = self.sockets.get_mut(socket).and_then(Option::take) else { return };
        match closed.role {
            Role::Listener { ready, waiting, .. } => {
                for child in ready {
                    if let Some((stream, _)) = self.stream(Some(child)) {
                        let other = stream.other;
                        self.reset(other);
                    }
                    self.sockets[child] = None;
                }
                for client in waiting {
                    self.reset(Some(client));
                }
            }
            Role::Stream(stream) if !stream.received.is_empty() => self.reset(stream.other),
            Role::Stream(stream) => {
                if let Some((other, observer)) = self.stream(stream.other) {
                    other.other = None;
                    other.has_ended = true;
                    let over = if other.write_shut { Readiness::CLOSED } else { Readiness::default() };
                    tell(observer, Readiness::READABLE.with(Readiness::READ_CLOSED).with(over));
                }
            }
            _ => {}
        }
    }

    /// Ends a stream by force.
    pub fn reset(&mut self, socket: Option<usize>) {
        let Some(socket) = socket.and_then(|socket| self.get(socket).ok()) else { return };
        if let Role::Stream(stream) = &mut socket.role {
            (stream.other, stream.is_reset) = (None, true);
            socket.error = Some(NetError::Reset);
            socket.tell(ENDED.with(Readiness::ERROR));
        }
    }
}

impl Stream {
    fn new(other: Option<usize>, peer_address: SocketAddr) -> Self {
        Self {
            other,
            peer_address,
            is_established: false,
            received: VecDeque::new(),
            has_ended: false,
            read_shut: false,
            write_shut: false,
            is_reset: false,
        }
    }
}

pub(super) fn tell(observer: Option<Observer>, events: Readiness) {
    if let Some(Observer { function, data }) = observer {
        function(data, events);
    }
}
