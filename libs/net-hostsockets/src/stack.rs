//! The slot's operations, each one system call.

use crate::errors::net_error;
use crate::events::{self, Events, Socket};
use crate::resolve;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use kit_iface_irq::Irq;
use kit_iface_net::{Family, Kind, Net, NetError, Observer, Readiness, Shutdown, SocketOption};
use kit_util_linux as linux;
use kit_util_linux::{Errno, PollEntry, poll};
use kit_util_sync::Lazy;

/// What stands for "no address" where the kernel tells none.
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// The host's sockets as a network stack. Events arrive as an interrupt of `I`.
pub struct HostSockets<I: Irq> {
    irq: &'static I,
    events: Lazy<&'static Events>,
}

impl<I: Irq> HostSockets<I> {
    /// A stack that nothing has been opened on yet.
    pub const fn new(irq: &'static I) -> Self {
        Self { irq, events: Lazy::new() }
    }

    fn events(&self) -> Result<&'static Events, NetError> {
        self.events.get_or_try(|| Events::start(self.irq)).copied()
    }
}

impl<I: Irq> Net for HostSockets<I> {
    type Socket = Socket;

    const STREAMS: bool = true;

    fn open(&self, kind: Kind, family: Family, observer: Observer) -> Result<Socket, NetError> {
        let events = self.events()?;
        let family_number = if family == Family::V6 { libc::AF_INET6 } else { libc::AF_INET };
        let kind_number = if kind == Kind::Stream { libc::SOCK_STREAM } else { libc::SOCK_DGRAM };
        let descriptor = linux::socket(family_number, kind_number).map_err(net_error)?;
        let socket = events.adopt(descriptor, kind, family, observer)?;
        if kind == Kind::Datagram
            && let Err(error) = events.report(socket)
        {
            events.close(socket);
            return Err(error);
        }
        Ok(socket)
    }

    fn close(&self, socket: Socket) {
        if let Ok(events) = self.events() {
            events.close(socket);
        }
    }

    fn bind(&self, socket: Socket, address: SocketAddr) -> Result<(), NetError> {
        linux::bind(socket.descriptor, address).map_err(net_error)
    }

    fn listen(&self, socket: Socket, backlog: usize) -> Result<(), NetError> {
        linux::listen(socket.descriptor, backlog).map_err(net_error)?;
        self.events()?.report(socket)
    }

    fn accept(&self, socket: Socket, observer: Observer) -> Result<(Socket, SocketAddr), NetError> {
        let (descriptor, peer) = linux::accept(socket.descriptor).map_err(net_error)?;
        let events = self.events()?;
        let accepted = events.adopt(descriptor, Kind::Stream, socket.family, observer)?;
        if let Err(error) = events.report(accepted) {
            events.close(accepted);
            return Err(error);
        }
        Ok((accepted, peer.to_socket_address().unwrap_or(NOWHERE)))
    }

    fn connect(&self, socket: Socket, peer: SocketAddr) -> Result<(), NetError> {
        // The kernel accepts one more `connect` after one that it finished in the background.
        if socket.kind == Kind::Stream && linux::peer_address(socket.descriptor).is_ok() {
            return Err(NetError::AlreadyConnected);
        }
        let result = linux::connect(socket.descriptor, peer).map_err(net_error);
        if matches!(result, Ok(()) | Err(NetError::InProgress)) {
            self.events()?.report(socket)?;
        }
        result
    }

    #[inline]
    fn send(&self, socket: Socket, bytes: &[u8], to: Option<SocketAddr>) -> Result<usize, NetError> {
        again(|| linux::send(socket.descriptor, bytes, to))
    }

    #[inline]
    fn receive(
        &self,
        socket: Socket,
        buffer: &mut [u8],
        peek: bool,
    ) -> Result<(usize, SocketAddr), NetError> {
        let events = self.events()?;
        let arrivals = events.may_read(socket)?;
        let result = again(|| linux::receive(socket.descriptor, buffer, peek));
        // A stream that gives less than it could has no more (epoll(7), question 9).
        let is_empty = match result {
            Ok((count, _)) => socket.kind == Kind::Stream && !peek && (1..buffer.len()).contains(&count),
            Err(error) => error == NetError::WouldBlock,
        };
        if is_empty {
            events.note_empty(socket, arrivals);
        }
        let (count, sender) = result?;
        Ok((count, sender.to_socket_address().unwrap_or(NOWHERE)))
    }

    fn shutdown(&self, socket: Socket, how: Shutdown) -> Result<(), NetError> {
        let how = match how {
            Shutdown::Read => libc::SHUT_RD,
            Shutdown::Write => libc::SHUT_WR,
            Shutdown::Both => libc::SHUT_RDWR,
        };
        linux::shutdown(socket.descriptor, how).map_err(net_error)
    }

    fn readiness(&self, socket: Socket) -> Readiness {
        let events = libc::POLLIN | libc::POLLOUT | libc::POLLRDHUP;
        let mut entry = [PollEntry { descriptor: socket.descriptor, events, found: 0 }];
        let _ = poll(&mut entry, Some(0));
        events::readiness(i32::from(entry[0].found))
    }

    fn take_error(&self, socket: Socket) -> Option<NetError> {
        match linux::get_option(socket.descriptor, libc::SOL_SOCKET, libc::SO_ERROR) {
            Ok(0) => None,
            Ok(error) => Some(net_error(Errno(error))),
            Err(error) => Some(net_error(error)),
        }
    }

    fn local_address(&self, socket: Socket) -> Result<SocketAddr, NetError> {
        let address = linux::local_address(socket.descriptor).map_err(net_error)?;
        Ok(address.to_socket_address().unwrap_or(NOWHERE))
    }

    fn peer_address(&self, socket: Socket) -> Result<SocketAddr, NetError> {
        let address = linux::peer_address(socket.descriptor).map_err(net_error)?;
        Ok(address.to_socket_address().unwrap_or(NOWHERE))
    }

    fn set_option(&self, socket: Socket, option: SocketOption) -> Result<(), NetError> {
        let set = |level, name, value: i32| {
            linux::set_option(socket.descriptor, level, name, value).map_err(net_error)
        };
        match option {
            SocketOption::NoDelay(on) => set(libc::IPPROTO_TCP, libc::TCP_NODELAY, on.into()),
            SocketOption::KeepAlive(idle_ns) => {
                set(libc::SOL_SOCKET, libc::SO_KEEPALIVE, idle_ns.is_some().into())?;
                let Some(idle_ns) = idle_ns else { return Ok(()) };
                // Whole seconds, 1 to 32767 (tcp(7)).
                let seconds = idle_ns.div_ceil(1_000_000_000).clamp(1, 32_767);
                set(libc::IPPROTO_TCP, libc::TCP_KEEPIDLE, seconds as i32)
            }
            SocketOption::ReuseAddress(on) => set(libc::SOL_SOCKET, libc::SO_REUSEADDR, on.into()),
            SocketOption::ReusePort(on) => set(libc::SOL_SOCKET, libc::SO_REUSEPORT, on.into()),
            SocketOption::OnlyV6(on) => set(libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, on.into()),
            SocketOption::Broadcast(on) => set(libc::SOL_SOCKET, libc::SO_BROADCAST, on.into()),
            SocketOption::HopLimit(hops) if socket.family == Family::V6 => {
                set(libc::IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS, hops.into())
            }
            SocketOption::HopLimit(hops) => set(libc::IPPROTO_IP, libc::IP_TTL, hops.into()),
            SocketOption::ReceiveBuffer(bytes) => set(libc::SOL_SOCKET, libc::SO_RCVBUF, wish(bytes)),
            SocketOption::SendBuffer(bytes) => set(libc::SOL_SOCKET, libc::SO_SNDBUF, wish(bytes)),
            _ => Err(NetError::Unsupported),
        }
    }

    fn resolve(&self, name: &str, found: &mut dyn FnMut(IpAddr)) -> Result<(), NetError> {
        resolve::resolve(self, name, found)
    }
}

fn wish(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}

/// Repeats a call that a signal cut short.
#[inline]
fn again<R>(mut call: impl FnMut() -> Result<R, Errno>) -> Result<R, NetError> {
    loop {
        match call() {
            Err(Errno::INTERRUPTED) => {}
            result => return result.map_err(net_error),
        }
    }
}
