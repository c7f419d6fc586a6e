//! Datagrams out: one place for one datagram, shared by all sockets, for smoltcp knows the neighbours.

use crate::links::{Links, Via};
use alloc::vec;
use alloc::vec::Vec;
use core::net::SocketAddr;
use kit_iface_netdev::NetDevice;
use smoltcp::iface::{SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::udp::{self, PacketBuffer, PacketMetadata, UdpMetadata};
use smoltcp::time::Instant;
use smoltcp::wire::IpEndpoint;

/// What became of a datagram.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    Sent,
    /// The device has no room.
    NoRoom,
    /// The next hop is being asked for its address.
    Unresolved,
}

impl<D: NetDevice> Links<D> {
    /// Sends a datagram over the device, or leaves no trace of it.
    pub fn send_datagram(
        &mut self,
        now: Instant,
        from: SocketAddr,
        to: SocketAddr,
        hop_limit: Option<u8>,
        bytes: &[u8],
    ) -> Outcome {
        let Some(device) = &mut self.ethernet else { return Outcome::Unresolved };
        let mut outbox = device.outbox.take().unwrap_or_else(|| outbox(device.limits.frame_bytes));
        let socket = outbox.get_mut::<udp::Socket>(SocketHandle::default());
        socket.set_hop_limit(hop_limit);
        let metadata = UdpMetadata { local_address: Some(from.ip().into()), ..IpEndpoint::from(to).into() };
        if socket.bind(from).is_err() || socket.send_slice(bytes, metadata).is_err() {
            return Outcome::NoRoom;
        }
        let sent = self.egress(Via::Device, now, &mut outbox);
        let socket = outbox.get_mut::<udp::Socket>(SocketHandle::default());
        let is_sent = socket.can_send();
        socket.close();
        // smoltcp would keep the whole outbox waiting for one silent neighbour: only a fresh one is kept.
        if is_sent && let Some(device) = &mut self.ethernet {
            device.outbox = Some(outbox);
        }
        match (is_sent, sent.refused) {
            (true, _) => Outcome::Sent,
            (false, true) => Outcome::NoRoom,
            (false, false) => Outcome::Unresolved,
        }
    }
}

/// Room for one datagram.
fn outbox(bytes: usize) -> SocketSet<'static> {
    let nothing = PacketBuffer::new(Vec::new(), Vec::new());
    let one = PacketBuffer::new(vec![PacketMetadata::EMPTY], vec![0; bytes]);
    let mut set = SocketSet::new(vec![SocketStorage::EMPTY]);
    set.add(udp::Socket::new(nothing, one));
    set
}
