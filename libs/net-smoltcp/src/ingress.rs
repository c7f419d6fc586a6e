//! Frames in: whose is it, and is it whole?
//!
//! A segment finds its connection by hash and is shown to smoltcp with that connection alone. One that opens a
//! connection finds a listener, and makes the connection that answers it. Datagrams go straight into the receiver's
//! queue; what nobody wants, smoltcp answers.

use crate::checksum;
use crate::datagram;
use crate::engine::Core;
use crate::links::Via;
use crate::packet::{self, Ends, Opens, Packet, UDP};
use crate::slot::{Body, Slot};
use crate::stream::{Connection, ORPHAN_TIMEOUT};
use crate::table::Key;
use alloc::vec::Vec;
use kit_iface_net::{NetError, Readiness};
use kit_iface_netdev::NetDevice;
use smoltcp::iface::SocketSet;
use smoltcp::socket::tcp::State;
use smoltcp::time::Instant;

impl<D: NetDevice> Core<D> {
    /// Digests frames that the device has received, `most` at a time. Returns how many there were.
    pub fn receive_frames(&mut self, now: Instant, most: u32) -> u32 {
        let (device, mut count) = (self.device, 0);
        while count < most && device.receive(|frame| self.frame(now, frame)).is_some() {
            count += 1;
        }
        count
    }

    /// Delivers what this machine has sent to itself.
    pub fn drain_loopback(&mut self, now: Instant) {
        while let Some(packet) = self.links.next_loopback() {
            if let Packet::Tcp(ends, opens) = packet::at(&packet, 0) {
                self.segment(now, Via::Loopback, &packet, ends, opens);
            }
        }
    }

    /// One Ethernet frame from the device. What fails its checksum has never arrived.
    fn frame(&mut self, now: Instant, frame: &[u8]) {
        let packet = packet::of_frame(frame);
        match packet {
            Packet::Tcp(Ends { local, offset, .. }, _) if !self.is_trusted => {
                let is_ipv4 = local.is_ipv4();
                if (is_ipv4 && !checksum::is_header_intact(frame, offset))
                    || !checksum::is_segment_intact(frame, is_ipv4, offset)
                {
                    return;
                }
            }
            Packet::Udp(Ends { local, offset, .. })
                if !self.is_trusted && local.is_ipv4() && !checksum::is_header_intact(frame, offset) =>
            {
                return;
            }
            Packet::Ipv4(offset) if !self.is_trusted && !checksum::is_header_intact(frame, offset) => return,
            _ => {}
        }
        match packet {
            Packet::Tcp(..) if is_for_group(frame) => {}
            Packet::Tcp(ends, opens) => self.segment(now, Via::Device, frame, ends, opens),
            Packet::Udp(ends) => self.datagram_frame(now, frame, ends),
            Packet::Fragment => {}
            Packet::Ipv4(_) | Packet::Other => {
                self.refuse(now, Via::Device, frame);
                self.refused(frame);
                self.neighbour_heard(now, frame);
            }
        }
    }

    /// A TCP segment: to its connection, else to a listener, else to nobody.
    #[inline]
    fn segment(&mut self, now: Instant, via: Via, frame: &[u8], ends: Ends, opens: Opens) {
        let found = self.connected.find(Key::connection(ends.local, ends.remote)).next();
        match found {
            Some(index) if !opens => self.segment_for(index, now, via, frame),
            _ => self.first_segment(now, via, frame, ends, opens),
        }
    }

    /// A segment for the connection with this number.
    #[inline]
    fn segment_for(&mut self, index: u32, now: Instant, via: Via, frame: &[u8]) {
        let Some(Slot { body: Body::Connection(connection), .. }) = self.slots.get(index) else { return };
        // Nobody outside can take part in what this machine says to itself.
        if connection.via != via {
            return;
        }
        self.links.ingress(via, now, frame, connection.set());
        if connection.orphan_until.is_some() {
            heard_from_peer(connection, now);
        }
        self.settle(index, now, false);
    }

    /// A segment for no connection, or one that opens one.
    #[cold]
    fn first_segment(&mut self, now: Instant, via: Via, frame: &[u8], ends: Ends, opens: Opens) {
        let Ends { local, remote, .. } = ends;
        if opens {
            let known = self.connected.find(Key::connection(local, remote)).next();
            if let Some(index) = known {
                match self.slots.get(index) {
                    // A new connection between the same ends says that the old one is over for both.
                    Some(Slot { body: Body::Connection(connection), observer: None, .. })
                        if connection.state == State::TimeWait && connection.via == via =>
                    {
                        self.discard(index);
                    }
                    _ => return self.segment_for(index, now, via, frame),
                }
            }
            match self.open_child(via, local, remote) {
                Ok(Some(child)) => return self.segment_for(child, now, via, frame),
                Ok(None) => {}
                // No room for another connection: the peer will ask again.
                Err(()) => return,
            }
        }
        self.refuse(now, via, frame);
    }

    /// A UDP datagram from the device.
    fn datagram_frame(&mut self, now: Instant, frame: &[u8], ends: Ends) {
        let Ends { local, remote, offset } = ends;
        if self.autoconfig.wants(local.port()) {
            self.links.ingress(Via::Device, now, frame, self.autoconfig.set());
            return self.configure(now);
        }
        let everybody = self.links.is_broadcast(local.ip()) || local.ip().is_multicast();
        let is_ours = self.links.is_own(local.ip()) && !local.ip().is_loopback() && !is_for_group(frame);
        if remote.ip().is_loopback() || !(everybody || is_ours) {
            return;
        }
        let Some(payload) = datagram::payload(frame, offset, (local, remote), self.is_trusted) else {
            return;
        };
        if !self.deliver(local, remote, payload, everybody) && !everybody {
            self.refuse(now, Via::Device, frame);
        }
    }

    /// Lets smoltcp answer a packet that no socket wants: a reset, "port unreachable", an ARP or echo reply.
    fn refuse(&mut self, now: Instant, via: Via, frame: &[u8]) {
        self.links.ingress(via, now, frame, &mut SocketSet::new(Vec::new()));
    }

    /// "Port unreachable" is an error of the connected socket whose datagram it quotes (RFC 1122, 4.1.3.3).
    fn refused(&mut self, frame: &[u8]) {
        let Some((local, remote)) = checksum::intact_icmp(frame) else { return };
        if !self.links.is_own(local.ip()) {
            return;
        }
        let found = self.bound.find(Key::port(UDP, local.port())).find(|index| {
            let slot = self.slots.get(*index);
            slot.is_some_and(
                |slot| matches!(&slot.body, Body::Datagram(datagram) if datagram.peer == Some(remote)),
            )
        });
        let Some(index) = found else { return };
        if let Some(slot) = self.slots.get(index) {
            slot.error = Some(NetError::Refused);
        }
        self.tell(index, Readiness::ERROR.with(Readiness::READABLE).with(Readiness::WRITABLE));
    }

    /// ARP and ICMPv6 teach us neighbours and routers.
    fn neighbour_heard(&mut self, now: Instant, frame: &[u8]) {
        if self.autoconfig.hear(&mut self.links, now, frame) {
            self.configured(now);
        }
        for index in core::mem::take(&mut self.stalled) {
            self.retry(index, now);
        }
    }
}

/// Whether a frame is for more than this machine. What everybody hears must be meant for everybody (RFC 1122, 3.3.6).
fn is_for_group(frame: &[u8]) -> bool {
    frame.first().is_some_and(|first| first & 1 != 0)
}

/// A peer that still answers may take its time with what a closed socket left behind.
#[cold]
fn heard_from_peer(connection: &mut Connection, now: Instant) {
    let socket = connection.tcp();
    match socket.state() {
        // RFC 2525, 2.17: data for a closed socket is answered by a reset.
        _ if socket.can_recv() => socket.abort(),
        State::FinWait1 | State::Closing | State::LastAck => {
            connection.orphan_until = Some(now + ORPHAN_TIMEOUT);
        }
        _ => {}
    }
}
