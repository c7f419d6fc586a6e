//! Socket addresses between C and Rust.

use crate::Errno;
use crate::sockets::Address;
use crate::user;
use core::ffi::c_int;
use core::mem::size_of;
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// The address behind `address`.
///
/// # Safety
/// `address` is null or points to `length` bytes.
pub unsafe fn read(address: *const libc::sockaddr, length: libc::socklen_t) -> Result<Address, Errno> {
    let length = length as usize;
    if address.is_null() {
        return Err(Errno(libc::EFAULT));
    }
    if length < size_of::<libc::sa_family_t>() {
        return Err(Errno(libc::EINVAL));
    }
    // SAFETY: at least the family is there; further fields are read only where the length covers them.
    match c_int::from(unsafe { address.cast::<libc::sa_family_t>().read_unaligned() }) {
        libc::AF_INET if length >= size_of::<libc::sockaddr_in>() => {
            // SAFETY: as above.
            let inet = unsafe { address.cast::<libc::sockaddr_in>().read_unaligned() };
            let ip = Ipv4Addr::from(u32::from_be(inet.sin_addr.s_addr));
            Ok(Address::Inet(SocketAddr::V4(SocketAddrV4::new(ip, u16::from_be(inet.sin_port)))))
        }
        libc::AF_INET6 if length >= size_of::<libc::sockaddr_in6>() => {
            // SAFETY: as above.
            let inet = unsafe { address.cast::<libc::sockaddr_in6>().read_unaligned() };
            let (ip, port) = (Ipv6Addr::from(inet.sin6_addr.s6_addr), u16::from_be(inet.sin6_port));
            let address = SocketAddrV6::new(ip, port, inet.sin6_flowinfo, inet.sin6_scope_id);
            Ok(Address::Inet(SocketAddr::V6(address)))
        }
        libc::AF_INET | libc::AF_INET6 => Err(Errno(libc::EINVAL)),
        _ => Err(Errno(libc::EAFNOSUPPORT)),
    }
}

/// Stores `address`, cut to the room there is, and its full length; does nothing if `place` is null.
///
/// # Safety
/// `place` is null, or `length` points to the room at `place`, in bytes.
pub unsafe fn write(
    address: Address,
    place: *mut libc::sockaddr,
    length: *mut libc::socklen_t,
) -> Result<(), Errno> {
    if place.is_null() {
        return Ok(());
    }
    // SAFETY: forwarded to the caller.
    let room = unsafe { user::load(length) }? as usize;
    let raw = Raw::of(address);
    let bytes = raw.bytes();
    // SAFETY: no more than the room that the caller has.
    unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), place.cast(), bytes.len().min(room)) };
    // SAFETY: not null, it was read above.
    unsafe { user::store(length, bytes.len() as libc::socklen_t) }
}

/// A `sockaddr` of the family that its address has.
pub enum Raw {
    /// `AF_INET`
    V4(libc::sockaddr_in),
    /// `AF_INET6`
    V6(libc::sockaddr_in6),
    /// `AF_UNIX` without a name
    Local(libc::sa_family_t),
}

impl Raw {
    /// Converts `address`.
    pub fn of(address: Address) -> Self {
        match address {
            Address::Inet(SocketAddr::V4(address)) => Self::V4(libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: address.port().to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from(*address.ip()).to_be() },
                sin_zero: [0; 8],
            }),
            Address::Inet(SocketAddr::V6(address)) => Self::V6(libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: address.port().to_be(),
                sin6_flowinfo: address.flowinfo(),
                sin6_addr: libc::in6_addr { s6_addr: address.ip().octets() },
                sin6_scope_id: address.scope_id(),
            }),
            Address::Unnamed => Self::Local(libc::AF_UNIX as libc::sa_family_t),
        }
    }

    /// The bytes as C sees them.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: each is a structure of integers without padding, alive as long as `self`.
        unsafe {
            match self {
                Self::V4(raw) => core::slice::from_raw_parts((&raw const *raw).cast(), size_of_val(raw)),
                Self::V6(raw) => core::slice::from_raw_parts((&raw const *raw).cast(), size_of_val(raw)),
                Self::Local(raw) => core::slice::from_raw_parts((&raw const *raw).cast(), size_of_val(raw)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str) {
        let address = Address::Inet(text.parse().expect("an address"));
        let mut place = [0u8; 64];
        let mut length = 64;
        // SAFETY: the buffer is as long as stated.
        unsafe {
            write(address, place.as_mut_ptr().cast(), &mut length).expect("room");
            assert_eq!(read(place.as_ptr().cast(), length), Ok(address));
            assert_eq!(read(place.as_ptr().cast(), length - 1), Err(Errno(libc::EINVAL)));
        }
    }

    #[test]
    fn addresses_survive_the_way_to_c_and_back() {
        round_trip("127.0.0.1:8080");
        round_trip("[fe80::1%3]:65535");
        round_trip("0.0.0.0:0");
    }

    #[test]
    fn bytes_are_in_network_order() {
        let raw = Raw::of(Address::Inet("1.2.3.4:258".parse().expect("an address")));
        assert_eq!(raw.bytes()[2..8], [1, 2, 1, 2, 3, 4]);
    }

    #[test]
    fn a_short_buffer_is_filled_and_the_length_is_the_whole() {
        let mut place = [0xffu8; 4];
        let mut length = 4;
        let address = Address::Inet("1.2.3.4:258".parse().expect("an address"));
        // SAFETY: the buffer is as long as stated.
        unsafe { write(address, place.as_mut_ptr().cast(), &mut length) }.expect("stored");
        assert_eq!((place, length), ([2, 0, 1, 2], 16));
    }
}
