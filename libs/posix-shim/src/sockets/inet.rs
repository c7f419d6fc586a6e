//! Sockets of the composed network stack as open files.

use crate::Errno;
use crate::fd::file::{read_each, write_each};
use crate::fd::{Direction, Events, File, Status, Watch};
use crate::sockets::open::{errno_of, events_of, observer};
use crate::sockets::options::{Options, Timeouts};
use crate::sockets::{Accepted, Address, Received, SocketFile};
use crate::user::{Source, Target};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ffi::c_int;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use kit_iface_image::WithNet;
use kit_iface_net::{Family, Kind, Net, Readiness, Shutdown};

/// Longest vectored write to a stream that is copied together.
const GATHERED_MAX: usize = 16 * 1024;

/// One socket of the stack.
pub struct Inet<I: WithNet> {
    handle: <I::Net as Net>::Socket,
    /// In a box, because the stack is told its address before the socket exists.
    watch: Box<Watch>,
    kind: Kind,
    family: Family,
    flags: AtomicI32,
    is_listening: AtomicBool,
    timeouts: Timeouts,
    options: Options,
}

impl<I: WithNet> Inet<I> {
    /// Wraps a socket that the stack opened with `watch` behind its observer.
    pub fn new(
        handle: <I::Net as Net>::Socket,
        watch: Box<Watch>,
        kind: Kind,
        family: Family,
        flags: c_int,
    ) -> Self {
        Self {
            handle,
            watch,
            kind,
            family,
            flags: AtomicI32::new(libc::O_RDWR | flags & libc::O_NONBLOCK),
            is_listening: AtomicBool::new(false),
            timeouts: Timeouts::new(),
            options: Options::new(),
        }
    }

    /// An address in the words of the stack.
    fn address_for_stack(&self, address: Address) -> Result<SocketAddr, Errno> {
        match (address, self.family) {
            (Address::Inet(address @ SocketAddr::V4(_)), Family::V4) => Ok(address),
            (Address::Inet(address @ SocketAddr::V6(_)), Family::V6) => Ok(address),
            (Address::Inet(SocketAddr::V4(_)), Family::V6) => Err(Errno(libc::EINVAL)),
            _ => Err(Errno(libc::EAFNOSUPPORT)),
        }
    }

    /// Whether it is a stream, which the compiler knows it is not where the stack has none.
    fn is_stream(&self) -> bool {
        <I::Net as Net>::STREAMS && self.kind == Kind::Stream
    }

    /// An address in the words of the application: a socket of IPv6 sees peers of IPv4 as mapped ones.
    fn present(&self, address: SocketAddr) -> Address {
        Address::Inet(match (address, self.family) {
            (SocketAddr::V4(v4), Family::V6) => (v4.ip().to_ipv6_mapped(), v4.port()).into(),
            (address, _) => address,
        })
    }
}

impl<I: WithNet> Drop for Inet<I> {
    fn drop(&mut self) {
        I::net().close(self.handle);
    }
}

impl<I: WithNet> File for Inet<I> {
    fn flags(&self) -> &AtomicI32 {
        &self.flags
    }

    fn watch(&self) -> Option<&Watch> {
        Some(&self.watch)
    }

    fn readiness(&self, _interest: Events) -> Events {
        events_of(I::net().readiness(self.handle))
    }

    fn status(&self) -> Status {
        Status::nameless(libc::S_IFSOCK | 0o777)
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        Ok(self.receive(buffer, false)?.count)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        self.send(bytes, None)
    }

    fn read_vectored(&self, targets: &mut [Target<'_>]) -> Result<usize, Errno> {
        if self.kind == Kind::Stream || targets.len() == 1 {
            return read_each(targets, &mut |target| self.read(target));
        }
        let mut datagram = Vec::new();
        reserve(&mut datagram, targets.iter_mut().map(|target| target.bytes().len()).sum())?;
        datagram.resize(datagram.capacity(), 0);
        let count = self.read(&mut datagram)?;
        let mut rest = &datagram[..count];
        for target in targets {
            let target = target.bytes();
            let (part, tail) = rest.split_at(target.len().min(rest.len()));
            target[..part.len()].copy_from_slice(part);
            rest = tail;
        }
        Ok(count)
    }

    fn write_vectored(&self, sources: &[Source<'_>]) -> Result<usize, Errno> {
        let length = sources.iter().map(|source| source.bytes().len()).sum();
        if sources.len() == 1 || (self.kind == Kind::Stream && length > GATHERED_MAX) {
            return write_each(sources, &mut |source| self.write(source));
        }
        // One datagram has to go at once; and a head and a body sent apart would be two segments.
        let mut gathered = Vec::new();
        reserve(&mut gathered, length)?;
        for source in sources {
            gathered.extend_from_slice(source.bytes());
        }
        self.send(&gathered, None)
    }

    fn deadline(&self, direction: Direction) -> u64 {
        self.timeouts.deadline(direction)
    }

    fn socket(&self) -> Option<&dyn SocketFile> {
        Some(self)
    }
}

fn reserve(buffer: &mut Vec<u8>, length: usize) -> Result<(), Errno> {
    buffer.try_reserve_exact(length).map_err(|_| Errno(libc::ENOBUFS))
}

impl<I: WithNet> SocketFile for Inet<I> {
    fn kind(&self) -> c_int {
        match self.kind {
            Kind::Stream => libc::SOCK_STREAM,
            Kind::Datagram => libc::SOCK_DGRAM,
        }
    }

    fn family(&self) -> c_int {
        match self.family {
            Family::V4 => libc::AF_INET,
            Family::V6 => libc::AF_INET6,
        }
    }

    fn bind(&self, address: Address) -> Result<(), Errno> {
        I::net().bind(self.handle, self.address_for_stack(address)?).map_err(errno_of)
    }

    fn listen(&self, backlog: usize) -> Result<(), Errno> {
        if !self.is_stream() {
            return Err(Errno(libc::EOPNOTSUPP));
        }
        I::net().listen(self.handle, backlog).map_err(errno_of)?;
        self.is_listening.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn accept(&self) -> Result<Accepted, Errno> {
        if !self.is_stream() {
            return Err(Errno(libc::EOPNOTSUPP));
        }
        if !self.is_listening() {
            return Err(Errno(libc::EINVAL));
        }
        let net = I::net();
        if net.readiness(self.handle) == Readiness::default() {
            // Spares the watch of a connection that is not there.
            return Err(Errno(libc::EAGAIN));
        }
        let watch = Box::new(Watch::new());
        let (handle, peer) = net.accept(self.handle, observer(&watch)).map_err(errno_of)?;
        let file = Self::new(handle, watch, Kind::Stream, self.family, 0);
        let peer = file.present(peer);
        Ok(Accepted { file: Arc::new(file), peer })
    }

    fn connect(&self, peer: Address) -> Result<(), Errno> {
        I::net().connect(self.handle, self.address_for_stack(peer)?).map_err(errno_of)
    }

    fn send(&self, bytes: &[u8], to: Option<Address>) -> Result<usize, Errno> {
        let to = match to {
            // A stream has one peer; a destination is ignored, as Linux does.
            Some(to) if self.kind == Kind::Datagram => Some(self.address_for_stack(to)?),
            _ => None,
        };
        if bytes.is_empty() && self.kind == Kind::Stream {
            return Ok(0);
        }
        I::net().send(self.handle, bytes, to).map_err(errno_of)
    }

    fn receive(&self, buffer: &mut [u8], peek: bool) -> Result<Received, Errno> {
        if buffer.is_empty() && self.kind == Kind::Stream {
            return Ok(Received { count: 0, from: None });
        }
        let (count, from) = I::net().receive(self.handle, buffer, peek).map_err(errno_of)?;
        let from = (self.kind == Kind::Datagram).then(|| self.present(from));
        Ok(Received { count, from })
    }

    fn shutdown(&self, how: Shutdown) -> Result<(), Errno> {
        I::net().shutdown(self.handle, how).map_err(errno_of)
    }

    fn local_address(&self) -> Result<Address, Errno> {
        I::net().local_address(self.handle).map(|address| self.present(address)).map_err(errno_of)
    }

    fn peer_address(&self) -> Result<Address, Errno> {
        I::net().peer_address(self.handle).map(|address| self.present(address)).map_err(errno_of)
    }

    fn take_error(&self) -> Option<Errno> {
        I::net().take_error(self.handle).map(errno_of)
    }

    fn is_listening(&self) -> bool {
        self.is_listening.load(Ordering::Relaxed)
    }

    fn set_option(&self, level: c_int, name: c_int, value: c_int) -> Result<(), Errno> {
        self.options
            .set(level, name, value, &mut |option| I::net().set_option(self.handle, option).map_err(errno_of))
    }

    fn option(&self, level: c_int, name: c_int) -> Result<c_int, Errno> {
        self.options.get(level, name)
    }

    fn timeouts(&self) -> &Timeouts {
        &self.timeouts
    }
}
