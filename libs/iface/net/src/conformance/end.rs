//! A socket that waits: operations are repeated until they are not refused, each time only after an event.

use crate::{Family, Kind, Net, NetError, Observer, Readiness};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use kit_iface_clock::monotonic_ns;
use kit_iface_sched::{Wake, wait};

/// Longer than any retransmission that a check may meet.
const PATIENCE_NS: u64 = 100_000_000_000;
/// Sockets that may be open at a time, in all checks that run side by side. Each has a counter of its events.
const ENDS: usize = 512;
static EVENTS: [AtomicU32; ENDS] = [const { AtomicU32::new(0) }; ENDS];
static IS_TAKEN: [AtomicBool; ENDS] = [const { AtomicBool::new(false) }; ENDS];
static ANY: AtomicU32 = AtomicU32::new(0);

fn observe(counter: usize, _events: Readiness) {
    EVENTS[counter].fetch_add(1, Ordering::SeqCst);
    ANY.fetch_add(1, Ordering::SeqCst);
    kit_iface_sched::wake(ANY.as_ptr() as usize, usize::MAX);
}

/// One socket and its event counter.
pub struct End<N: Net> {
    pub net: &'static N,
    pub socket: N::Socket,
    counter: usize,
    /// The count when an operation was refused; it is not tried again at this count.
    refused_at: [Option<u32>; 3],
    is_open: bool,
}

/// Which refusals belong together.
#[derive(Clone, Copy)]
pub enum Direction {
    In = 0,
    Out = 1,
    Other = 2,
}

/// A counter that is nobody else's until [`IS_TAKEN`] is cleared.
fn fresh_counter() -> usize {
    let free = IS_TAKEN.iter().position(|is_taken| !is_taken.swap(true, Ordering::SeqCst));
    free.expect("no check has that many sockets")
}

impl<N: Net> End<N> {
    /// Opens a socket.
    pub fn open(net: &'static N, kind: Kind, family: Family) -> Self {
        let counter = fresh_counter();
        let socket = net.open(kind, family, Observer { function: observe, data: counter }).expect("open");
        Self { net, socket, counter, refused_at: [None; 3], is_open: true }
    }

    /// A stream that listens on `port` of any address.
    pub fn listening(net: &'static N, family: Family, port: u16, backlog: usize) -> Self {
        let end = Self::open(net, Kind::Stream, family);
        net.set_option(end.socket, crate::SocketOption::ReuseAddress(true)).expect("SO_REUSEADDR");
        net.bind(end.socket, SocketAddr::new(any(family), port)).expect("bind");
        net.listen(end.socket, backlog).expect("listen");
        end
    }

    /// Tries `operation` unless it was refused and nothing has happened since. `None`: refused.
    pub fn attempt<R>(
        &mut self,
        direction: Direction,
        operation: impl FnOnce(&N, N::Socket) -> Result<R, NetError>,
    ) -> Option<Result<R, NetError>> {
        let count = EVENTS[self.counter].load(Ordering::SeqCst);
        if self.refused_at[direction as usize] == Some(count) {
            return None;
        }
        match operation(self.net, self.socket) {
            Err(NetError::WouldBlock) => {
                self.refused_at[direction as usize] = Some(count);
                None
            }
            result => {
                self.refused_at[direction as usize] = None;
                Some(result)
            }
        }
    }

    /// Repeats `operation` until it is not refused.
    pub fn until<R>(
        &mut self,
        what: &str,
        direction: Direction,
        operation: impl Fn(&N, N::Socket) -> Result<R, NetError>,
    ) -> Result<R, NetError> {
        loop {
            let seen = events();
            match self.attempt(direction, &operation) {
                Some(result) => return result,
                None => wait_for_event(seen, what),
            }
        }
    }

    /// Waits until all of `wanted` can be done.
    pub fn until_ready(&mut self, what: &str, wanted: Readiness) {
        let check = |net: &N, socket| match net.readiness(socket).0 & wanted.0 == wanted.0 {
            true => Ok(()),
            false => Err(NetError::WouldBlock),
        };
        self.until(what, Direction::Other, check).expect("readiness does not fail");
    }

    /// Connects a stream and waits for the connection, or its error.
    pub fn connect(&mut self, peer: SocketAddr) -> Result<(), NetError> {
        match self.net.connect(self.socket, peer) {
            Err(NetError::InProgress) => {}
            result => return result,
        }
        loop {
            let seen = events();
            let readiness = self.net.readiness(self.socket);
            if readiness.intersects(Readiness::ERROR) {
                return Err(self.net.take_error(self.socket).expect("readiness says that there is an error"));
            }
            if readiness.intersects(Readiness::WRITABLE) {
                return Ok(());
            }
            wait_for_event(seen, "a connection attempt ends");
        }
    }

    /// Accepts a connection.
    pub fn accept(&mut self) -> (Self, SocketAddr) {
        let counter = fresh_counter();
        let observer = Observer { function: observe, data: counter };
        let accepted =
            self.until("a connection arrives", Direction::In, |net, socket| net.accept(socket, observer));
        let (socket, peer) = accepted.expect("accept");
        (Self { net: self.net, socket, counter, refused_at: [None; 3], is_open: true }, peer)
    }

    /// Sends everything.
    pub fn send_all(&mut self, bytes: &[u8]) {
        let mut sent = 0;
        while sent < bytes.len() {
            let rest = &bytes[sent..];
            let count =
                self.until("room to send", Direction::Out, |net, socket| net.send(socket, rest, None));
            sent += count.expect("send");
        }
    }

    /// Receives what there is, once there is something.
    pub fn receive(&mut self, buffer: &mut [u8]) -> Result<(usize, SocketAddr), NetError> {
        loop {
            let seen = events();
            match self.attempt(Direction::In, |net, socket| net.receive(socket, buffer, false)) {
                Some(result) => return result,
                None => wait_for_event(seen, "something arrives"),
            }
        }
    }

    /// Receives until `buffer` is full.
    pub fn receive_all(&mut self, buffer: &mut [u8]) {
        let mut filled = 0;
        while filled < buffer.len() {
            let (count, _) = self.receive(&mut buffer[filled..]).expect("receive");
            assert_ne!(count, 0, "the stream ended after {filled} bytes");
            filled += count;
        }
    }

    /// Asserts that the peer has ended its stream.
    pub fn expect_end(&mut self) {
        assert_eq!(self.receive(&mut [0; 16]).map(|(count, _)| count), Ok(0), "the stream has ended");
    }

    /// The local port.
    pub fn port(&self) -> u16 {
        self.net.local_address(self.socket).expect("local address").port()
    }

    /// Closes. Nothing may be heard of the socket afterwards.
    pub fn close(mut self) {
        self.is_open = false;
        self.net.close(self.socket);
        let count = EVENTS[self.counter].load(Ordering::SeqCst);
        kit_iface_sched::yield_now();
        assert_eq!(EVENTS[self.counter].load(Ordering::SeqCst), count, "a closed socket is silent");
    }
}

impl<N: Net> Drop for End<N> {
    fn drop(&mut self) {
        if self.is_open {
            self.net.close(self.socket);
        }
        IS_TAKEN[self.counter].store(false, Ordering::SeqCst);
    }
}

/// How many events there have been for anybody.
pub fn events() -> u32 {
    ANY.load(Ordering::SeqCst)
}

/// Sleeps until there was an event since `seen`; fails the check if none comes.
pub fn wait_for_event(seen: u32, what: &str) {
    let deadline_ns = monotonic_ns() + PATIENCE_NS;
    while events() == seen {
        let woken = wait(ANY.as_ptr() as usize, deadline_ns, || events() == seen);
        assert!(woken != Wake::TimedOut || events() != seen, "no event although {what} must have come");
    }
}

/// "Any address".
pub fn any(family: Family) -> IpAddr {
    match family {
        Family::V4 => Ipv4Addr::UNSPECIFIED.into(),
        Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// The family of an address.
pub fn family_of(address: IpAddr) -> Family {
    if address.is_ipv4() { Family::V4 } else { Family::V6 }
}

/// The byte at `position` of the test stream `number`.
pub fn pattern(number: usize, position: usize) -> u8 {
    let mixed = (position as u32 ^ (number as u32) << 24).wrapping_mul(0x9e37_79b1);
    (mixed >> 24) as u8
}
