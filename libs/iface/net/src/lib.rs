//! The network-stack slot: sockets, as the POSIX shim and native apps use them.
//!
//! No method waits for the network unless its documentation says **blocks**; everything else answers at once,
//! [`NetError::WouldBlock`] included, and the socket's [`Observer`] is told when asking again makes sense.
//! Blocking reads, `poll`, and edge-triggered `epoll` are all built from that one promise:
//!
//! > The observer is called after *every* event that may turn a refused operation into a successful one: each
//! > arrival of data, each freeing of send space after a refusal, each new connection, each error or close.
//!
//! The stack brings its device up on the first [`Net::open`].
//!
//! [`fake`] is a network in memory for the tests of callers; [`conformance`] checks an implementation against all
//! that is promised here, that promise first.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;

use core::net::{IpAddr, SocketAddr};

/// What a socket carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A byte stream over TCP.
    Stream,
    /// Datagrams over UDP.
    Datagram,
}

/// Address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6, and IPv4-mapped unless [`SocketOption::OnlyV6`] says otherwise.
    V6,
}

/// Why an operation failed. Each variant corresponds to one POSIX errno, named in its documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetError {
    /// Not now; the observer will tell. `EAGAIN`
    WouldBlock,
    /// A connection attempt has begun; writability or an error ends it. `EINPROGRESS`
    InProgress,
    /// An attempt is under way already. `EALREADY`
    AlreadyConnecting,
    /// The socket is connected already. `EISCONN`
    AlreadyConnected,
    /// The operation needs a connection. `ENOTCONN`
    NotConnected,
    /// The peer answered with a reset to our attempt. `ECONNREFUSED`
    Refused,
    /// The peer reset an established connection. `ECONNRESET`
    Reset,
    /// The connection was aborted before it was accepted. `ECONNABORTED`
    Aborted,
    /// Writing to a stream that is shut down for writing. `EPIPE`
    Closed,
    /// The peer does not answer. `ETIMEDOUT`
    TimedOut,
    /// Another socket is bound there. `EADDRINUSE`
    AddressInUse,
    /// The address is not one of this machine's. `EADDRNOTAVAIL`
    AddressNotAvailable,
    /// No route: the network is not configured (yet), or nobody forwards there. `ENETUNREACH`
    Unreachable,
    /// A datagram larger than the transport can carry. `EMSGSIZE`
    TooLarge,
    /// `send` without destination on an unconnected datagram socket. `EDESTADDRREQ`
    NoDestination,
    /// The call does not fit the socket's kind or state. `EINVAL`
    Invalid,
    /// This stack has no such family, kind or option. `EOPNOTSUPP`
    Unsupported,
    /// No memory or no sockets left. `ENOBUFS`
    Exhausted,
    /// The device could not be started. `ENETDOWN`
    Down,
    /// The name does not exist (only from [`Net::resolve`]).
    NameNotFound,
}

/// What can be done on a socket now; a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Readiness(pub u8);

impl Readiness {
    /// Data, a datagram, a connection to accept, or the end of the stream is there to be read.
    pub const READABLE: Self = Self(1);
    /// Bytes or a datagram would be taken.
    pub const WRITABLE: Self = Self(2);
    /// The peer will send no more (`EPOLLRDHUP`).
    pub const READ_CLOSED: Self = Self(4);
    /// Both directions are over (`EPOLLHUP`).
    pub const CLOSED: Self = Self(8);
    /// An error waits for [`Net::take_error`] (`EPOLLERR`).
    pub const ERROR: Self = Self(16);

    /// Union.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// Whether the sets share an element.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Whom a socket tells about events: `function(data, events)`. Called by the stack's worker or by whoever
/// drives the stack, with the stack's lock held: it may wake keys and set flags, and must not call the stack.
#[derive(Clone, Copy, Debug)]
pub struct Observer {
    /// The function.
    pub function: fn(data: usize, events: Readiness),
    /// Handed over unchanged.
    pub data: usize,
}

/// Directions of [`Net::shutdown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// No more reading.
    Read,
    /// No more writing: sends the end of the stream after what is queued.
    Write,
    /// Both.
    Both,
}

/// A socket option with its value. Options that a stack does not know answer [`NetError::Unsupported`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SocketOption {
    /// TCP: send small segments at once (`TCP_NODELAY`).
    NoDelay(bool),
    /// TCP: probe an idle peer after this many nanoseconds; `None`: never.
    KeepAlive(Option<u64>),
    /// Allow binding to an address in `TIME_WAIT` (`SO_REUSEADDR`).
    ReuseAddress(bool),
    /// Allow several sockets on one address (`SO_REUSEPORT`).
    ReusePort(bool),
    /// IPv6: do not take IPv4-mapped peers (`IPV6_V6ONLY`).
    OnlyV6(bool),
    /// Datagrams to broadcast addresses (`SO_BROADCAST`).
    Broadcast(bool),
    /// Hop limit of what is sent.
    HopLimit(u8),
    /// Receive buffer in bytes, a wish.
    ReceiveBuffer(usize),
    /// Send buffer in bytes, a wish.
    SendBuffer(usize),
}

/// A network stack. All methods may be called by any thread, none from an interrupt handler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a network stack",
    note = "choose one with `[config] NET_… = true`; `kit doctor` lists them"
)]
pub trait Net: Sync + 'static {
    /// Names one open socket; copying it does not copy the socket.
    type Socket: Copy + Send + Sync + 'static;

    /// Whether there are streams. Where there are none, opening one answers [`NetError::Unsupported`], and
    /// [`Net::listen`] and [`Net::accept`] need not be written.
    const STREAMS: bool;

    /// Opens a socket that reports to `observer` until [`Net::close`] returns.
    fn open(&self, kind: Kind, family: Family, observer: Observer) -> Result<Self::Socket, NetError>;

    /// Closes: queued bytes of a stream are still sent, in the background. The observer is not called any
    /// more once this returns.
    fn close(&self, socket: Self::Socket);

    /// Binds to a local address; port 0 picks a free one.
    fn bind(&self, socket: Self::Socket, address: SocketAddr) -> Result<(), NetError>;

    /// Makes a bound stream socket accept up to `backlog` connections ahead of [`Net::accept`].
    fn listen(&self, socket: Self::Socket, backlog: usize) -> Result<(), NetError> {
        let _ = (socket, backlog);
        Err(NetError::Unsupported)
    }

    /// Takes an established connection; the new socket reports to `observer`.
    fn accept(
        &self,
        socket: Self::Socket,
        observer: Observer,
    ) -> Result<(Self::Socket, SocketAddr), NetError> {
        let _ = (socket, observer);
        Err(NetError::Unsupported)
    }

    /// Begins a stream connection ([`NetError::InProgress`]), or fixes the peer of a datagram socket.
    fn connect(&self, socket: Self::Socket, peer: SocketAddr) -> Result<(), NetError>;

    /// Queues bytes on a stream (returns how many fitted, at least 1 for a buffer that is not empty), or sends
    /// one datagram, whole, to `to` or the connected peer.
    fn send(&self, socket: Self::Socket, bytes: &[u8], to: Option<SocketAddr>) -> Result<usize, NetError>;

    /// Takes bytes from a stream (0: the peer ended it), or one datagram, cut to the buffer. `peek` leaves
    /// them in place. The address is the sender's.
    fn receive(
        &self,
        socket: Self::Socket,
        buffer: &mut [u8],
        peek: bool,
    ) -> Result<(usize, SocketAddr), NetError>;

    /// Ends one or both directions.
    fn shutdown(&self, socket: Self::Socket, how: Shutdown) -> Result<(), NetError>;

    /// What can be done now.
    fn readiness(&self, socket: Self::Socket) -> Readiness;

    /// The pending error, which is thereby cleared (`SO_ERROR`).
    fn take_error(&self, socket: Self::Socket) -> Option<NetError>;

    /// The local address; unspecified with port 0 before the socket is bound.
    fn local_address(&self, socket: Self::Socket) -> Result<SocketAddr, NetError>;

    /// The peer's address.
    fn peer_address(&self, socket: Self::Socket) -> Result<SocketAddr, NetError>;

    /// Sets an option.
    fn set_option(&self, socket: Self::Socket, option: SocketOption) -> Result<(), NetError>;

    /// Resolves `name` by DNS and calls `found` for each address, IPv4 before IPv6.
    /// **Blocks** until an answer or the stack's time-out.
    fn resolve(&self, name: &str, found: &mut dyn FnMut(IpAddr)) -> Result<(), NetError>;
}
