//! A network in memory: one machine that can only talk to itself, without packets, time or loss.
//!
//! For tests of what is built on [`Net`]. It keeps every promise of the trait (the slot's suite runs on it), with
//! small buffers, so that refusals and wake-ups happen early and often.

pub(crate) extern crate alloc;

mod spin;
mod state;
mod transfer;

use crate::{Family, Kind, Net, NetError, Observer, Readiness, Shutdown, SocketOption};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use spin::Spin;
use state::{Role, State};

/// See the module's description.
pub struct FakeNet {
    state: Spin<State>,
}

impl FakeNet {
    /// A machine without sockets.
    pub const fn new() -> Self {
        Self { state: Spin::new(State::new()) }
    }
}

impl Net for FakeNet {
    type Socket = usize;

    const STREAMS: bool = true;

    fn open(&self, kind: Kind, family: Family, observer: Observer) -> Result<usize, NetError> {
        let role = match kind {
            Kind::Stream => Role::Idle,
            Kind::Datagram => Role::Datagram(Default::default()),
        };
        Ok(self.state.with(|state| state.insert(family, Some(observer), role)))
    }

    fn close(&self, socket: usize) {
        self.state.with(|state| state.close(socket));
    }

    fn bind(&self, socket: usize, address: SocketAddr) -> Result<(), NetError> {
        self.state.with(|state| state.bind(socket, address))
    }

    fn listen(&self, socket: usize, backlog: usize) -> Result<(), NetError> {
        self.state.with(|state| state.listen(socket, backlog.max(1)))
    }

    fn accept(&self, socket: usize, observer: Observer) -> Result<(usize, SocketAddr), NetError> {
        self.state.with(|state| state.accept(socket, observer))
    }

    fn connect(&self, socket: usize, peer: SocketAddr) -> Result<(), NetError> {
        self.state.with(|state| state.connect(socket, peer))
    }

    fn send(&self, socket: usize, bytes: &[u8], to: Option<SocketAddr>) -> Result<usize, NetError> {
        self.state.with(|state| state.send(socket, bytes, to))
    }

    fn receive(&self, socket: usize, buffer: &mut [u8], peek: bool) -> Result<(usize, SocketAddr), NetError> {
        self.state.with(|state| state.receive(socket, buffer, peek))
    }

    fn shutdown(&self, socket: usize, how: Shutdown) -> Result<(), NetError> {
        self.state.with(|state| state.shutdown(socket, how))
    }

    fn readiness(&self, socket: usize) -> Readiness {
        self.state.with(|state| state.readiness(socket))
    }

    fn take_error(&self, socket: usize) -> Option<NetError> {
        self.state.with(|state| state.get(socket).ok()?.error.take())
    }

    fn local_address(&self, socket: usize) -> Result<SocketAddr, NetError> {
        self.state.with(|state| {
            let socket = state.get(socket)?;
            Ok(socket.shown(socket.local.unwrap_or(SocketAddr::new(socket.any(), 0))))
        })
    }

    fn peer_address(&self, socket: usize) -> Result<SocketAddr, NetError> {
        self.state.with(|state| {
            let socket = state.get(socket)?;
            let peer = match &socket.role {
                Role::Stream(stream) if stream.is_established => Some(stream.peer_address),
                Role::Datagram(datagram) => datagram.peer,
                _ => None,
            };
            Ok(socket.shown(peer.ok_or(NetError::NotConnected)?))
        })
    }

    fn set_option(&self, socket: usize, option: SocketOption) -> Result<(), NetError> {
        self.state.with(|state| {
            let socket = state.get(socket)?;
            match option {
                SocketOption::OnlyV6(on) => socket.only_v6 = on,
                SocketOption::ReuseAddress(on) => socket.reuse_address = on,
                SocketOption::ReusePort(on) => socket.reuse_port = on,
                // The rest changes nothing where there are no packets.
                _ => {}
            }
            Ok(())
        })
    }

    fn resolve(&self, name: &str, found: &mut dyn FnMut(IpAddr)) -> Result<(), NetError> {
        match name.parse() {
            Ok(address) => found(address),
            Err(_) if name == "localhost" => {
                found(Ipv4Addr::LOCALHOST.into());
                found(Ipv6Addr::LOCALHOST.into());
            }
            Err(_) => return Err(NetError::NameNotFound),
        }
        Ok(())
    }
}
