//! Two ends with a ring of bytes on its way to each.

use crate::Errno;
use crate::fd::{Direction, Events, File, Status, Watch};
use crate::sockets::options::Timeouts;
use crate::sockets::{Accepted, Address, Received, SocketFile};
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::ffi::c_int;
use core::sync::atomic::AtomicI32;
use kit_iface_net::Shutdown;
use kit_util_sync::SleepLock;

/// Most bytes on the way (Linux's default for pipes).
const CAPACITY: usize = 65_536;
/// Writes of up to so many bytes are not torn (`PIPE_BUF`), and a pipe with less room counts as full.
const ATOMIC: usize = 4096;

/// Bytes on their way to one end.
#[derive(Default)]
struct Ring {
    bytes: VecDeque<u8>,
    /// Nothing more comes.
    has_no_writer: bool,
    /// Nobody takes it.
    has_no_reader: bool,
}

/// What the two ends share; `[side]` is on its way to, or the business of, that end.
struct Shared {
    rings: [SleepLock<Ring>; 2],
    watches: [Watch; 2],
}

/// One end.
pub struct End {
    shared: Arc<Shared>,
    side: usize,
    is_socket: bool,
    flags: AtomicI32,
    timeouts: Timeouts,
}

const FROM: usize = 0;
const TO: usize = 1;

impl End {
    /// Two ends: of a pipe (the first reads, the second writes), or of a pair of sockets.
    pub fn pair(is_socket: bool, flags: c_int) -> [Arc<dyn File>; 2] {
        let shared = Arc::new(Shared {
            rings: [SleepLock::new(Ring::default()), SleepLock::new(Ring::default())],
            watches: [Watch::new(), Watch::new()],
        });
        [FROM, TO].map(|side| {
            let mode = match (is_socket, side) {
                (true, _) => libc::O_RDWR,
                (false, FROM) => libc::O_RDONLY,
                (false, _) => libc::O_WRONLY,
            };
            let flags = AtomicI32::new(mode | flags & libc::O_NONBLOCK);
            Arc::new(End { shared: Arc::clone(&shared), side, is_socket, flags, timeouts: Timeouts::new() })
                as Arc<dyn File>
        })
    }

    fn incoming(&self) -> &SleepLock<Ring> {
        &self.shared.rings[self.side]
    }

    fn outgoing(&self) -> &SleepLock<Ring> {
        &self.shared.rings[1 - self.side]
    }

    fn notify_peer(&self, events: Events) {
        self.shared.watches[1 - self.side].notify(events);
    }

    fn take(&self, buffer: &mut [u8], peek: bool) -> Result<usize, Errno> {
        let mut ring = self.incoming().lock();
        if ring.has_no_reader || (ring.bytes.is_empty() && ring.has_no_writer) {
            return Ok(0);
        }
        if ring.bytes.is_empty() {
            return Err(Errno(libc::EAGAIN));
        }
        let was_full = CAPACITY - ring.bytes.len() < ATOMIC;
        let count = buffer.len().min(ring.bytes.len());
        let (front, back) = ring.bytes.as_slices();
        let split = count.min(front.len());
        buffer[..split].copy_from_slice(&front[..split]);
        buffer[split..count].copy_from_slice(&back[..count - split]);
        if peek {
            return Ok(count);
        }
        ring.bytes.drain(..count);
        drop(ring);
        if was_full {
            self.notify_peer(Events::OUT);
        }
        Ok(count)
    }

    fn close_outgoing(&self) {
        self.outgoing().lock().has_no_writer = true;
    }

    fn close_incoming(&self) {
        let mut ring = self.incoming().lock();
        ring.has_no_reader = true;
        ring.bytes = VecDeque::new();
    }

    /// Whether this end of a pipe reads (or writes); a socket does both.
    fn reads(&self) -> bool {
        self.is_socket || self.side == FROM
    }

    fn writes(&self) -> bool {
        self.is_socket || self.side == TO
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.close_outgoing();
        self.close_incoming();
        self.notify_peer(Events::IN.with(Events::OUT).with(Events::HUP).with(Events::RDHUP));
    }
}

impl File for End {
    fn flags(&self) -> &AtomicI32 {
        &self.flags
    }

    fn watch(&self) -> Option<&Watch> {
        Some(&self.shared.watches[self.side])
    }

    fn readiness(&self, _interest: Events) -> Events {
        let mut events = Events::NONE;
        let (mut read_over, mut write_over) = (false, false);
        if self.reads() {
            let ring = self.incoming().lock();
            read_over = ring.has_no_writer || ring.has_no_reader;
            let readable = !ring.bytes.is_empty() || (self.is_socket && read_over);
            events = events.with_if(readable, Events::IN);
        }
        if self.writes() {
            let ring = self.outgoing().lock();
            write_over = ring.has_no_reader || ring.has_no_writer;
            let has_room = CAPACITY - ring.bytes.len() >= ATOMIC;
            events = events.with_if(has_room || write_over, Events::OUT);
        }
        if self.is_socket {
            events.with_if(read_over, Events::RDHUP).with_if(read_over && write_over, Events::HUP)
        } else {
            events.with_if(read_over, Events::HUP).with_if(write_over, Events::ERR)
        }
    }

    fn status(&self) -> Status {
        let kind = if self.is_socket { libc::S_IFSOCK | 0o777 } else { libc::S_IFIFO | 0o600 };
        Status::nameless(kind)
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        if buffer.is_empty() { Ok(0) } else { self.take(buffer, false) }
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let mut ring = self.outgoing().lock();
        if ring.has_no_reader || ring.has_no_writer {
            return Err(Errno(libc::EPIPE));
        }
        let room = CAPACITY - ring.bytes.len();
        if room == 0 || (!self.is_socket && bytes.len() <= ATOMIC && room < bytes.len()) {
            return Err(Errno(libc::EAGAIN));
        }
        let count = bytes.len().min(room);
        ring.bytes.try_reserve(count).map_err(|_| Errno(libc::ENOBUFS))?;
        ring.bytes.extend(&bytes[..count]);
        drop(ring);
        self.notify_peer(Events::IN);
        Ok(count)
    }

    fn deadline(&self, direction: Direction) -> u64 {
        self.timeouts.deadline(direction)
    }

    fn readable_bytes(&self) -> Result<usize, Errno> {
        Ok(self.incoming().lock().bytes.len())
    }

    fn socket(&self) -> Option<&dyn SocketFile> {
        self.is_socket.then_some(self)
    }
}

impl SocketFile for End {
    fn kind(&self) -> c_int {
        libc::SOCK_STREAM
    }

    fn family(&self) -> c_int {
        libc::AF_UNIX
    }

    fn bind(&self, _address: Address) -> Result<(), Errno> {
        Err(Errno(libc::EINVAL))
    }

    fn listen(&self, _backlog: usize) -> Result<(), Errno> {
        Err(Errno(libc::EINVAL))
    }

    fn accept(&self) -> Result<Accepted, Errno> {
        Err(Errno(libc::EINVAL))
    }

    fn connect(&self, _peer: Address) -> Result<(), Errno> {
        Err(Errno(libc::EISCONN))
    }

    fn send(&self, bytes: &[u8], to: Option<Address>) -> Result<usize, Errno> {
        match (to, bytes.is_empty()) {
            (Some(_), _) => Err(Errno(libc::EISCONN)),
            (None, true) => Ok(0),
            (None, false) => self.write(bytes),
        }
    }

    fn receive(&self, buffer: &mut [u8], peek: bool) -> Result<Received, Errno> {
        let count = if buffer.is_empty() { 0 } else { self.take(buffer, peek)? };
        Ok(Received { count, from: None })
    }

    fn shutdown(&self, how: Shutdown) -> Result<(), Errno> {
        if how != Shutdown::Read {
            self.close_outgoing();
        }
        if how != Shutdown::Write {
            self.close_incoming();
        }
        let events = Events::IN.with(Events::OUT).with(Events::RDHUP);
        self.notify_peer(events);
        self.shared.watches[self.side].notify(events);
        Ok(())
    }

    fn local_address(&self) -> Result<Address, Errno> {
        Ok(Address::Unnamed)
    }

    fn peer_address(&self) -> Result<Address, Errno> {
        Ok(Address::Unnamed)
    }

    fn timeouts(&self) -> &Timeouts {
        &self.timeouts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn has(file: &Arc<dyn File>, events: Events) -> bool {
        file.readiness(Events::IN.with(Events::OUT)).intersects(events)
    }

    #[test]
    fn a_pipe_fills_and_drains() {
        let [from, to] = End::pair(false, 0);
        assert_eq!(from.read(&mut [0; 4]), Err(Errno(libc::EAGAIN)));
        assert!(!has(&from, Events::IN) && has(&to, Events::OUT));
        assert_eq!(to.write(&vec![7; 100_000]), Ok(CAPACITY));
        assert!(has(&from, Events::IN) && !has(&to, Events::OUT));
        assert_eq!(to.write(b"x"), Err(Errno(libc::EAGAIN)));
        assert_eq!(from.read(&mut [0; 100]), Ok(100));
        assert_eq!(to.write(&[0; ATOMIC]), Err(Errno(libc::EAGAIN)), "small writes are not torn");
        assert_eq!(to.write(&[0; ATOMIC + 1]), Ok(100), "large ones are");
    }

    #[test]
    fn an_end_that_is_gone_is_noticed() {
        let [from, to] = End::pair(false, 0);
        to.write(b"last").expect("room");
        drop(to);
        assert!(has(&from, Events::HUP));
        let mut buffer = [0; 9];
        assert_eq!((from.read(&mut buffer), from.read(&mut buffer)), (Ok(4), Ok(0)));
        let [from, to] = End::pair(false, 0);
        drop(from);
        assert_eq!(to.write(b"x"), Err(Errno(libc::EPIPE)));
        assert!(has(&to, Events::ERR));
    }

    #[test]
    fn a_pair_talks_both_ways_and_shuts_down_by_halves() {
        let [one, two] = End::pair(true, 0);
        one.write(b"there").expect("room");
        two.write(b"back").expect("room");
        let mut buffer = [0; 9];
        assert_eq!((two.read(&mut buffer), one.read(&mut buffer)), (Ok(5), Ok(4)));
        let socket = one.socket().expect("a socket");
        socket.shutdown(Shutdown::Write).expect("open");
        assert_eq!(one.write(b"x"), Err(Errno(libc::EPIPE)));
        assert!(has(&two, Events::RDHUP) && !has(&two, Events::HUP));
        assert_eq!((two.read(&mut buffer), two.write(b"still")), (Ok(0), Ok(5)));
        assert_eq!(socket.receive(&mut buffer, true).map(|received| received.count), Ok(5));
        assert_eq!(one.read(&mut buffer), Ok(5), "peeking leaves it there");
    }
}
