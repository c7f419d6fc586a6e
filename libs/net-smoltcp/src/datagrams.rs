//! What callers do with datagram sockets.

use crate::engine::Core;
use crate::links::{Route, Via};
use crate::outbox::Outcome;
use crate::packet::UDP;
use crate::slot::{Body, Slot, Socket};
use crate::table::Key;
use core::net::{IpAddr, SocketAddr};
use kit_iface_net::{NetError, Readiness};
use kit_iface_netdev::NetDevice;
use kit_util_net::address::{any, destination, shown};
use smoltcp::time::{Duration, Instant};

impl<D: NetDevice> Core<D> {
    /// See `Net::connect`, for datagrams. A peer with port 0 dissolves the association.
    pub fn connect_datagram(&mut self, socket: Socket, peer: SocketAddr) -> Result<(), NetError> {
        let slot = self.slots.named(socket)?;
        let (family, bound) = (slot.family, slot.bound);
        let peer = (peer.port() != 0).then(|| destination(peer));
        if let Some(peer) = peer {
            match self.links.route(peer.ip()) {
                Route::None => return Err(NetError::Unreachable),
                // The one thing that connecting shows to the outside: which of our addresses is used.
                Route::Via(_, source) if bound.is_none() => self.bind(socket, shown_to(family, source))?,
                _ if bound.is_none() => self.bind(socket, SocketAddr::new(any(family), 0))?,
                _ => {}
            }
        }
        if let Body::Datagram(datagram) = &mut self.slots.named(socket)?.body {
            datagram.peer = peer;
        }
        Ok(())
    }

    /// See `Net::send`, for datagrams.
    pub fn send_datagram(
        &mut self,
        socket: Socket,
        bytes: &[u8],
        to: Option<SocketAddr>,
        now: Instant,
    ) -> Result<usize, NetError> {
        let slot = self.slots.named(socket)?;
        let Slot { family, bound, options, body: Body::Datagram(datagram), error, .. } = slot else {
            return Err(NetError::Invalid);
        };
        if let Some(error) = error.take() {
            return Err(error);
        }
        if datagram.write_shut {
            return Err(NetError::Closed);
        }
        let to = destination(to.or(datagram.peer).ok_or(NetError::NoDestination)?);
        let (family, is_bound, may_broadcast) = (*family, bound.is_some(), options.broadcast);
        if to.port() == 0 || (!may_broadcast && self.links.is_broadcast(to.ip())) {
            return Err(NetError::Invalid);
        }
        let route = self.links.route(to.ip());
        if let Route::Via(via, _) = route
            && bytes.len() > self.links.datagram_bytes(via, to.ip())
        {
            return Err(NetError::TooLarge);
        }
        if route == Route::None {
            return Err(NetError::Unreachable);
        }
        if !is_bound {
            self.bind(socket, SocketAddr::new(any(family), 0))?;
        }
        match self.dispatch(socket.index, bytes, to, route, now)? {
            Outcome::Sent => {}
            outcome => self.keep(socket.index, bytes, to, outcome, now)?,
        }
        Ok(bytes.len())
    }

    /// One attempt to send.
    fn dispatch(
        &mut self,
        index: u32,
        bytes: &[u8],
        to: SocketAddr,
        route: Route,
        now: Instant,
    ) -> Result<Outcome, NetError> {
        let slot = self.slots.get(index).ok_or(NetError::Invalid)?;
        let (bound, hop_limit) = (slot.bound.ok_or(NetError::Invalid)?, slot.options.hop_limit);
        let (via, source) = match route {
            Route::Via(via, source) => (via, source),
            Route::Later => return Ok(Outcome::Unresolved),
            Route::None => return Err(NetError::Unreachable),
        };
        let ip = if bound.ip().is_unspecified() || bound.ip().is_multicast() { source } else { bound.ip() };
        let from = SocketAddr::new(ip, bound.port());
        if from.is_ipv4() != to.is_ipv4() {
            return Err(NetError::Unreachable);
        }
        if via == Via::Device {
            return Ok(self.links.send_datagram(now, from, to, hop_limit, bytes));
        }
        if !self.deliver(to, from, bytes, false)
            && let Some(slot) = self.slots.get(index)
            && let Body::Datagram(datagram) = &slot.body
            && datagram.peer == Some(to)
        {
            // What an ICMP "port unreachable" would tell a connected socket.
            slot.error = Some(NetError::Refused);
            self.tell(index, Readiness::ERROR.with(Readiness::READABLE).with(Readiness::WRITABLE));
        }
        Ok(Outcome::Sent)
    }

    fn keep(
        &mut self,
        index: u32,
        bytes: &[u8],
        to: SocketAddr,
        outcome: Outcome,
        now: Instant,
    ) -> Result<(), NetError> {
        let slot = self.slots.get(index).ok_or(NetError::Invalid)?;
        let Body::Datagram(datagram) = &mut slot.body else { return Err(NetError::Invalid) };
        datagram.wait(to, bytes, now)?;
        self.timers.set(index, &mut slot.deadline, Some(now + Duration::from_secs(1)));
        self.park_datagram(index, to, outcome, now);
        Ok(())
    }

    fn park_datagram(&mut self, index: u32, to: SocketAddr, outcome: Outcome, now: Instant) {
        match outcome {
            Outcome::NoRoom => self.park_for_room(index),
            _ => self.park_for_neighbour(index, to, now),
        }
    }

    /// Tries again to send what waits.
    pub fn send_waiting(&mut self, index: u32, now: Instant) {
        loop {
            let Some(slot) = self.slots.get(index) else { return };
            let Body::Datagram(datagram) = &mut slot.body else { return };
            let Some(message) = datagram.next_waiting(now) else { break };
            let route = self.links.route(message.address.ip());
            match self.dispatch(index, &message.data, message.address, route, now) {
                // Sent, or never to be sent.
                Ok(Outcome::Sent) | Err(_) => continue,
                Ok(outcome) => {
                    let Some(slot) = self.slots.get(index) else { return };
                    let to = message.address;
                    if let Body::Datagram(datagram) = &mut slot.body {
                        datagram.keep_waiting(message);
                    }
                    self.timers.set(index, &mut slot.deadline, Some(now + Duration::from_secs(1)));
                    return self.park_datagram(index, to, outcome, now);
                }
            }
        }
        if let Some(Slot { body: Body::Datagram(datagram), .. }) = self.slots.get(index)
            && core::mem::take(&mut datagram.wants_room)
        {
            self.tell(index, Readiness::WRITABLE);
        }
    }

    /// Gives a datagram to the socket it is meant for, or to all that want it if it is meant for everybody.
    /// Returns whether anybody is bound there.
    pub fn deliver(&mut self, local: SocketAddr, remote: SocketAddr, data: &[u8], everybody: bool) -> bool {
        let limit = self.config.udp_receive_bytes as usize;
        let mut best = None;
        for index in self.bound.find(Key::port(UDP, local.port())) {
            let Some(slot) = self.slots.get(index) else { continue };
            let Some(rank) = rank(slot, local, remote, everybody) else { continue };
            if everybody {
                if let Body::Datagram(datagram) = &mut slot.body
                    && datagram.deliver(remote, data, limit)
                {
                    slot.tell(Readiness::READABLE);
                }
                best = Some((0, index));
            } else if best.is_none_or(|(other, _)| rank > other) {
                best = Some((rank, index));
            }
        }
        let Some((_, index)) = best else { return false };
        if !everybody
            && let Some(Slot { body: Body::Datagram(datagram), .. }) = self.slots.get(index)
            && datagram.deliver(remote, data, limit)
        {
            self.tell(index, Readiness::READABLE);
        }
        true
    }
}

/// How well a socket fits a datagram: a connected one beats one bound to the address, which beats one bound to any.
fn rank(slot: &Slot, local: SocketAddr, remote: SocketAddr, everybody: bool) -> Option<u8> {
    let Slot { bound: Some(bound), options, body: Body::Datagram(datagram), .. } = slot else { return None };
    let by_address = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => local.is_ipv4().then_some(0),
        IpAddr::V6(ip) if ip.is_unspecified() => (local.is_ipv6() || !options.only_v6).then_some(0),
        ip if ip == local.ip() => Some(1),
        _ if everybody => Some(0),
        _ => None,
    }?;
    match datagram.peer {
        None => Some(by_address),
        Some(peer) => (peer == remote).then_some(by_address + 2),
    }
}

/// A local address with a free port, as a socket of `family` would write it.
fn shown_to(family: kit_iface_net::Family, source: IpAddr) -> SocketAddr {
    shown(family, SocketAddr::new(source, 0))
}
