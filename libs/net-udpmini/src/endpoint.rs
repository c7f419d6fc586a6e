//! Addresses as the tables keep them: IPv4 ones are IPv4-mapped IPv6 ones, so that everything has one shape, and all
//! zero is "none".

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// An address of either family.
pub(crate) type Ip = Ipv6Addr;

/// "No address", and "any address of either family" where a socket is bound.
pub(crate) const NOWHERE: Ip = Ipv6Addr::UNSPECIFIED;
/// "Any IPv4 address", mapped.
pub(crate) const ANY_V4: Ip = Ipv4Addr::UNSPECIFIED.to_ipv6_mapped();
/// 127.0.0.1, mapped.
pub(crate) const LOOPBACK_V4: Ip = Ipv4Addr::LOCALHOST.to_ipv6_mapped();

/// An address and a port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Endpoint {
    pub ip: Ip,
    pub port: u16,
}

impl Endpoint {
    /// None.
    pub const NONE: Self = Self { ip: NOWHERE, port: 0 };

    /// As the tables keep `address`.
    pub fn of(address: SocketAddr) -> Self {
        Self { ip: of(address.ip()), port: address.port() }
    }

    /// As callers see it.
    pub fn plain(self) -> SocketAddr {
        SocketAddr::new(self.ip.to_canonical(), self.port)
    }
}

/// As the tables keep `address`.
pub(crate) fn of(address: IpAddr) -> Ip {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

/// The IPv4 address in `ip`, if it is one.
#[inline]
pub(crate) fn v4(ip: Ip) -> Option<Ipv4Addr> {
    ip.to_ipv4_mapped()
}

/// Whether `ip` is an IPv4 address.
#[inline]
pub(crate) fn is_v4(ip: Ip) -> bool {
    v4(ip).is_some()
}

/// 127.0.0.0/8 or ::1.
pub(crate) fn is_loopback(ip: Ip) -> bool {
    ip.to_canonical().is_loopback()
}

/// A group of either family, the IPv4 broadcast included.
pub(crate) fn is_group(ip: Ip) -> bool {
    match v4(ip) {
        Some(v4) => v4.is_multicast() || v4.is_broadcast(),
        None => ip.is_multicast(),
    }
}

/// "Any address" of either family.
pub(crate) fn is_any(ip: Ip) -> bool {
    ip == NOWHERE || ip == ANY_V4
}
