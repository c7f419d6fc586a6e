//! Sockets: the calls, over whatever is behind a descriptor.
//!
//! * [`SocketFile`] is what a file must be able to do for the calls in [`calls`] and [`messages`]: sockets of the
//!   composed network stack ([`inet`]) and local pairs ([`crate::pipe`]) implement it;
//! * [`open`] is `socket`, [`address`] converts `sockaddr`s; [`options`] is `setsockopt` and `getsockopt`.
//!
//! Only `socket` and `getaddrinfo` name the network stack, so an image whose application calls neither has none.

pub mod address;
pub mod calls;
pub mod inet;
pub mod messages;
pub mod open;
pub mod options;

use crate::Errno;
use crate::fd::File;
use alloc::sync::Arc;
use core::ffi::c_int;
use core::net::SocketAddr;
use kit_iface_net::Shutdown;

/// Where a socket is, or its peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// On a network.
    Inet(SocketAddr),
    /// A local socket without a name.
    Unnamed,
}

/// What `accept` found.
pub struct Accepted {
    /// The new connection.
    pub file: Arc<dyn File>,
    /// Its other end.
    pub peer: Address,
}

/// What `recv` found.
pub struct Received {
    /// Bytes stored.
    pub count: usize,
    /// Who sent them, where that makes sense.
    pub from: Option<Address>,
}

/// What a file must be able to do to be a socket. All are single attempts that answer `EAGAIN` rather than wait.
pub trait SocketFile: Send + Sync {
    /// `SOCK_STREAM` or `SOCK_DGRAM`.
    fn kind(&self) -> c_int;

    /// `AF_…`
    fn family(&self) -> c_int;

    /// Takes a local address.
    fn bind(&self, address: Address) -> Result<(), Errno>;

    /// Begins to accept connections.
    fn listen(&self, backlog: usize) -> Result<(), Errno>;

    /// Takes one connection.
    fn accept(&self) -> Result<Accepted, Errno>;

    /// Begins a connection; `EINPROGRESS` if it takes time.
    fn connect(&self, peer: Address) -> Result<(), Errno>;

    /// Sends a prefix of `bytes`, or one datagram.
    fn send(&self, bytes: &[u8], to: Option<Address>) -> Result<usize, Errno>;

    /// Receives bytes, or one datagram; with `peek` they stay.
    fn receive(&self, buffer: &mut [u8], peek: bool) -> Result<Received, Errno>;

    /// Ends one or both directions.
    fn shutdown(&self, how: Shutdown) -> Result<(), Errno>;

    /// The local address.
    fn local_address(&self) -> Result<Address, Errno>;

    /// The other end's address.
    fn peer_address(&self) -> Result<Address, Errno>;

    /// The pending error, which is thereby cleared.
    fn take_error(&self) -> Option<Errno> {
        None
    }

    /// Whether `listen` was called.
    fn is_listening(&self) -> bool {
        false
    }

    /// Sets an option whose value is a number.
    fn set_option(&self, level: c_int, name: c_int, value: c_int) -> Result<(), Errno> {
        let _ = (level, name, value);
        Err(Errno(libc::ENOPROTOOPT))
    }

    /// An option whose value is a number.
    fn option(&self, level: c_int, name: c_int) -> Result<c_int, Errno> {
        let _ = (level, name);
        Err(Errno(libc::ENOPROTOOPT))
    }

    /// How long blocking calls wait.
    fn timeouts(&self) -> &options::Timeouts;
}

/// Exports the group `sockets`. For images with a network stack.
#[macro_export]
macro_rules! export_sockets {
    ($image:ty) => {
        $crate::c_calls! {
            $image;
            fn socket(family: c_int, kind: c_int, protocol: c_int) -> c_int = $crate::sockets::open::socket::<$image>;
            fn bind(fd: c_int, address: *const sockaddr, length: socklen_t) -> c_int = $crate::sockets::calls::bind::<$image>;
            fn listen(fd: c_int, backlog: c_int) -> c_int = $crate::sockets::calls::listen::<$image>;
            fn accept(fd: c_int, address: *mut sockaddr, length: *mut socklen_t) -> c_int = $crate::sockets::calls::accept::<$image>;
            fn accept4(fd: c_int, address: *mut sockaddr, length: *mut socklen_t, flags: c_int) -> c_int = $crate::sockets::calls::accept4::<$image>;
            fn connect(fd: c_int, address: *const sockaddr, length: socklen_t) -> c_int = $crate::sockets::calls::connect::<$image>;
            fn shutdown(fd: c_int, how: c_int) -> c_int = $crate::sockets::calls::shutdown::<$image>;
            fn getsockname(fd: c_int, address: *mut sockaddr, length: *mut socklen_t) -> c_int = $crate::sockets::calls::getsockname::<$image>;
            fn getpeername(fd: c_int, address: *mut sockaddr, length: *mut socklen_t) -> c_int = $crate::sockets::calls::getpeername::<$image>;
            fn send(fd: c_int, bytes: *const c_void, count: size_t, flags: c_int) -> ssize_t = $crate::sockets::messages::send::<$image>;
            fn sendto(fd: c_int, bytes: *const c_void, count: size_t, flags: c_int, address: *const sockaddr, length: socklen_t) -> ssize_t = $crate::sockets::messages::sendto::<$image>;
            fn sendmsg(fd: c_int, message: *const msghdr, flags: c_int) -> ssize_t = $crate::sockets::messages::sendmsg::<$image>;
            fn recv(fd: c_int, buffer: *mut c_void, count: size_t, flags: c_int) -> ssize_t = $crate::sockets::messages::recv::<$image>;
            fn recvfrom(fd: c_int, buffer: *mut c_void, count: size_t, flags: c_int, address: *mut sockaddr, length: *mut socklen_t) -> ssize_t = $crate::sockets::messages::recvfrom::<$image>;
            fn recvmsg(fd: c_int, message: *mut msghdr, flags: c_int) -> ssize_t = $crate::sockets::messages::recvmsg::<$image>;
            fn getsockopt(fd: c_int, level: c_int, name: c_int, value: *mut c_void, length: *mut socklen_t) -> c_int = $crate::sockets::options::getsockopt::<$image>;
            fn setsockopt(fd: c_int, level: c_int, name: c_int, value: *const c_void, length: socklen_t) -> c_int = $crate::sockets::options::setsockopt::<$image>;
            fn getaddrinfo(node: *const c_char, service: *const c_char, hints: *const addrinfo, found: *mut *mut addrinfo) -> c_int = $crate::resolve::getaddrinfo::<$image>;
            fn freeaddrinfo(list: *mut addrinfo) = $crate::resolve::freeaddrinfo;
            fn gai_strerror(number: c_int) -> *const c_char = $crate::resolve::gai_strerror;
        }
    };
}
