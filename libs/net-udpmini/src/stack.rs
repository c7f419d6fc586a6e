//! The stack as a `Net`: each method locks, calls the engine, unlocks.

use crate::Written;
use crate::endpoint::{Endpoint, NOWHERE, is_any, is_group};
use crate::engine::Engine;
use crate::sockets::Socket;
use crate::worker::Room;
use core::net::{IpAddr, SocketAddr};
use core::sync::atomic::{AtomicBool, Ordering};
use kit_iface_clock::monotonic_ns;
use kit_iface_console::log_str;
use kit_iface_net::{Family, Kind, Net, NetError, Observer, Readiness, Shutdown, SocketOption};
use kit_iface_netdev::{NetDevice, NetDeviceError};
use kit_iface_sched::SpawnError;
use kit_util_net::address::{any, destination, shown, taken_in};
use kit_util_net::resolver::{self, NameServers, Resolves};

/// How many frames a caller digests before it goes on with its own business.
const FRAMES_AT_ONCE: u32 = 16;

/// A stack for datagrams over one network device, and loopback. Nothing happens before the first `open`.
///
/// `SOCKETS`, `DATAGRAMS` and `NEIGHBOURS` are the most that there may be at a time.
pub struct Stack<D: 'static, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize> {
    device: &'static D,
    room: &'static Room<D, SOCKETS, DATAGRAMS, NEIGHBOURS>,
    settings: Written,
    has_refused_stream: AtomicBool,
}

/// [`SpawnError`] in the words of the slot.
struct Failure(NetError);

impl From<SpawnError> for Failure {
    fn from(_: SpawnError) -> Self {
        Self(NetError::Exhausted)
    }
}

impl<D: NetDevice, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize>
    Stack<D, SOCKETS, DATAGRAMS, NEIGHBOURS>
{
    /// A stack that will use `device`, if it turns out to be there, and `room`, which no other stack may use.
    pub const fn new(
        device: &'static D,
        room: &'static Room<D, SOCKETS, DATAGRAMS, NEIGHBOURS>,
        settings: Written,
    ) -> Self {
        Self { device, room, settings, has_refused_stream: AtomicBool::new(false) }
    }

    /// Brings the stack up if it is not.
    fn start(&self) -> Result<(), NetError> {
        if self.room.running().is_some() {
            return Ok(());
        }
        self.bring_up()
    }

    #[cold]
    fn bring_up(&self) -> Result<(), NetError> {
        let started = self.room.start(self.device, |engine| {
            let settings = self.settings.read().map_err(|bad| {
                log_str("kit: net: not an address: ");
                log_str(bad.text());
                log_str("\n");
                Failure(NetError::Down)
            })?;
            let device = match self.device.start() {
                Ok(capabilities) => Some((self.device, capabilities)),
                Err(NetDeviceError::Absent) => None,
                Err(NetDeviceError::Failed) => return Err(Failure(NetError::Down)),
                Err(NetDeviceError::OutOfMemory) => return Err(Failure(NetError::Exhausted)),
            };
            engine.start(settings, device, monotonic_ns()).map_err(Failure)
        });
        started.map_err(|Failure(error)| error)
    }

    /// Does something with the stack that a socket's existence says is running.
    #[inline]
    fn with<R>(&self, body: impl FnOnce(&mut Engine<D, SOCKETS, DATAGRAMS, NEIGHBOURS>) -> R) -> R {
        self.room.with(body)
    }

    /// Does something that may not be possible yet: if it is not, digests frames that have arrived in the meantime,
    /// and tries again. That saves an interrupt and two switches of threads.
    #[inline]
    fn try_twice<R>(
        &self,
        mut attempt: impl FnMut(&mut Engine<D, SOCKETS, DATAGRAMS, NEIGHBOURS>) -> Result<R, NetError>,
    ) -> Result<R, NetError> {
        self.with(|engine| match attempt(engine) {
            Err(NetError::WouldBlock) if self.device.can_receive() => {
                engine.receive_frames(self.device, monotonic_ns(), FRAMES_AT_ONCE);
                attempt(engine)
            }
            result => result,
        })
    }

    /// Says once what an application that wants streams can do.
    #[cold]
    fn refuse_stream(&self) -> NetError {
        if !self.has_refused_stream.swap(true, Ordering::Relaxed) {
            log_str(
                "kit: net: no TCP in this image: NET_UDP_MINI has datagrams only; set NET_SMOLTCP = true in [config]\n",
            );
        }
        NetError::Unsupported
    }
}

impl<D: NetDevice, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize> Net
    for Stack<D, SOCKETS, DATAGRAMS, NEIGHBOURS>
{
    type Socket = Socket;

    const STREAMS: bool = false;

    fn open(&self, kind: Kind, family: Family, observer: Observer) -> Result<Socket, NetError> {
        if kind == Kind::Stream {
            return Err(self.refuse_stream());
        }
        self.start()?;
        self.with(|engine| engine.sockets.open(family, observer))
    }

    fn close(&self, socket: Socket) {
        self.with(|engine| {
            let received = engine.sockets.close(socket);
            engine.lose(received);
        });
    }

    fn bind(&self, socket: Socket, address: SocketAddr) -> Result<(), NetError> {
        self.with(|engine| {
            let slot = engine.sockets.named(socket)?;
            let plain = taken_in(slot.family, slot.options.only_v6, address)?;
            let address = Endpoint::of(plain);
            let is_shared = is_group(address.ip) || engine.addresses.is_broadcast(address.ip);
            if !(is_any(address.ip) || is_shared || engine.addresses.is_own(address.ip)) {
                return Err(NetError::AddressNotAvailable);
            }
            engine.sockets.bind(socket, address, &mut engine.random)
        })
    }

    fn connect(&self, socket: Socket, peer: SocketAddr) -> Result<(), NetError> {
        self.with(|engine| {
            let slot = engine.sockets.named(socket)?;
            let peer = taken_in(slot.family, slot.options.only_v6, peer)?;
            engine.connect(socket, Endpoint::of(destination(peer)))
        })
    }

    fn send(&self, socket: Socket, bytes: &[u8], to: Option<SocketAddr>) -> Result<usize, NetError> {
        self.try_twice(|engine| {
            let slot = engine.sockets.named(socket)?;
            let to = match to {
                Some(to) => Some(Endpoint::of(destination(taken_in(slot.family, slot.options.only_v6, to)?))),
                None => None,
            };
            engine.send(socket, bytes, to, monotonic_ns())
        })
    }

    fn receive(
        &self,
        socket: Socket,
        buffer: &mut [u8],
        peek: bool,
    ) -> Result<(usize, SocketAddr), NetError> {
        self.try_twice(|engine| {
            let slot = engine.sockets.named(socket)?;
            let Some(first) = slot.received.first() else {
                if let Some(error) = slot.take_error() {
                    return Err(error);
                }
                let nobody = shown(slot.family, SocketAddr::new(any(slot.family), 0));
                return if slot.read_shut { Ok((0, nobody)) } else { Err(NetError::WouldBlock) };
            };
            let Some(datagram) = engine.pool.get(first) else { return Err(NetError::WouldBlock) };
            let payload = datagram.payload();
            let bytes = buffer.len().min(payload.len());
            buffer[..bytes].copy_from_slice(&payload[..bytes]);
            let from = shown(slot.family, datagram.remote.plain());
            if !peek {
                engine.pool.drop_first(&mut slot.received);
            }
            Ok((bytes, from))
        })
    }

    fn shutdown(&self, socket: Socket, how: Shutdown) -> Result<(), NetError> {
        self.with(|engine| {
            let slot = engine.sockets.named(socket)?;
            if slot.peer == Endpoint::NONE {
                return Err(NetError::NotConnected);
            }
            slot.read_shut |= how != Shutdown::Write;
            slot.write_shut |= how != Shutdown::Read;
            engine.tell(socket.index(), Readiness::READABLE.with(Readiness::WRITABLE));
            Ok(())
        })
    }

    fn readiness(&self, socket: Socket) -> Readiness {
        let look = |engine: &mut Engine<D, SOCKETS, DATAGRAMS, NEIGHBOURS>| {
            let slot = engine.sockets.named(socket)?;
            let mut readiness = Readiness::default();
            if slot.read_shut {
                readiness = readiness.with(Readiness::READABLE).with(Readiness::READ_CLOSED);
            }
            if !slot.received.is_empty() {
                readiness = readiness.with(Readiness::READABLE);
            }
            if !slot.wants_room {
                readiness = readiness.with(Readiness::WRITABLE);
            }
            if slot.is_refused {
                let all = Readiness::ERROR.with(Readiness::READABLE).with(Readiness::WRITABLE);
                readiness = readiness.with(all);
            }
            Ok(readiness)
        };
        // Somebody who asks whether there is something to read wants what has arrived counted in.
        self.with(|engine| match look(engine) {
            Ok(readiness) if !readiness.intersects(Readiness::READABLE) && self.device.can_receive() => {
                engine.receive_frames(self.device, monotonic_ns(), FRAMES_AT_ONCE);
                look(engine)
            }
            result => result,
        })
        .unwrap_or_else(|_: NetError| Readiness::default())
    }

    fn take_error(&self, socket: Socket) -> Option<NetError> {
        self.with(|engine| engine.sockets.named(socket).ok()?.take_error())
    }

    fn local_address(&self, socket: Socket) -> Result<SocketAddr, NetError> {
        self.with(|engine| {
            let slot = engine.sockets.named(socket)?;
            let bound = if slot.bound.port == 0 { slot.any() } else { slot.bound };
            // "Any address" is that of the socket's family, whatever it hears.
            let address = match is_any(bound.ip) {
                true => SocketAddr::new(any(slot.family), bound.port),
                false => shown(slot.family, bound.plain()),
            };
            Ok(address)
        })
    }

    fn peer_address(&self, socket: Socket) -> Result<SocketAddr, NetError> {
        self.with(|engine| {
            let slot = engine.sockets.named(socket)?;
            match slot.peer {
                Endpoint::NONE => Err(NetError::NotConnected),
                peer => Ok(shown(slot.family, peer.plain())),
            }
        })
    }

    fn set_option(&self, socket: Socket, option: SocketOption) -> Result<(), NetError> {
        self.with(|engine| {
            let options = &mut engine.sockets.named(socket)?.options;
            match option {
                SocketOption::ReuseAddress(on) => options.reuse_address = on,
                SocketOption::ReusePort(on) => options.reuse_port = on,
                SocketOption::OnlyV6(on) => options.only_v6 = on,
                SocketOption::Broadcast(on) => options.may_broadcast = on,
                SocketOption::HopLimit(0) => return Err(NetError::Invalid),
                SocketOption::HopLimit(limit) => options.hop_limit = limit,
                // Wishes: the pool's rule is stronger.
                SocketOption::ReceiveBuffer(_) | SocketOption::SendBuffer(_) => {}
                _ => return Err(NetError::Unsupported),
            }
            Ok(())
        })
    }

    fn resolve(&self, name: &str, found: &mut dyn FnMut(IpAddr)) -> Result<(), NetError> {
        resolver::resolve(self, name, found)
    }
}

impl<D: NetDevice, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize> Resolves
    for Stack<D, SOCKETS, DATAGRAMS, NEIGHBOURS>
{
    fn name_servers(&self) -> Result<NameServers, NetError> {
        self.start()?;
        Ok(self.with(|engine| {
            let known = match engine.fixed_name_server {
                NOWHERE => engine.dhcp.name_servers,
                fixed => [fixed, NOWHERE, NOWHERE],
            };
            let servers = known.map(|server| (server != NOWHERE).then(|| server.to_canonical()));
            NameServers { servers, is_waiting: engine.addresses.awaits_v4 }
        }))
    }

    fn random(&self) -> u64 {
        self.with(|engine| engine.random.next())
    }
}
