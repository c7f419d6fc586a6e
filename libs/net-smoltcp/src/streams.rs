//! What callers do with streams: bind aside, everything between `listen` and `close`.

use crate::engine::Core;
use crate::links::{Route, Via};
use crate::packet::TCP;
use crate::settle::ENDED;
use crate::slot::{Body, Slot, Socket};
use crate::stream::{CONNECT_TIMEOUT, Connection, Listener, ORPHAN_TIMEOUT};
use crate::table::Key;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::SocketAddr;
use kit_iface_net::{NetError, Observer, Readiness, Shutdown};
use kit_iface_netdev::NetDevice;
use kit_util_net::address::{any, destination};
use smoltcp::socket::tcp::State;
use smoltcp::time::Instant;

impl<D: NetDevice> Core<D> {
    /// See `Net::listen`.
    pub fn listen(&mut self, socket: Socket, backlog: usize) -> Result<(), NetError> {
        let backlog = backlog.max(1);
        let slot = self.slots.named(socket)?;
        let family = slot.family;
        match &mut slot.body {
            Body::Listener(listener) => {
                listener.backlog = backlog;
                return Ok(());
            }
            Body::Idle => {}
            _ => return Err(NetError::Invalid),
        }
        if slot.bound.is_none() {
            self.bind(socket, SocketAddr::new(any(family), 0))?;
        }
        let slot = self.slots.named(socket)?;
        slot.body = Body::Listener(Listener { backlog, opening: 0, ready: VecDeque::new() });
        Ok(())
    }

    /// A SYN for nobody yet: makes the connection that will answer it, if somebody listens there. `Err` if
    /// somebody does and has no room.
    pub fn open_child(&mut self, via: Via, local: SocketAddr, remote: SocketAddr) -> Result<Option<u32>, ()> {
        let Some(parent) = self.listener_for(local) else { return Ok(None) };
        let Some(slot) = self.slots.get(parent) else { return Ok(None) };
        let Body::Listener(listener) = &mut slot.body else { return Ok(None) };
        if listener.opening + listener.ready.len() >= listener.backlog {
            return Err(());
        }
        let (family, options) = (slot.family, slot.options);
        let mut connection = Connection::new(via, local, remote, &options).map_err(|_| ())?;
        connection.tcp().listen(local).map_err(|_| ())?;
        connection.parent = Some(parent);
        let child = Slot { options, ..self.new_slot(family, None, Body::Connection(connection)) };
        let index = self.slots.insert(child).map_err(|_| ())?.index;
        self.connected.insert(index, Key::connection(local, remote));
        if let Some(Slot { body: Body::Listener(listener), .. }) = self.slots.get(parent) {
            listener.opening += 1;
        }
        Ok(Some(index))
    }

    /// Who listens at `local`: one bound to exactly that address before one bound to any.
    fn listener_for(&mut self, local: SocketAddr) -> Option<u32> {
        let mut best = None;
        for index in self.bound.find(Key::port(TCP, local.port())) {
            let Some(slot) = self.slots.get(index) else { continue };
            if !matches!(slot.body, Body::Listener(_)) {
                continue;
            }
            match slot.bound {
                Some(bound) if bound.ip() == local.ip() => return Some(index),
                Some(bound)
                    if bound.ip().is_unspecified()
                        && (bound.is_ipv4() == local.is_ipv4()
                            || (bound.is_ipv6() && !slot.options.only_v6)) =>
                {
                    best = Some(index);
                }
                _ => {}
            }
        }
        best
    }

    /// See `Net::accept`.
    pub fn accept(&mut self, socket: Socket, observer: Observer) -> Result<(Socket, SocketAddr), NetError> {
        let Body::Listener(listener) = &mut self.slots.named(socket)?.body else {
            return Err(NetError::Invalid);
        };
        let index = listener.ready.pop_front().ok_or(NetError::WouldBlock)?;
        let name = self.slots.name(index);
        let slot = self.slots.named(name)?;
        let Body::Connection(connection) = &mut slot.body else { return Err(NetError::Aborted) };
        connection.parent = None;
        slot.observer = Some(observer);
        Ok((name, connection.peer))
    }

    /// See `Net::connect`, for streams.
    pub fn connect_stream(&mut self, socket: Socket, peer: SocketAddr, now: Instant) -> Result<(), NetError> {
        let slot = self.slots.named(socket)?;
        match &slot.body {
            Body::Idle => {}
            Body::Waiting(_) => return Err(NetError::AlreadyConnecting),
            Body::Connection(connection) => {
                return Err(match connection.state {
                    State::SynSent | State::SynReceived => NetError::AlreadyConnecting,
                    _ => NetError::AlreadyConnected,
                });
            }
            _ => return Err(NetError::Invalid),
        }
        slot.error = None;
        let peer = destination(peer);
        if peer.port() == 0 {
            return Err(NetError::AddressNotAvailable);
        }
        match self.links.route(peer.ip()) {
            Route::None => Err(NetError::Unreachable),
            Route::Later => {
                let slot = self.slots.named(socket)?;
                slot.body = Body::Waiting(peer);
                self.timers.set(socket.index, &mut slot.deadline, Some(now + CONNECT_TIMEOUT));
                Err(NetError::InProgress)
            }
            Route::Via(via, source) => {
                self.start_connection(socket.index, via, source, peer)?;
                self.settle(socket.index, now, true);
                // On loopback the peer may have answered already.
                self.drain_loopback(now);
                match &self.slots.named(socket)?.body {
                    Body::Connection(connection) if connection.state != State::SynSent => Ok(()),
                    _ => Err(NetError::InProgress),
                }
            }
        }
    }

    fn start_connection(
        &mut self,
        index: u32,
        via: Via,
        source: core::net::IpAddr,
        peer: SocketAddr,
    ) -> Result<(), NetError> {
        let slot = self.slots.get(index).ok_or(NetError::Invalid)?;
        let (options, bound) = (slot.options, slot.bound);
        let ip = bound.map(|bound| bound.ip()).filter(|ip| !ip.is_unspecified()).unwrap_or(source);
        if ip.is_ipv4() != peer.is_ipv4() {
            return Err(NetError::AddressNotAvailable);
        }
        let local = match bound {
            Some(bound) => SocketAddr::new(ip, bound.port()),
            None => self.free_local(ip, peer)?,
        };
        if self.connected.find(Key::connection(local, peer)).next().is_some() {
            return Err(NetError::AddressInUse);
        }
        let mut connection = Connection::new(via, local, peer, &options)?;
        let context = self.links.context(via).ok_or(NetError::Unreachable)?;
        connection.tcp().connect(context, peer, local).map_err(|_| NetError::AddressNotAvailable)?;
        connection.state = State::SynSent;
        self.connected.insert(index, Key::connection(local, peer));
        let slot = self.slots.get(index).ok_or(NetError::Invalid)?;
        slot.body = Body::Connection(connection);
        Ok(())
    }

    /// Goes on with a connection that had to wait for the network.
    pub fn resume_connect(&mut self, index: u32, peer: SocketAddr, now: Instant) {
        let error = match self.links.route(peer.ip()) {
            Route::Later => return,
            Route::None => NetError::Unreachable,
            Route::Via(via, source) => match self.start_connection(index, via, source, peer) {
                Ok(()) => return self.settle(index, now, true),
                Err(error) => error,
            },
        };
        if let Some(slot) = self.slots.get(index) {
            slot.body = Body::Idle;
            slot.error = Some(error);
        }
        self.tell(index, ENDED.with(Readiness::ERROR));
    }

    /// A connection attempt came to nothing: the socket is as it was, plus an error.
    pub fn connect_failed(&mut self, index: u32, events: Readiness) {
        self.connected.remove(index);
        if let Some(slot) = self.slots.get(index) {
            slot.body = Body::Idle;
        }
        self.tell(index, events);
    }

    /// See `Net::shutdown`.
    pub fn shutdown(&mut self, socket: Socket, how: Shutdown, now: Instant) -> Result<(), NetError> {
        let (read, write) = (how != Shutdown::Write, how != Shutdown::Read);
        let slot = self.slots.named(socket)?;
        let mut events = Readiness::default();
        match &mut slot.body {
            Body::Connection(connection) if connection.state != State::SynSent => {
                connection.read_shut |= read;
                if write && !core::mem::replace(&mut connection.write_shut, true) {
                    connection.tcp().close();
                    events = events.with(Readiness::WRITABLE);
                }
                if connection.read_shut || connection.has_ended {
                    events = events.with(Readiness::READABLE).with(Readiness::READ_CLOSED);
                    if connection.write_shut {
                        events = events.with(Readiness::CLOSED);
                    }
                }
                self.settle(socket.index, now, false);
            }
            Body::Datagram(datagram) if datagram.peer.is_some() => {
                datagram.read_shut |= read;
                datagram.write_shut |= write;
                events = Readiness::READABLE.with(Readiness::WRITABLE);
            }
            _ => return Err(NetError::NotConnected),
        }
        self.drain_loopback(now);
        self.tell(socket.index, events);
        Ok(())
    }

    /// See `Net::close`.
    pub fn close(&mut self, socket: Socket, now: Instant) {
        let Ok(slot) = self.slots.named(socket) else { return };
        slot.observer = None;
        match &slot.body {
            Body::Connection(_) => self.orphan(socket.index, false, now),
            Body::Listener(_) => {
                self.discard(socket.index);
                let children: Vec<u32> = self
                    .slots
                    .iter()
                    .filter(|(_, slot)| match &slot.body {
                        Body::Connection(connection) => connection.parent == Some(socket.index),
                        _ => false,
                    })
                    .map(|(index, _)| index)
                    .collect();
                children.into_iter().for_each(|child| self.orphan(child, true, now));
            }
            _ => self.discard(socket.index),
        }
        self.drain_loopback(now);
    }

    /// Lets a connection end by itself, or at once if nobody will read what it holds (RFC 2525, 2.17).
    fn orphan(&mut self, index: u32, at_once: bool, now: Instant) {
        self.bound.remove(index);
        let Some(Slot { body: Body::Connection(connection), error, .. }) = self.slots.get(index) else {
            return;
        };
        *error = None;
        connection.parent = None;
        connection.orphan_until = Some(now + ORPHAN_TIMEOUT);
        let has_unread = connection.tcp().can_recv();
        match connection.state {
            State::Closed => return self.discard(index),
            State::TimeWait => return self.enter_time_wait(index),
            // Nobody has answered yet, so there is nobody to say goodbye to.
            State::SynSent => return self.discard(index),
            _ if at_once || has_unread => connection.tcp().abort(),
            _ => connection.tcp().close(),
        }
        self.settle(index, now, true);
    }
}
