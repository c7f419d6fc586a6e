//! The two links of the machine: its network device, if there is one, and itself.
//!
//! Each is one smoltcp [`Interface`]. Loopback has no device below it: what it sends is queued as packets and
//! delivered by the stack in the same breath, so `127.0.0.1`, `::1` and the machine's own addresses work on
//! every image, with a device and without.

use crate::port::{Limits, Port, Sent, Sink};
use crate::question::{Asked, Question};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use kit_iface_netdev::{Capabilities, ETHERNET_HEADER_BYTES, NetDevice};
use kit_util_net::address::link_local;
use smoltcp::iface::{Config, Interface, SocketSet};
use smoltcp::phy::Medium;
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpCidr, Ipv4Cidr, Ipv6Cidr};

/// Largest packet that loopback carries. Larger than any buffer that a stream will have, so that loopback is
/// never the reason for a second segment.
const LOOPBACK_PACKET_BYTES: usize = 32 * 1024;

/// Which link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Via {
    Device,
    Loopback,
}

/// The way to an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Route {
    /// Over this link, from this address of ours.
    Via(Via, IpAddr),
    /// The network is still being configured: ask again when it is.
    Later,
    /// Nobody knows the way.
    None,
}

/// The network device's link.
pub(crate) struct Device {
    interface: Interface,
    pub limits: Limits,
    mac: [u8; 6],
    asked: Asked,
    /// Where a datagram lies while it is sent; empty in between. Made when the first is sent.
    pub outbox: Option<SocketSet<'static>>,
}

/// Both links.
pub(crate) struct Links<D: NetDevice> {
    device: &'static D,
    pub(crate) ethernet: Option<Device>,
    loopback: Interface,
    /// Packets on their way from this machine to itself.
    queue: VecDeque<Vec<u8>>,
    /// smoltcp has asked for a neighbour since the last [`Links::ask_neighbour`].
    has_asked: bool,
    /// A DHCP server has been asked and has not answered yet.
    pub awaits_address: bool,
}

const LOOPBACK_LIMITS: Limits =
    Limits { medium: Medium::Ip, frame_bytes: LOOPBACK_PACKET_BYTES, trusted: true };

impl<D: NetDevice> Links<D> {
    /// Sets both links up; `capabilities` is what the device answered when it was started.
    pub fn new(device: &'static D, capabilities: Option<Capabilities>, seed: u64, now: Instant) -> Self {
        let mut queue = VecDeque::new();
        let mut port = Port::<D> {
            frame: None,
            sink: Sink::Loopback(&mut queue),
            limits: LOOPBACK_LIMITS,
            sent: Sent::default(),
        };
        let mut config = Config::new(HardwareAddress::Ip);
        config.random_seed = seed;
        let mut loopback = Interface::new(config, &mut port, now);
        loopback.update_ip_addrs(|addresses| {
            let own = [
                IpCidr::Ipv4(Ipv4Cidr::new(Ipv4Addr::LOCALHOST, 8)),
                IpCidr::Ipv6(Ipv6Cidr::new(Ipv6Addr::LOCALHOST, 128)),
            ];
            own.into_iter().for_each(|address| addresses.push(address).unwrap_or(()));
        });
        // All of 127/8 is this machine, and so are the device's addresses; nothing else is ever sent here.
        loopback.set_any_ip(true);
        let ethernet = capabilities.map(|capabilities| Device::new(device, capabilities, !seed, now));
        Self { device, ethernet, loopback, queue, has_asked: false, awaits_address: false }
    }

    /// Whether there is a device.
    pub fn has_device(&self) -> bool {
        self.ethernet.is_some()
    }

    /// The device's interface, to configure it.
    pub fn interface(&mut self) -> Option<&mut Interface> {
        self.ethernet.as_mut().map(|device| &mut device.interface)
    }

    /// Bytes of the largest datagram payload that fits one packet on the way to `peer`.
    pub fn datagram_bytes(&self, via: Via, peer: IpAddr) -> usize {
        let packet = match (&self.ethernet, via) {
            (Some(device), Via::Device) => device.limits.frame_bytes - ETHERNET_HEADER_BYTES,
            _ => 65_535,
        };
        packet - if peer.is_ipv4() { 28 } else { 48 }
    }

    /// Whether `address` is one of the machine's, loopback included.
    pub fn is_own(&self, address: IpAddr) -> bool {
        address.is_loopback()
            || self.ethernet.as_ref().is_some_and(|device| device.interface.has_ip_addr(address))
    }

    /// Whether a packet to `address` that came in through the device is meant for everybody.
    pub fn is_broadcast(&self, address: IpAddr) -> bool {
        let (IpAddr::V4(address), Some(device)) = (address, &self.ethernet) else { return false };
        address.is_broadcast()
            || device
                .interface
                .ip_addrs()
                .iter()
                .any(|own| matches!(own, IpCidr::Ipv4(own) if own.broadcast() == Some(address)))
    }

    /// The way to `peer`.
    pub fn route(&self, peer: IpAddr) -> Route {
        if self.is_own(peer) {
            let local = match peer {
                IpAddr::V4(address) if address.is_loopback() => Ipv4Addr::LOCALHOST.into(),
                own => own,
            };
            return Route::Via(Via::Loopback, local);
        }
        let Some(Device { interface, .. }) = &self.ethernet else { return Route::None };
        let has_address = match peer {
            IpAddr::V4(_) => interface.ipv4_addr().is_some(),
            IpAddr::V6(_) => interface.ipv6_addr().is_some(),
        };
        if !has_address {
            return if self.awaits_address && peer.is_ipv4() { Route::Later } else { Route::None };
        }
        let target = peer.into();
        let is_near = interface.ip_addrs().iter().any(|own| own.contains_addr(&target));
        let has_router = || match peer {
            IpAddr::V4(_) => interface.routes().get_default_ipv4_route().is_some(),
            IpAddr::V6(_) => interface.routes().get_default_ipv6_route().is_some(),
        };
        if !(is_near || peer.is_multicast() || self.is_broadcast(peer) || has_router()) {
            return Route::None;
        }
        match interface.get_source_address(&target) {
            Some(local) => Route::Via(Via::Device, local.into()),
            None => Route::None,
        }
    }

    /// Lets smoltcp digest one frame, for the sockets in `set`, and send its answers.
    pub fn ingress(&mut self, via: Via, now: Instant, frame: &[u8], set: &mut SocketSet<'static>) {
        if let Some((interface, mut port)) = self.port(via, Some(frame)) {
            interface.poll_ingress_single(now, &mut port, set);
        }
    }

    /// Lets the sockets in `set` send one packet each, if they want to.
    pub fn egress(&mut self, via: Via, now: Instant, set: &mut SocketSet<'static>) -> Sent {
        let Some((interface, mut port)) = self.port(via, None) else { return Sent::default() };
        interface.poll_egress(now, &mut port, set);
        let sent = port.sent;
        self.has_asked |= sent.questions > 0;
        sent
    }

    /// When the sockets in `set` want to send next.
    pub fn poll_at(&mut self, via: Via, now: Instant, set: &SocketSet<'static>) -> Option<Instant> {
        match (via, &mut self.ethernet) {
            (Via::Loopback, _) => self.loopback.poll_at(now, set),
            (Via::Device, Some(device)) => device.interface.poll_at(now, set),
            (Via::Device, None) => None,
        }
    }

    /// smoltcp's context for starting a connection.
    pub fn context(&mut self, via: Via) -> Option<&mut smoltcp::iface::Context> {
        match via {
            Via::Loopback => Some(self.loopback.context()),
            Via::Device => self.ethernet.as_mut().map(|device| device.interface.context()),
        }
    }

    /// The device's link-local address.
    pub fn link_local_address(&self) -> Option<Ipv6Addr> {
        self.ethernet.as_ref().map(|device| link_local(device.mac))
    }

    /// Asks for IPv6 routers. Returns whether the question went out.
    pub fn solicit_routers(&self) -> bool {
        let Some(Device { mac, .. }) = self.ethernet else { return false };
        self.ask(&Question::who_routes(mac, link_local(mac)))
    }

    /// Asks for the neighbour through whom `peer` is reached, unless smoltcp or this has done so just now.
    pub fn ask_neighbour(&mut self, now: Instant, peer: IpAddr) {
        let has_asked = core::mem::take(&mut self.has_asked);
        let Route::Via(Via::Device, source) = self.route(peer) else { return };
        let Some(Device { interface, mac, asked, .. }) = &mut self.ethernet else { return };
        let target = peer.into();
        let is_near = interface.ip_addrs().iter().any(|own| own.contains_addr(&target));
        let router = || match peer {
            IpAddr::V4(_) => interface.routes().get_default_ipv4_route(),
            IpAddr::V6(_) => interface.routes().get_default_ipv6_route(),
        };
        let next_hop = if is_near { Some(peer) } else { router().map(|route| route.via_router.into()) };
        let Some(next_hop) = next_hop.filter(|next_hop| asked.may_ask(*next_hop, now)) else { return };
        if has_asked {
            return;
        }
        let question = match (source, next_hop) {
            (IpAddr::V4(source), IpAddr::V4(target)) => Question::who_has_v4(*mac, source, target),
            (IpAddr::V6(source), IpAddr::V6(target)) => Question::who_has_v6(*mac, source, target),
            _ => return,
        };
        self.ask(&question);
    }

    fn ask(&self, question: &Question) -> bool {
        self.device.transmit(question.frame_bytes(), |frame| question.write(frame)).is_some()
    }

    /// The next packet from this machine to itself.
    pub fn next_loopback(&mut self) -> Option<Vec<u8>> {
        self.queue.pop_front()
    }

    fn port<'a>(&'a mut self, via: Via, frame: Option<&'a [u8]>) -> Option<(&'a mut Interface, Port<'a, D>)> {
        let (interface, sink, limits) = match via {
            Via::Loopback => (&mut self.loopback, Sink::Loopback(&mut self.queue), LOOPBACK_LIMITS),
            Via::Device => {
                let device = self.ethernet.as_mut()?;
                (&mut device.interface, Sink::Device(self.device), device.limits)
            }
        };
        Some((interface, Port { frame, sink, limits, sent: Sent::default() }))
    }
}

impl Device {
    fn new<D: NetDevice>(device: &'static D, capabilities: Capabilities, seed: u64, now: Instant) -> Self {
        let limits = Limits {
            medium: Medium::Ethernet,
            frame_bytes: capabilities.mtu + ETHERNET_HEADER_BYTES,
            trusted: capabilities.checksum_offload,
        };
        let mut port = Port { frame: None, sink: Sink::Device(device), limits, sent: Sent::default() };
        let mut config = Config::new(EthernetAddress(capabilities.mac).into());
        config.random_seed = seed;
        let mut interface = Interface::new(config, &mut port, now);
        let link_local = IpCidr::Ipv6(Ipv6Cidr::new(link_local(capabilities.mac), 64));
        interface.update_ip_addrs(|addresses| addresses.push(link_local).unwrap_or(()));
        Self { interface, limits, mac: capabilities.mac, asked: Asked::default(), outbox: None }
    }
}
