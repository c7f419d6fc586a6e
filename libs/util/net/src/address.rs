//! Addresses at the edge: inside a stack an IPv4 peer is always an IPv4 address, whatever the socket's family.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use kit_iface_net::{Family, NetError};

/// What a caller wrote, as the stack keeps it: IPv4-mapped addresses become IPv4.
pub fn taken_in(family: Family, only_v6: bool, address: SocketAddr) -> Result<SocketAddr, NetError> {
    let plain = SocketAddr::new(address.ip().to_canonical(), address.port());
    match (family, address, plain) {
        (Family::V4, SocketAddr::V4(_), _) | (Family::V6, SocketAddr::V6(_), SocketAddr::V6(_)) => Ok(plain),
        (Family::V6, SocketAddr::V6(_), SocketAddr::V4(_)) if !only_v6 => Ok(plain),
        (Family::V6, SocketAddr::V6(_), SocketAddr::V4(_)) => Err(NetError::Unreachable),
        _ => Err(NetError::Unsupported),
    }
}

/// What the stack keeps, as a socket of `family` shows it.
pub fn shown(family: Family, address: SocketAddr) -> SocketAddr {
    match (family, address.ip()) {
        (Family::V6, IpAddr::V4(v4)) => SocketAddr::new(v4.to_ipv6_mapped().into(), address.port()),
        _ => address,
    }
}

/// "Any address of ours" in `family`.
pub fn any(family: Family) -> IpAddr {
    match family {
        Family::V4 => Ipv4Addr::UNSPECIFIED.into(),
        Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// Where a packet to `address` really goes: "any address", as a destination, is this machine.
pub fn destination(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Whether a packet could be meant for a socket bound to `a` and for one bound to `b`, of which each hears IPv4 on
/// an unspecified IPv6 address unless it is for IPv6 only. Ports are not compared.
pub fn overlap(a: IpAddr, a_only_v6: bool, b: IpAddr, b_only_v6: bool) -> bool {
    let covers = |wide: IpAddr, only_v6: bool, other: IpAddr| {
        wide.is_unspecified() && (wide.is_ipv4() == other.is_ipv4() || (wide.is_ipv6() && !only_v6))
    };
    a == b || covers(a, a_only_v6, b) || covers(b, b_only_v6, a)
}

/// RFC 4291, appendix A: the link-local address whose interface identifier is the MAC with `fffe` in its middle and
/// one bit flipped.
pub fn link_local(mac: [u8; 6]) -> Ipv6Addr {
    let [a, b, c, d, e, f] = mac;
    Ipv6Addr::from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f])
}

/// An address from the upper half of `prefix` and the lower half of `identifier` (RFC 4862, 5.5.3).
pub fn combine(prefix: Ipv6Addr, identifier: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from(u128::from(prefix) >> 64 << 64 | u128::from(u128::from(identifier) as u64))
}

/// RFC 4291, 2.7.1: the group that hears questions for `target`.
pub fn solicited_node(target: Ipv6Addr) -> Ipv6Addr {
    let [.., a, b, c] = target.octets();
    Ipv6Addr::from([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, a, b, c])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_share_a_port() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let (any4, any6) = (address("0.0.0.0"), address("::"));
        let (one, two) = (address("127.0.0.1"), address("10.0.2.15"));
        assert!(overlap(any4, false, one, false));
        assert!(overlap(one, false, any4, false));
        assert!(overlap(any6, false, any4, false));
        assert!(!overlap(any6, true, any4, false));
        assert!(!overlap(one, false, two, false));
        assert!(!overlap(any4, false, address("::1"), false));
    }

    #[test]
    fn addresses_are_made_from_macs_and_prefixes() {
        let own = link_local([0x52, 0x54, 0, 0x12, 0x34, 0x56]);
        assert_eq!(own, "fe80::5054:ff:fe12:3456".parse::<Ipv6Addr>().unwrap());
        let made = combine("fec0::".parse().unwrap(), own);
        assert_eq!(made, "fec0::5054:ff:fe12:3456".parse::<Ipv6Addr>().unwrap());
        assert_eq!(solicited_node(own), "ff02::1:ff12:3456".parse::<Ipv6Addr>().unwrap());
    }

    #[test]
    fn a_dual_stack_socket_sees_ipv4_as_mapped() {
        let mapped: SocketAddr = "[::ffff:10.0.2.2]:80".parse().unwrap();
        let plain: SocketAddr = "10.0.2.2:80".parse().unwrap();
        assert_eq!(taken_in(Family::V6, false, mapped), Ok(plain));
        assert_eq!(taken_in(Family::V6, true, mapped), Err(NetError::Unreachable));
        assert_eq!(taken_in(Family::V4, false, mapped), Err(NetError::Unsupported));
        assert_eq!(taken_in(Family::V6, false, plain), Err(NetError::Unsupported));
        assert_eq!(shown(Family::V6, plain), mapped);
        assert_eq!(shown(Family::V4, plain), plain);
    }
}
