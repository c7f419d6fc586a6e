//! The machine's addresses, and the way to those of others.

use crate::endpoint::{Ip, LOOPBACK_V4, NOWHERE, is_loopback, v4};
use crate::link::{BROADCAST, Mac};

/// All zero is a machine that only knows itself.
pub(crate) struct Addresses {
    /// The IPv4 address, mapped.
    pub v4: Ip,
    pub prefix_length: u8,
    pub router_v4: Ip,
    /// The device's; [`NOWHERE`] without a device.
    pub link_local: Ip,
    /// Made from a router's prefix of 64 bits.
    pub global: Ip,
    pub router_v6: Ip,
    /// A DHCP server has been asked and has not answered yet.
    pub awaits_v4: bool,
}

/// The way to an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Route {
    /// This machine itself, from this address.
    Own(Ip),
    /// Through the device, from this address.
    Device(Ip, Hop),
    /// The network is still being configured: ask again when it is.
    Later,
    /// Nobody knows the way.
    None,
}

/// Who on the wire takes a packet next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hop {
    /// All who listen to this.
    Group(Mac),
    /// The machine with this address, whose MAC is to be found out.
    Neighbour(Ip),
}

impl Addresses {
    /// None.
    pub const fn new() -> Self {
        Self {
            v4: NOWHERE,
            prefix_length: 0,
            router_v4: NOWHERE,
            link_local: NOWHERE,
            global: NOWHERE,
            router_v6: NOWHERE,
            awaits_v4: false,
        }
    }

    /// Whether `ip` is one of the machine's.
    pub fn is_own(&self, ip: Ip) -> bool {
        is_loopback(ip) || self.is_on_device(ip)
    }

    /// Whether packets for `ip` that come from outside are meant for this machine alone.
    pub fn is_on_device(&self, ip: Ip) -> bool {
        ip != NOWHERE && (ip == self.v4 || ip == self.link_local || ip == self.global)
    }

    /// Whether packets to `ip` are meant for everybody on the wire: the limited or the network's broadcast.
    pub fn is_broadcast(&self, ip: Ip) -> bool {
        let Some(ip) = v4(ip) else { return false };
        let hosts = self.host_mask();
        ip.is_broadcast() || (hosts > 1 && self.is_near_v4(ip.to_bits()) && ip.to_bits() & hosts == hosts)
    }

    /// The way to `peer`.
    pub fn route(&self, peer: Ip) -> Route {
        if self.is_own(peer) {
            let is_loopback_v4 = v4(peer).is_some_and(|peer| peer.is_loopback());
            return Route::Own(if is_loopback_v4 { LOOPBACK_V4 } else { peer });
        }
        match v4(peer) {
            _ if self.link_local == NOWHERE => Route::None,
            Some(_) if self.v4 == NOWHERE => {
                if self.awaits_v4 {
                    Route::Later
                } else {
                    Route::None
                }
            }
            Some(_) if self.is_broadcast(peer) => Route::Device(self.v4, Hop::Group(BROADCAST)),
            Some(v4) if v4.is_multicast() => {
                // RFC 1112, 6.4.
                let [_, b, c, d] = v4.octets();
                Route::Device(self.v4, Hop::Group([1, 0, 0x5e, b & 0x7f, c, d]))
            }
            Some(v4) if self.is_near_v4(v4.to_bits()) => Route::Device(self.v4, Hop::Neighbour(peer)),
            Some(_) if self.router_v4 != NOWHERE => Route::Device(self.v4, Hop::Neighbour(self.router_v4)),
            Some(_) => Route::None,
            None => self.route_v6(peer),
        }
    }

    fn route_v6(&self, peer: Ip) -> Route {
        if peer.is_multicast() {
            return Route::Device(self.link_local, Hop::Group(group_mac(peer)));
        }
        if peer.is_unicast_link_local() {
            return Route::Device(self.link_local, Hop::Neighbour(peer));
        }
        let upper_half = |ip: Ip| ip.to_bits() >> 64;
        match (self.global, self.router_v6) {
            (NOWHERE, _) => Route::None,
            (global, _) if upper_half(global) == upper_half(peer) => {
                Route::Device(global, Hop::Neighbour(peer))
            }
            (_, NOWHERE) => Route::None,
            (global, router) => Route::Device(global, Hop::Neighbour(router)),
        }
    }

    fn host_mask(&self) -> u32 {
        u32::MAX.checked_shr(self.prefix_length.into()).unwrap_or(0)
    }

    fn is_near_v4(&self, ip: u32) -> bool {
        v4(self.v4).is_some_and(|own| (own.to_bits() ^ ip) & !self.host_mask() == 0)
    }
}

/// RFC 2464, 7: where Ethernet carries an IPv6 group.
pub(crate) fn group_mac(group: Ip) -> Mac {
    let [.., a, b, c, d] = group.octets();
    [0x33, 0x33, a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::of;

    fn ip(text: &str) -> Ip {
        of(text.parse().unwrap())
    }

    fn machine() -> Addresses {
        Addresses {
            v4: ip("10.0.2.15"),
            prefix_length: 24,
            router_v4: ip("10.0.2.2"),
            link_local: ip("fe80::1"),
            global: ip("fec0::1"),
            router_v6: ip("fe80::2"),
            awaits_v4: false,
        }
    }

    #[test]
    fn the_way_to_everybody() {
        let (own, router) = (ip("10.0.2.15"), Hop::Neighbour(ip("10.0.2.2")));
        let via = |source: &str, hop: &str| Route::Device(ip(source), Hop::Neighbour(ip(hop)));
        for (peer, route) in [
            ("127.9.9.9", Route::Own(ip("127.0.0.1"))),
            ("::1", Route::Own(ip("::1"))),
            ("10.0.2.15", Route::Own(own)),
            ("10.0.2.3", via("10.0.2.15", "10.0.2.3")),
            ("192.0.2.1", Route::Device(own, router)),
            ("10.0.2.255", Route::Device(own, Hop::Group(BROADCAST))),
            ("255.255.255.255", Route::Device(own, Hop::Group(BROADCAST))),
            ("224.0.0.251", Route::Device(own, Hop::Group([1, 0, 0x5e, 0, 0, 251]))),
            ("fe80::9", via("fe80::1", "fe80::9")),
            ("fec0::9", via("fec0::1", "fec0::9")),
            ("2001:db8::9", via("fec0::1", "fe80::2")),
            ("ff02::fb", Route::Device(ip("fe80::1"), Hop::Group([0x33, 0x33, 0, 0, 0, 0xfb]))),
        ] {
            assert_eq!(machine().route(ip(peer)), route, "{peer}");
        }
    }

    #[test]
    fn without_addresses_there_is_no_way() {
        let alone = Addresses::new();
        for peer in ["10.0.2.3", "255.255.255.255", "fe80::9", "ff02::1"] {
            assert_eq!(alone.route(ip(peer)), Route::None, "{peer}");
        }
        assert_eq!(alone.route(ip("127.0.0.1")), Route::Own(ip("127.0.0.1")));
        let waiting = Addresses { awaits_v4: true, link_local: ip("fe80::1"), ..Addresses::new() };
        assert_eq!(waiting.route(ip("10.0.2.3")), Route::Later);
        let lonely = Addresses { router_v4: NOWHERE, prefix_length: 32, ..machine() };
        assert_eq!(lonely.route(ip("10.0.2.3")), Route::None);
        assert!(!lonely.is_broadcast(ip("10.0.2.15")), "a network of one has no broadcast");
    }
}
