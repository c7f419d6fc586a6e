//! Internet sockets, always non-blocking and closed on exec.

use crate::raw::{syscall3, syscall6};
use crate::{Errno, RawAddress};
use core::net::SocketAddr;

/// Opens a socket of `family` (`AF_INET`, `AF_INET6`) and `kind` (`SOCK_STREAM`, `SOCK_DGRAM`).
pub fn socket(family: i32, kind: i32) -> Result<i32, Errno> {
    let kind = kind | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: no memory is involved.
    unsafe { syscall3(libc::SYS_socket, family as usize, kind as usize, 0) }.map(|socket| socket as i32)
}

/// Binds to a local address.
pub fn bind(socket: i32, address: SocketAddr) -> Result<(), Errno> {
    with_address(libc::SYS_bind, socket, address)
}

/// Begins a connection, or fixes the peer of a datagram socket.
pub fn connect(socket: i32, peer: SocketAddr) -> Result<(), Errno> {
    with_address(libc::SYS_connect, socket, peer)
}

fn with_address(call: i64, socket: i32, address: SocketAddr) -> Result<(), Errno> {
    let raw = RawAddress::from(address);
    // SAFETY: the kernel reads `length` bytes, which the address has.
    unsafe { syscall3(call, socket as usize, raw.bytes.as_ptr() as usize, raw.length as usize) }.map(drop)
}

/// Accepts connections, at most `backlog` ahead.
pub fn listen(socket: i32, backlog: usize) -> Result<(), Errno> {
    let backlog = backlog.min(i32::MAX as usize);
    // SAFETY: no memory is involved.
    unsafe { syscall3(libc::SYS_listen, socket as usize, backlog, 0) }.map(drop)
}

/// Takes a connection.
pub fn accept(socket: i32) -> Result<(i32, RawAddress), Errno> {
    let mut peer = RawAddress::room();
    let flags = (libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) as usize;
    let (bytes, length) = (peer.bytes.as_mut_ptr() as usize, (&raw mut peer.length) as usize);
    // SAFETY: the kernel writes at most `length` bytes of the room, and the true length to `length`.
    let accepted = unsafe { syscall6(libc::SYS_accept4, [socket as usize, bytes, length, flags, 0, 0]) }?;
    Ok((accepted as i32, peer))
}

/// Sends bytes, or a datagram, to `to` or to the connected peer. Never raises `SIGPIPE`.
#[inline]
pub fn send(socket: i32, bytes: &[u8], to: Option<SocketAddr>) -> Result<usize, Errno> {
    let raw = to.map(RawAddress::from);
    let (address, length) =
        raw.as_ref().map_or((0, 0), |raw| (raw.bytes.as_ptr() as usize, raw.length as usize));
    let flags = libc::MSG_NOSIGNAL as usize;
    let arguments = [socket as usize, bytes.as_ptr() as usize, bytes.len(), flags, address, length];
    // SAFETY: the kernel only reads the slice and the address.
    unsafe { syscall6(libc::SYS_sendto, arguments) }
}

/// Takes bytes, or a datagram, and the sender's address where the protocol gives one; `peek` leaves them.
#[inline]
pub fn receive(socket: i32, buffer: &mut [u8], peek: bool) -> Result<(usize, RawAddress), Errno> {
    let mut sender = RawAddress::room();
    let flags = if peek { libc::MSG_PEEK as usize } else { 0 };
    let (address, length) = (sender.bytes.as_mut_ptr() as usize, (&raw mut sender.length) as usize);
    let arguments = [socket as usize, buffer.as_mut_ptr() as usize, buffer.len(), flags, address, length];
    // SAFETY: the kernel writes at most the buffer's length and the address's room.
    let count = unsafe { syscall6(libc::SYS_recvfrom, arguments) }?;
    Ok((count, sender))
}

/// Ends directions: `SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`.
pub fn shutdown(socket: i32, how: i32) -> Result<(), Errno> {
    // SAFETY: no memory is involved.
    unsafe { syscall3(libc::SYS_shutdown, socket as usize, how as usize, 0) }.map(drop)
}

/// The address that the socket is bound to.
pub fn local_address(socket: i32) -> Result<RawAddress, Errno> {
    read_address(libc::SYS_getsockname, socket)
}

/// The address of the connected peer.
pub fn peer_address(socket: i32) -> Result<RawAddress, Errno> {
    read_address(libc::SYS_getpeername, socket)
}

fn read_address(call: i64, socket: i32) -> Result<RawAddress, Errno> {
    let mut raw = RawAddress::room();
    let (bytes, length) = (raw.bytes.as_mut_ptr() as usize, (&raw mut raw.length) as usize);
    // SAFETY: the kernel writes at most `length` bytes of the room, and the true length to `length`.
    unsafe { syscall3(call, socket as usize, bytes, length) }?;
    Ok(raw)
}

/// Sets an option whose value is an `int`.
pub fn set_option(socket: i32, level: i32, option: i32, value: i32) -> Result<(), Errno> {
    let address = (&raw const value) as usize;
    let arguments = [socket as usize, level as usize, option as usize, address, size_of::<i32>(), 0];
    // SAFETY: the kernel reads one int.
    unsafe { syscall6(libc::SYS_setsockopt, arguments) }.map(drop)
}

/// Reads an option whose value is an `int`.
pub fn get_option(socket: i32, level: i32, option: i32) -> Result<i32, Errno> {
    let (mut value, mut length) = (0i32, size_of::<i32>() as u32);
    let (address, length) = ((&raw mut value) as usize, (&raw mut length) as usize);
    let arguments = [socket as usize, level as usize, option as usize, address, length, 0];
    // SAFETY: the kernel writes at most one int, and its length.
    unsafe { syscall6(libc::SYS_getsockopt, arguments) }?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_over_loopback() {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let receiver = socket(libc::AF_INET, libc::SOCK_DGRAM).unwrap();
        let sender = socket(libc::AF_INET, libc::SOCK_DGRAM).unwrap();
        bind(receiver, any).unwrap();
        bind(sender, any).unwrap();
        let to = local_address(receiver).unwrap().to_socket_address().unwrap();
        let mut buffer = [0; 16];
        assert_eq!(receive(receiver, &mut buffer, false).unwrap_err(), Errno::AGAIN);
        assert_eq!(send(sender, b"ping", Some(to)), Ok(4));
        let (count, from) = receive(receiver, &mut buffer, true).unwrap();
        assert_eq!(&buffer[..count], b"ping");
        assert_eq!(from.to_socket_address(), local_address(sender).unwrap().to_socket_address());
        assert_eq!(receive(receiver, &mut buffer, false).unwrap().0, 4);
        assert_eq!(get_option(receiver, libc::SOL_SOCKET, libc::SO_TYPE), Ok(libc::SOCK_DGRAM));
        for socket in [receiver, sender] {
            crate::close(socket).unwrap();
        }
    }
}
