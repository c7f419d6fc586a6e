//! Addresses, routers and name servers: static, by DHCP (RFC 2131), and for IPv6 by router advertisements
//! (RFC 4862).
//!
//! DHCP is smoltcp's client in a socket set of its own. smoltcp's router discovery is not used: it adds its timers
//! to every socket's and never stops when no router answers. Left out, as on most small hosts: duplicate address
//! detection, temporary addresses, DHCPv6.

use crate::links::{Links, Via};
use crate::solicit::{self, Advertisement};
use crate::timers::Deadline;
use alloc::vec;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr};
use kit_iface_netdev::NetDevice;
use kit_util_net::address::combine;
use kit_util_net::settings::{Address, Settings};
use smoltcp::iface::{Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::dhcpv4::{self, Event, RetryConfig};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{IpCidr, Ipv4Cidr, Ipv6Cidr};

/// RFC 4861, 10: three solicitations, four seconds apart.
const SOLICITATIONS: u8 = 3;
const SOLICITATION_INTERVAL: Duration = Duration::from_secs(4);
/// After a frame that the device had no room for.
const RETRY_INTERVAL: Duration = Duration::from_millis(20);
/// RFC 2131, 4.1.
const DHCP_CLIENT_PORT: u16 = 68;

/// See the module's description.
pub(crate) struct Autoconfig {
    pub deadline: Deadline,
    pub name_servers: Vec<IpAddr>,
    set: SocketSet<'static>,
    has_dhcp: bool,
    /// A name server that wins over what DHCP says.
    fixed_name_server: Option<IpAddr>,
    solicitations: u8,
    solicit_at: Option<Instant>,
    /// The IPv6 address made from a router's prefix, and when it expires.
    prefix: Option<(Ipv6Cidr, Instant)>,
    router_until: Option<Instant>,
}

impl Autoconfig {
    /// What stands for this part among the timers.
    pub const INDEX: u32 = u32::MAX;

    /// Begins to configure the device's link, if there is one.
    pub fn new<D: NetDevice>(settings: Settings, links: &mut Links<D>) -> Self {
        let has_device = links.has_device();
        let has_dhcp = has_device && settings.address == Address::Dhcp;
        let mut set = SocketSet::new(Vec::new());
        if has_dhcp {
            let mut socket = dhcpv4::Socket::new();
            let mut patience = RetryConfig::default();
            // A boot must not lose seconds to one lost packet.
            patience.discover_timeout = Duration::from_secs(2);
            patience.initial_request_timeout = Duration::from_secs(1);
            socket.set_retry_config(patience);
            set = SocketSet::new(vec![SocketStorage::EMPTY]);
            set.add(socket);
        }
        if let (Address::Static { address, prefix_length }, Some(interface)) =
            (settings.address, links.interface())
        {
            set_address(interface, Some(Ipv4Cidr::new(address, prefix_length)), settings.gateway);
        }
        links.awaits_address = has_dhcp;
        Self {
            deadline: Deadline::default(),
            name_servers: settings.name_server.into_iter().collect(),
            set,
            has_dhcp,
            fixed_name_server: settings.name_server,
            solicitations: if has_device { SOLICITATIONS } else { 0 },
            solicit_at: has_device.then_some(Instant::ZERO),
            prefix: None,
            router_until: None,
        }
    }

    /// Whether a datagram to `port` is for the DHCP client.
    pub fn wants(&self, port: u16) -> bool {
        self.has_dhcp && port == DHCP_CLIENT_PORT
    }

    /// The DHCP client.
    pub fn set(&mut self) -> &mut SocketSet<'static> {
        &mut self.set
    }

    /// Sends what is due and takes up what was learned. Returns whether an address or a route has changed.
    pub fn run<D: NetDevice>(&mut self, links: &mut Links<D>, now: Instant) -> bool {
        if self.has_dhcp && links.poll_at(Via::Device, now, &self.set).is_some_and(|at| at <= now) {
            links.egress(Via::Device, now, &mut self.set);
        }
        if self.solicit_at.is_some_and(|at| at <= now) {
            let is_sent = links.solicit_routers();
            self.solicitations -= u8::from(is_sent);
            let pause = if is_sent { SOLICITATION_INTERVAL } else { RETRY_INTERVAL };
            self.solicit_at = (self.solicitations > 0).then_some(now + pause);
        }
        self.hear_dhcp(links) | self.expire(links, now)
    }

    /// When to run again.
    pub fn next<D: NetDevice>(&mut self, links: &mut Links<D>, now: Instant) -> Option<Instant> {
        let dhcp = if self.has_dhcp { links.poll_at(Via::Device, now, &self.set) } else { None };
        let prefix = self.prefix.map(|(_, until)| until);
        let all = [dhcp, self.solicit_at, prefix, self.router_until];
        all.into_iter().flatten().min().map(|at| at.max(now + RETRY_INTERVAL))
    }

    fn hear_dhcp<D: NetDevice>(&mut self, links: &mut Links<D>) -> bool {
        if !self.has_dhcp {
            return false;
        }
        let (address, router, name_servers) =
            match self.set.get_mut::<dhcpv4::Socket>(SocketHandle::default()).poll() {
                Some(Event::Configured(lease)) => (Some(lease.address), lease.router, lease.dns_servers),
                Some(Event::Deconfigured) => (None, None, Default::default()),
                None => return false,
            };
        let Some(interface) = links.interface() else { return false };
        set_address(interface, address, router);
        links.awaits_address = address.is_none();
        self.name_servers = match self.fixed_name_server {
            Some(fixed) => vec![fixed],
            None => name_servers.into_iter().map(IpAddr::V4).collect(),
        };
        true
    }

    /// Takes up a router advertisement, if `frame` is one. Returns whether an address or a route has changed.
    pub fn hear<D: NetDevice>(&mut self, links: &mut Links<D>, now: Instant, frame: &[u8]) -> bool {
        let Some(Advertisement { router, router_lifetime, prefix }) = solicit::advertisement(frame) else {
            return false;
        };
        let Some(own) = links.link_local_address() else { return false };
        let Some(interface) = links.interface() else { return false };
        self.solicit_at = None;
        let had_router = self.router_until.is_some();
        interface.routes_mut().remove_default_ipv6_route();
        self.router_until = (router_lifetime > Duration::ZERO).then(|| now + router_lifetime);
        if self.router_until.is_some() {
            let _ = interface.routes_mut().add_default_ipv6_route(router);
        }
        let mut has_changed = had_router != self.router_until.is_some();
        if let Some((prefix, lifetime)) = prefix {
            let address = Ipv6Cidr::new(combine(prefix, own), 64);
            let is_new = self.prefix.is_none_or(|(known, _)| known != address);
            if is_new && lifetime > Duration::ZERO {
                let old = self.prefix.map(|(known, _)| IpCidr::Ipv6(known));
                interface.update_ip_addrs(|addresses| {
                    addresses.retain(|known| Some(*known) != old);
                    addresses.push(IpCidr::Ipv6(address)).unwrap_or(());
                });
                has_changed = true;
            }
            if lifetime > Duration::ZERO || !is_new {
                self.prefix = Some((address, now + lifetime));
            }
        }
        has_changed
    }

    fn expire<D: NetDevice>(&mut self, links: &mut Links<D>, now: Instant) -> bool {
        let Some(interface) = links.interface() else { return false };
        let mut has_changed = false;
        if self.router_until.is_some_and(|until| until <= now) {
            self.router_until = None;
            interface.routes_mut().remove_default_ipv6_route();
            has_changed = true;
        }
        if let Some((expired, _)) = self.prefix.take_if(|(_, until)| *until <= now) {
            interface.update_ip_addrs(|addresses| addresses.retain(|known| *known != IpCidr::Ipv6(expired)));
            has_changed = true;
        }
        has_changed
    }
}

/// Replaces the IPv4 address and the router.
fn set_address(interface: &mut Interface, address: Option<Ipv4Cidr>, router: Option<Ipv4Addr>) {
    interface.update_ip_addrs(|addresses| {
        addresses.retain(|known| matches!(known, IpCidr::Ipv6(_)));
        if let Some(address) = address {
            addresses.push(IpCidr::Ipv4(address)).unwrap_or(());
        }
    });
    interface.routes_mut().remove_default_ipv4_route();
    if let Some(router) = router {
        let _ = interface.routes_mut().add_default_ipv4_route(router);
    }
}
