//! Datagrams out: on the wire at once, kept until the next hop is known, or straight to another socket of ours.

use crate::addresses::{Hop, Route};
use crate::endpoint::{Endpoint, Ip, is_any, is_group};
use crate::engine::Engine;
use crate::link::Mac;
use crate::neighbours::Found;
use crate::pool::{Index, PAYLOAD_BYTES};
use crate::sockets::Socket;
use kit_iface_net::{NetError, Readiness};
use kit_iface_netdev::NetDevice;

impl<D: NetDevice, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize>
    Engine<D, SOCKETS, DATAGRAMS, NEIGHBOURS>
{
    /// See `Net::connect`. A peer with port 0 dissolves the association.
    pub fn connect(&mut self, socket: Socket, peer: Endpoint) -> Result<(), NetError> {
        if peer.port == 0 {
            self.sockets.named(socket)?.peer = Endpoint::NONE;
            return Ok(());
        }
        let source = match self.addresses.route(peer.ip) {
            Route::None => return Err(NetError::Unreachable),
            Route::Own(source) | Route::Device(source, _) => Some(source),
            Route::Later => None,
        };
        let slot = self.sockets.named(socket)?;
        if slot.bound.port == 0 {
            // The one thing that connecting shows to the outside: which of our addresses is used.
            let ip = source.unwrap_or(slot.any().ip);
            self.sockets.bind(socket, Endpoint { ip, port: 0 }, &mut self.random)?;
        }
        let slot = self.sockets.named(socket)?;
        slot.peer = peer;
        slot.is_refused = false;
        Ok(())
    }

    /// See `Net::send`.
    pub fn send(
        &mut self,
        socket: Socket,
        payload: &[u8],
        to: Option<Endpoint>,
        now: u64,
    ) -> Result<usize, NetError> {
        let slot = self.sockets.named(socket)?;
        if let Some(error) = slot.take_error() {
            return Err(error);
        }
        if slot.write_shut {
            return Err(NetError::Closed);
        }
        let to = to.unwrap_or(slot.peer);
        if to == Endpoint::NONE {
            return Err(NetError::NoDestination);
        }
        let may_broadcast = slot.options.may_broadcast;
        let (is_bound, any) = (slot.bound.port != 0, slot.any());
        if to.port == 0 || (!may_broadcast && self.addresses.is_broadcast(to.ip)) {
            return Err(NetError::Invalid);
        }
        let route = self.addresses.route(to.ip);
        let most = match route {
            Route::Device(..) => self.link.payload_bytes(to.ip).min(PAYLOAD_BYTES),
            _ => PAYLOAD_BYTES,
        };
        if payload.len() > most {
            return Err(NetError::TooLarge);
        }
        if !is_bound {
            self.sockets.bind(socket, any, &mut self.random)?;
        }
        let slot = self.sockets.named(socket)?;
        let (bound, hop_limit) = (slot.bound, slot.options.hop_limit);
        let from = |source: Ip| match is_any(bound.ip) || is_group(bound.ip) {
            true => Endpoint { ip: source, ..bound },
            false => bound,
        };
        match route {
            Route::None => Err(NetError::Unreachable),
            Route::Later => self.refuse(socket),
            Route::Own(source) => {
                self.send_to_ourselves(socket, from(source), to, payload);
                Ok(payload.len())
            }
            Route::Device(source, hop) => {
                let from = from(source);
                if crate::endpoint::is_v4(from.ip) != crate::endpoint::is_v4(to.ip) {
                    return Err(NetError::Unreachable);
                }
                let is_done = match self.mac_of(hop, now) {
                    Some(mac) => self.send_now(mac, (from, to), hop_limit, payload),
                    None => self.keep(hop, from, to, hop_limit, payload),
                };
                if is_done { Ok(payload.len()) } else { self.refuse(socket) }
            }
        }
    }

    /// Not now; the observer will be told.
    fn refuse(&mut self, socket: Socket) -> Result<usize, NetError> {
        self.sockets.named(socket)?.wants_room = true;
        Err(NetError::WouldBlock)
    }

    /// Where a packet to `hop` goes. `None`: it is to be kept, and somebody has been asked.
    fn mac_of(&mut self, hop: Hop, now: u64) -> Option<Mac> {
        let ip = match hop {
            Hop::Group(mac) => return Some(mac),
            Hop::Neighbour(ip) => ip,
        };
        let (found, lost) = self.neighbours.look_up(ip, now);
        self.lose(lost);
        match found {
            Found::At(mac) => Some(mac),
            Found::Doubtful(mac) => {
                self.ask(ip, Some(mac));
                Some(mac)
            }
            Found::Ask => {
                self.ask(ip, None);
                self.wants_worker = true;
                None
            }
            Found::Asked => None,
        }
    }

    fn send_now(&mut self, mac: Mac, ends: (Endpoint, Endpoint), hop_limit: u8, payload: &[u8]) -> bool {
        let is_sent = self.link.send_datagram(mac, ends, hop_limit, payload);
        if !is_sent {
            self.is_blocked = true;
            self.wants_worker = true;
        }
        is_sent
    }

    /// Keeps a datagram until its next hop is known.
    fn keep(&mut self, hop: Hop, from: Endpoint, to: Endpoint, hop_limit: u8, payload: &[u8]) -> bool {
        let Hop::Neighbour(ip) = hop else { return false };
        let Some(queue) = self.neighbours.waiting(ip) else { return false };
        let Some(buffer) = self.pool.append(queue) else { return false };
        (buffer.local, buffer.remote, buffer.hop_limit) = (from, to, hop_limit);
        buffer.fill(payload);
        true
    }

    /// Sends a datagram that was kept; lost if the device has no room for it.
    pub fn send_kept(&mut self, index: Index, mac: Mac) {
        if let Some(kept) = self.pool.get(index) {
            self.link.send_datagram(mac, (kept.local, kept.remote), kept.hop_limit, kept.payload());
        }
    }

    fn send_to_ourselves(&mut self, socket: Socket, from: Endpoint, to: Endpoint, payload: &[u8]) {
        if self.deliver(to, from, payload) {
            return;
        }
        if let Ok(slot) = self.sockets.named(socket)
            && slot.peer == to
        {
            // What an ICMP "port unreachable" would tell a connected socket.
            slot.is_refused = true;
            self.tell(socket.index(), Readiness::ERROR.with(Readiness::READABLE).with(Readiness::WRITABLE));
        }
    }
}
