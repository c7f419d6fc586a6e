//! The stack as a `Net`: each method locks, calls the engine, unlocks.

use crate::config::Config;
use crate::datagram::Datagram;
use crate::engine::{Core, now};
use crate::slot::{Body, Slot, Socket};
use crate::worker::Shared;
use alloc::sync::Arc;
use core::net::{IpAddr, SocketAddr};
use kit_iface_console::log_str;
use kit_iface_net::{Family, Kind, Net, NetError, Observer, Readiness, Shutdown, SocketOption};
use kit_iface_netdev::{NetDevice, NetDeviceError};
use kit_util_net::address::{any, shown, taken_in};
use kit_util_net::resolver::{self, NameServers, Resolves};
use kit_util_sync::Lazy;

/// A TCP/IP stack over one network device, and loopback. Nothing happens before the first `open`.
pub struct Stack<D: NetDevice> {
    device: &'static D,
    config: Config,
    shared: Lazy<Arc<Shared<D>>>,
}

impl<D: NetDevice> Stack<D> {
    /// A stack that will use `device`, if it turns out to be there.
    pub const fn new(device: &'static D, config: Config) -> Self {
        Self { device, config, shared: Lazy::new() }
    }

    /// Brings the stack up if it is not.
    pub(crate) fn started(&self) -> Result<&Shared<D>, NetError> {
        self.shared.get_or_try(|| self.start()).map(|shared| &**shared)
    }

    #[cold]
    fn start(&self) -> Result<Arc<Shared<D>>, NetError> {
        let settings = self.config.addresses.read().map_err(|bad| {
            log_str("kit: net: not an address: ");
            log_str(bad.text());
            log_str("\n");
            NetError::Down
        })?;
        let capabilities = match self.device.start() {
            Ok(capabilities) => Some(capabilities),
            Err(NetDeviceError::Absent) => None,
            Err(NetDeviceError::Failed) => return Err(NetError::Down),
            Err(NetDeviceError::OutOfMemory) => return Err(NetError::Exhausted),
        };
        let core = Core::new(self.device, self.config, settings, capabilities)?;
        Shared::start(self.device, core).map_err(|_| NetError::Exhausted)
    }

    /// The running stack; a socket's existence says that it runs.
    #[inline]
    pub(crate) fn running(&self) -> Result<&Shared<D>, NetError> {
        self.shared.get().map(|shared| &**shared).ok_or(NetError::Invalid)
    }

    /// Does something with a socket that may not be possible yet: if it is not, digests frames that have arrived
    /// in the meantime, and tries again.
    #[inline]
    fn try_twice<R>(
        &self,
        mut attempt: impl FnMut(&mut Core<D>) -> Result<R, NetError>,
    ) -> Result<R, NetError> {
        let shared = self.running()?;
        shared.with(|core| match attempt(core) {
            Err(NetError::WouldBlock) if shared.device.can_receive() => {
                core.catch_up();
                attempt(core)
            }
            result => result,
        })
    }
}

impl<D: NetDevice> Net for Stack<D> {
    type Socket = Socket;

    const STREAMS: bool = true;

    fn open(&self, kind: Kind, family: Family, observer: Observer) -> Result<Socket, NetError> {
        self.started()?.with(|core| {
            let body = match kind {
                Kind::Stream => Body::Idle,
                Kind::Datagram => Body::Datagram(Datagram::default()),
            };
            let slot = core.new_slot(family, Some(observer), body);
            core.slots.insert(slot)
        })
    }

    fn close(&self, socket: Socket) {
        if let Ok(shared) = self.running() {
            shared.with(|core| core.close(socket, now()));
        }
    }

    fn bind(&self, socket: Socket, address: SocketAddr) -> Result<(), NetError> {
        self.running()?.with(|core| core.bind(socket, address))
    }

    fn listen(&self, socket: Socket, backlog: usize) -> Result<(), NetError> {
        self.running()?.with(|core| core.listen(socket, backlog))
    }

    fn accept(&self, socket: Socket, observer: Observer) -> Result<(Socket, SocketAddr), NetError> {
        self.try_twice(|core| {
            let (child, peer) = core.accept(socket, observer)?;
            Ok((child, shown(core.slots.named(child)?.family, peer)))
        })
    }

    fn connect(&self, socket: Socket, peer: SocketAddr) -> Result<(), NetError> {
        self.running()?.with(|core| {
            let slot = core.slots.named(socket)?;
            let peer = taken_in(slot.family, slot.options.only_v6, peer)?;
            match slot.kind() {
                Kind::Stream => core.connect_stream(socket, peer, now()),
                Kind::Datagram => core.connect_datagram(socket, peer),
            }
        })
    }

    fn send(&self, socket: Socket, bytes: &[u8], to: Option<SocketAddr>) -> Result<usize, NetError> {
        self.try_twice(|core| {
            let slot = core.slots.named(socket)?;
            let (family, only_v6) = (slot.family, slot.options.only_v6);
            match slot.body {
                Body::Datagram(_) => {
                    let to = to.map(|to| taken_in(family, only_v6, to)).transpose()?;
                    core.send_datagram(socket, bytes, to, now())
                }
                _ => core.send_stream(socket, bytes, now()),
            }
        })
    }

    fn receive(
        &self,
        socket: Socket,
        buffer: &mut [u8],
        peek: bool,
    ) -> Result<(usize, SocketAddr), NetError> {
        let shared = self.running()?;
        let mut may_catch_up = true;
        loop {
            let mut core = shared.core.lock();
            let slot = core.slots.named(socket)?;
            let family = slot.family;
            let received = match &mut slot.body {
                // The usual case, which changes nothing that anybody else must know of.
                Body::Connection(connection) => match connection.receive(buffer, peek) {
                    Some((count, may_tell_window)) => {
                        let peer = connection.peer;
                        if may_tell_window {
                            drop(core);
                            shared.with(|core| core.settle_now(socket));
                        }
                        return Ok((count, shown(family, peer)));
                    }
                    None => connection.nothing_received().map(|()| (0, connection.peer)),
                },
                Body::Datagram(datagram) => datagram.receive(buffer, peek),
                Body::Waiting(_) => Err(NetError::WouldBlock),
                _ => Err(NetError::NotConnected),
            };
            let is_taken = received.is_ok() && matches!(slot.body, Body::Datagram(_));
            if !is_taken && let Some(error) = slot.error.take() {
                return Err(error);
            }
            match received {
                // Frames that have arrived meanwhile are digested here and now: that saves an interrupt and two
                // switches of threads.
                Err(NetError::WouldBlock) if may_catch_up && shared.device.can_receive() => {
                    drop(core);
                    shared.with(Core::catch_up);
                    may_catch_up = false;
                }
                received => return received.map(|(count, from)| (count, shown(family, from))),
            }
        }
    }

    fn shutdown(&self, socket: Socket, how: Shutdown) -> Result<(), NetError> {
        self.running()?.with(|core| core.shutdown(socket, how, now()))
    }

    fn readiness(&self, socket: Socket) -> Readiness {
        let answer = self.try_twice(|core| match core.readiness(socket)? {
            Readiness(0) => Err(NetError::WouldBlock),
            readiness => Ok(readiness),
        });
        answer.unwrap_or_default()
    }

    fn take_error(&self, socket: Socket) -> Option<NetError> {
        self.running().ok()?.with(|core| core.slots.named(socket).ok()?.error.take())
    }

    fn local_address(&self, socket: Socket) -> Result<SocketAddr, NetError> {
        self.running()?.with(|core| {
            let slot = core.slots.named(socket)?;
            let address = match (&slot.body, slot.bound) {
                (Body::Connection(connection), _) => connection.local,
                (_, Some(bound)) => bound,
                _ => SocketAddr::new(any(slot.family), 0),
            };
            Ok(shown(slot.family, address))
        })
    }

    fn peer_address(&self, socket: Socket) -> Result<SocketAddr, NetError> {
        self.running()?.with(|core| {
            let slot = core.slots.named(socket)?;
            let peer = match &slot.body {
                Body::Connection(connection) if connection.is_established() => Some(connection.peer),
                Body::Datagram(datagram) => datagram.peer,
                _ => None,
            };
            Ok(shown(slot.family, peer.ok_or(NetError::NotConnected)?))
        })
    }

    fn set_option(&self, socket: Socket, option: SocketOption) -> Result<(), NetError> {
        self.running()?.with(|core| {
            let Slot { options, body, .. } = core.slots.named(socket)?;
            match option {
                SocketOption::NoDelay(on) => options.no_delay = on,
                SocketOption::KeepAlive(interval_ns) => options.keep_alive_ns = interval_ns,
                SocketOption::ReuseAddress(on) => options.reuse_address = on,
                SocketOption::ReusePort(on) => options.reuse_port = on,
                SocketOption::OnlyV6(on) => options.only_v6 = on,
                SocketOption::Broadcast(on) => options.broadcast = on,
                SocketOption::HopLimit(0) => return Err(NetError::Invalid),
                SocketOption::HopLimit(limit) => options.hop_limit = Some(limit),
                SocketOption::ReceiveBuffer(bytes) => options.receive_bytes = bytes.clamp(SMALLEST, LARGEST),
                SocketOption::SendBuffer(bytes) => options.send_bytes = bytes.clamp(SMALLEST, LARGEST),
                _ => return Err(NetError::Unsupported),
            }
            if let Body::Connection(connection) = body {
                connection.apply(options);
                core.settle(socket.index, now(), false);
            }
            Ok(())
        })
    }

    fn resolve(&self, name: &str, found: &mut dyn FnMut(IpAddr)) -> Result<(), NetError> {
        resolver::resolve(self, name, found)
    }
}

impl<D: NetDevice> Resolves for Stack<D> {
    fn name_servers(&self) -> Result<NameServers, NetError> {
        self.started()?.with(|core| {
            let mut servers = [None; resolver::MOST_SERVERS];
            for (place, server) in servers.iter_mut().zip(&core.autoconfig.name_servers) {
                *place = Some(*server);
            }
            Ok(NameServers { servers, is_waiting: core.links.awaits_address })
        })
    }

    fn random(&self) -> u64 {
        self.started().map_or(0, |shared| shared.with(|core| core.random.next()))
    }
}

/// How many frames a caller digests before it goes on with its own business.
const FRAMES_AT_ONCE: u32 = 16;
/// Bounds of buffers that an application asks for: a segment must fit, and a mistake must not eat the machine.
const SMALLEST: usize = 2048;
const LARGEST: usize = 1024 * 1024;

impl<D: NetDevice> Core<D> {
    fn send_stream(
        &mut self,
        socket: Socket,
        bytes: &[u8],
        now: smoltcp::time::Instant,
    ) -> Result<usize, NetError> {
        let Slot { body, error, .. } = self.slots.named(socket)?;
        if let Some(error) = error.take() {
            return Err(error);
        }
        let count = match body {
            Body::Connection(connection) => connection.send(bytes)?,
            Body::Waiting(_) => return Err(NetError::WouldBlock),
            _ => return Err(NetError::NotConnected),
        };
        self.settle(socket.index, now, true);
        self.drain_loopback(now);
        Ok(count)
    }

    /// Digests what has arrived.
    fn catch_up(&mut self) {
        let now = now();
        self.receive_frames(now, FRAMES_AT_ONCE);
        self.drain_loopback(now);
    }

    /// Looks whether a connection has something to send.
    fn settle_now(&mut self, socket: Socket) {
        if self.slots.named(socket).is_ok() {
            let now = now();
            self.settle(socket.index, now, false);
            self.drain_loopback(now);
        }
    }

    fn readiness(&mut self, socket: Socket) -> Result<Readiness, NetError> {
        let slot = self.slots.named(socket)?;
        let readiness = match &mut slot.body {
            Body::Connection(connection) => connection.readiness(),
            Body::Datagram(datagram) => datagram.readiness(),
            Body::Listener(listener) if listener.ready.is_empty() => Readiness::default(),
            Body::Listener(_) => Readiness::READABLE,
            Body::Waiting(_) => Readiness::default(),
            Body::Idle => Readiness::WRITABLE.with(Readiness::CLOSED),
        };
        Ok(match slot.error {
            Some(_) => readiness.with(Readiness::ERROR).with(Readiness::READABLE).with(Readiness::WRITABLE),
            None => readiness,
        })
    }
}
