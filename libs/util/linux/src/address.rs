//! Socket addresses in the kernel's layout: `sockaddr_in` and `sockaddr_in6`.

use core::net::{Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// Room for either kind of internet address, filled up to `length`.
///
/// `sockaddr_in`: family (2, native order), port (2, network order), address (4), padding (8).
/// `sockaddr_in6`: family (2), port (2), flow information (4), address (16), scope (4, native order).
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub struct RawAddress {
    pub(crate) bytes: [u8; 28],
    pub(crate) length: u32,
}

impl RawAddress {
    /// Empty room for the kernel to fill.
    pub(crate) const fn room() -> Self {
        Self { bytes: [0; 28], length: 28 }
    }

    /// The address, or `None` if it is of another family.
    pub fn to_socket_address(&self) -> Option<SocketAddr> {
        let bytes = &self.bytes;
        let port = u16::from_be_bytes([bytes[2], bytes[3]]);
        match i32::from(u16::from_ne_bytes([bytes[0], bytes[1]])) {
            libc::AF_INET => {
                let ip = [bytes[4], bytes[5], bytes[6], bytes[7]];
                Some(SocketAddrV4::new(ip.into(), port).into())
            }
            libc::AF_INET6 => {
                let flow = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
                let ip: [u8; 16] = core::array::from_fn(|i| bytes[8 + i]);
                let scope = u32::from_ne_bytes([bytes[24], bytes[25], bytes[26], bytes[27]]);
                Some(SocketAddrV6::new(Ipv6Addr::from(ip), port, flow, scope).into())
            }
            _ => None,
        }
    }
}

impl From<SocketAddr> for RawAddress {
    fn from(address: SocketAddr) -> Self {
        let mut raw = Self { bytes: [0; 28], length: 16 };
        let family = if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 } as u16;
        raw.bytes[..2].copy_from_slice(&family.to_ne_bytes());
        raw.bytes[2..4].copy_from_slice(&address.port().to_be_bytes());
        match address {
            SocketAddr::V4(address) => raw.bytes[4..8].copy_from_slice(&address.ip().octets()),
            SocketAddr::V6(address) => {
                raw.length = 28;
                raw.bytes[4..8].copy_from_slice(&address.flowinfo().to_be_bytes());
                raw.bytes[8..24].copy_from_slice(&address.ip().octets());
                raw.bytes[24..].copy_from_slice(&address.scope_id().to_ne_bytes());
            }
        }
        raw
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_the_round_trip() {
        for text in ["127.0.0.1:80", "0.0.0.0:0", "[::1]:65535", "[fe80::1234]:443"] {
            let address: SocketAddr = text.parse().unwrap();
            assert_eq!(RawAddress::from(address).to_socket_address(), Some(address));
        }
    }

    #[test]
    fn another_family_is_none() {
        assert_eq!(RawAddress::room().to_socket_address(), None);
    }
}
