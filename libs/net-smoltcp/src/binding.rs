//! Local addresses: binding to them, conflicts, and free ports.

use crate::engine::Core;
use crate::packet::{TCP, UDP};
use crate::slot::{Body, Slot, Socket};
use crate::table::Key;
use core::net::{IpAddr, SocketAddr};
use kit_iface_net::{Kind, NetError};
use kit_iface_netdev::NetDevice;
use kit_util_net::address::{overlap, taken_in};

/// RFC 6335: the ports that nobody is assigned.
const EPHEMERAL: core::ops::RangeInclusive<u16> = 49_152..=65_535;

impl<D: NetDevice> Core<D> {
    /// See `Net::bind`. Port 0 picks a free one.
    pub fn bind(&mut self, socket: Socket, address: SocketAddr) -> Result<(), NetError> {
        let slot = self.slots.named(socket)?;
        if slot.bound.is_some() || !matches!(slot.body, Body::Idle | Body::Datagram(_)) {
            return Err(NetError::Invalid);
        }
        let address = taken_in(slot.family, slot.options.only_v6, address)?;
        let kind = slot.kind();
        let ip = address.ip();
        let is_shared = kind == Kind::Datagram && (ip.is_multicast() || self.links.is_broadcast(ip));
        if !(ip.is_unspecified() || is_shared || self.links.is_own(ip)) {
            return Err(NetError::AddressNotAvailable);
        }
        let port = match address.port() {
            0 => self.free_port(|core, port| !core.conflicts(socket.index, SocketAddr::new(ip, port)))?,
            port if self.conflicts(socket.index, address) => {
                let _ = port;
                return Err(NetError::AddressInUse);
            }
            port => port,
        };
        self.slots.named(socket)?.bound = Some(SocketAddr::new(ip, port));
        self.bound.insert(socket.index, Key::port(protocol(kind), port));
        Ok(())
    }

    /// A local address for a connection to `peer`, from `ip`.
    pub fn free_local(&mut self, ip: IpAddr, peer: SocketAddr) -> Result<SocketAddr, NetError> {
        let port = self.free_port(|core, port| {
            let key = Key::connection(SocketAddr::new(ip, port), peer);
            core.connected.find(key).next().is_none()
                && core.bound.find(Key::port(TCP, port)).next().is_none()
        })?;
        Ok(SocketAddr::new(ip, port))
    }

    /// The first port from a random one on that `is_free` (RFC 6056, algorithm 1).
    fn free_port(&mut self, is_free: impl Fn(&mut Self, u16) -> bool) -> Result<u16, NetError> {
        let count = EPHEMERAL.len() as u64;
        let first = self.random.next() % count;
        (0..count)
            .map(|step| EPHEMERAL.start() + ((first + step) % count) as u16)
            .find(|port| is_free(self, *port))
            .ok_or(NetError::AddressInUse)
    }

    /// Whether somebody else's binding forbids that socket `index` binds to `address`.
    fn conflicts(&mut self, index: u32, address: SocketAddr) -> bool {
        let Some(Slot { options, body, .. }) = self.slots.get(index) else { return true };
        let (mine, is_stream) = (*options, !matches!(body, Body::Datagram(_)));
        let protocol = if is_stream { TCP } else { UDP };
        for other in self.bound.find(Key::port(protocol, address.port())) {
            let Some(Slot { options, body, bound: Some(bound), .. }) = self.slots.get(other) else {
                continue;
            };
            let either_listens = is_stream && matches!(body, Body::Listener(_));
            let may_share = (mine.reuse_port && options.reuse_port)
                || (mine.reuse_address && options.reuse_address && !either_listens);
            if !may_share && overlap(address.ip(), mine.only_v6, bound.ip(), options.only_v6) {
                return true;
            }
        }
        // Without SO_REUSEADDR, a connection that is still around keeps its port.
        is_stream
            && !mine.reuse_address
            && self.slots.iter().any(|(_, slot)| match &slot.body {
                Body::Connection(connection) => {
                    connection.local.port() == address.port()
                        && (address.ip().is_unspecified() || address.ip() == connection.local.ip())
                }
                _ => false,
            })
    }
}

/// The protocol number under which sockets of `kind` are bound.
pub(crate) fn protocol(kind: Kind) -> u8 {
    match kind {
        Kind::Stream => TCP,
        Kind::Datagram => UDP,
    }
}
