//! Addresses at the edge: inside the stack an IPv4 peer is always an IPv4 address, whatever the socket's family.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use kit_iface_net::{Family, NetError};

/// 127.0.0.0/8 or ::1.
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.is_loopback()
}

/// What a caller wrote, as the stack keeps it: IPv4-mapped addresses become IPv4.
pub(crate) fn taken_in(family: Family, only_v6: bool, address: SocketAddr) -> Result<SocketAddr, NetError> {
    let plain = SocketAddr::new(address.ip().to_canonical(), address.port());
    match (family, address, plain) {
        (Family::V4, SocketAddr::V4(_), _) | (Family::V6, SocketAddr::V6(_), SocketAddr::V6(_)) => Ok(plain),
        (Family::V6, SocketAddr::V6(_), SocketAddr::V4(_)) if !only_v6 => Ok(plain),
        (Family::V6, SocketAddr::V6(_), SocketAddr::V4(_)) => Err(NetError::Unreachable),
        _ => Err(NetError::Unsupported),
    }
}

/// What the stack keeps, as a socket of `family` shows it.
pub(crate) fn shown(family: Family, address: SocketAddr) -> SocketAddr {
    match (family, address.ip()) {
        (Family::V6, IpAddr::V4(v4)) => SocketAddr::new(v4.to_ipv6_mapped().into(), address.port()),
        _ => address,
    }
}

/// "Any address of ours" in `family`.
pub(crate) fn any(family: Family) -> IpAddr {
    match family {
        Family::V4 => Ipv4Addr::UNSPECIFIED.into(),
        Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// Where a packet to `address` really goes: "any address", as a destination, is this machine.
pub(crate) fn destination(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

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
