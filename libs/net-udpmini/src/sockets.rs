//! Sockets: where they are kept, what they are bound to, and whose a datagram is.

use crate::endpoint::{ANY_V4, Endpoint, NOWHERE, is_any};
use crate::pool::Queue;
use kit_iface_net::{Family, NetError, Observer, Readiness};
use kit_util_net::address::overlap;
use kit_util_net::random::Random;

/// RFC 6335: the ports that nobody is assigned.
const EPHEMERAL: core::ops::RangeInclusive<u16> = 49_152..=65_535;

/// Names a socket. A handle to a closed socket never names a younger one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Socket {
    index: u16,
    generation: u16,
}

impl Socket {
    /// Its number.
    pub(crate) fn index(self) -> usize {
        self.index.into()
    }
}

/// One socket. All zero is a closed one.
pub(crate) struct Slot {
    is_open: bool,
    generation: u16,
    pub family: Family,
    observer: Option<Observer>,
    /// Port 0: not bound yet.
    pub bound: Endpoint,
    /// Port 0: not connected.
    pub peer: Endpoint,
    pub received: Queue,
    /// The peer has said that nobody is there.
    pub is_refused: bool,
    pub read_shut: bool,
    pub write_shut: bool,
    /// Somebody was told to wait before sending.
    pub wants_room: bool,
    pub options: Options,
}

/// What `set_option` has set; all zero is the default.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    pub only_v6: bool,
    pub reuse_address: bool,
    pub reuse_port: bool,
    pub may_broadcast: bool,
    /// Zero: the stack's.
    pub hop_limit: u8,
}

impl Slot {
    const CLOSED: Self = Self {
        is_open: false,
        generation: 0,
        family: Family::V4,
        observer: None,
        bound: Endpoint::NONE,
        peer: Endpoint::NONE,
        received: Queue::EMPTY,
        is_refused: false,
        read_shut: false,
        write_shut: false,
        wants_room: false,
        options: Options {
            only_v6: false,
            reuse_address: false,
            reuse_port: false,
            may_broadcast: false,
            hop_limit: 0,
        },
    };

    /// Tells the observer.
    #[inline]
    pub fn tell(&self, events: Readiness) {
        if let Some(Observer { function, data }) = self.observer {
            function(data, events);
        }
    }

    /// The pending error, which is thereby cleared.
    pub fn take_error(&mut self) -> Option<NetError> {
        core::mem::take(&mut self.is_refused).then_some(NetError::Refused)
    }

    /// "Any address", as this socket would be bound to it.
    pub fn any(&self) -> Endpoint {
        Endpoint { ip: if self.family == Family::V4 { ANY_V4 } else { NOWHERE }, port: 0 }
    }

    /// How well the socket fits a datagram: a connected one beats one bound to the address, which beats one bound to
    /// any.
    fn rank(&self, local: Endpoint, remote: Endpoint, is_for_all: bool) -> Option<u8> {
        let is_v4 = local.ip.to_ipv4_mapped().is_some();
        let by_address = match self.bound.ip {
            ANY_V4 => is_v4.then_some(0),
            NOWHERE => (!is_v4 || !self.options.only_v6).then_some(0),
            ip if ip == local.ip => Some(1),
            _ => is_for_all.then_some(0),
        }?;
        match self.peer {
            Endpoint { port: 0, .. } => Some(by_address),
            peer => (peer == remote).then_some(by_address + 2),
        }
    }
}

/// All sockets.
pub(crate) struct Sockets<const COUNT: usize> {
    slots: [Slot; COUNT],
    /// The port that each is bound to, close together: they are looked through for every datagram.
    ports: [u16; COUNT],
}

impl<const COUNT: usize> Sockets<COUNT> {
    /// None is open.
    pub const fn new() -> Self {
        assert!(COUNT < u16::MAX as usize);
        Self { slots: [const { Slot::CLOSED }; COUNT], ports: [0; COUNT] }
    }

    /// Opens one.
    pub fn open(&mut self, family: Family, observer: Observer) -> Result<Socket, NetError> {
        let index = self.slots.iter().position(|slot| !slot.is_open).ok_or(NetError::Exhausted)?;
        let slot = &mut self.slots[index];
        let generation = slot.generation;
        *slot = Slot { is_open: true, generation, family, observer: Some(observer), ..Slot::CLOSED };
        Ok(Socket { index: index as u16, generation })
    }

    /// Closes one, and returns what it had received.
    pub fn close(&mut self, socket: Socket) -> Queue {
        let Ok(slot) = self.named(socket) else { return Queue::EMPTY };
        let received = slot.received;
        *slot = Slot { generation: slot.generation.wrapping_add(1), ..Slot::CLOSED };
        self.ports[socket.index()] = 0;
        received
    }

    /// The socket that a caller names.
    #[inline]
    pub fn named(&mut self, socket: Socket) -> Result<&mut Slot, NetError> {
        match self.slots.get_mut(socket.index()) {
            Some(slot) if slot.is_open && slot.generation == socket.generation => Ok(slot),
            _ => Err(NetError::Invalid),
        }
    }

    /// A socket by number.
    #[inline]
    pub fn get(&mut self, index: usize) -> Option<&mut Slot> {
        self.slots.get_mut(index)
    }

    /// Binds to an address that may be bound to; port 0 picks a free one.
    pub fn bind(&mut self, socket: Socket, address: Endpoint, random: &mut Random) -> Result<(), NetError> {
        let slot = self.named(socket)?;
        if slot.bound.port != 0 {
            return Err(NetError::Invalid);
        }
        let port = match address.port {
            0 => {
                let (count, first) = (EPHEMERAL.len() as u64, random.next());
                // RFC 6056, algorithm 1.
                (0..count)
                    .map(|step| EPHEMERAL.start() + (first.wrapping_add(step) % count) as u16)
                    .find(|port| !self.conflicts(socket.index(), Endpoint { port: *port, ..address }))
                    .ok_or(NetError::AddressInUse)?
            }
            _ if self.conflicts(socket.index(), address) => return Err(NetError::AddressInUse),
            port => port,
        };
        self.named(socket)?.bound = Endpoint { port, ..address };
        self.ports[socket.index()] = port;
        Ok(())
    }

    /// Whether somebody else's binding forbids this one.
    fn conflicts(&self, index: usize, address: Endpoint) -> bool {
        let mine = &self.slots[index].options;
        self.slots.iter().enumerate().any(|(other, slot)| {
            let theirs = &slot.options;
            let may_share =
                (mine.reuse_port && theirs.reuse_port) || (mine.reuse_address && theirs.reuse_address);
            other != index
                && slot.bound.port == address.port
                && !may_share
                && overlap(
                    address.ip.to_canonical(),
                    mine.only_v6,
                    slot.bound.ip.to_canonical(),
                    theirs.only_v6,
                )
        })
    }

    /// Whose a datagram is.
    #[inline]
    pub fn find(&mut self, local: Endpoint, remote: Endpoint) -> Option<usize> {
        let mut best = None;
        for index in 0..COUNT {
            if self.ports[index] == local.port
                && let Some(rank) = self.slots[index].rank(local, remote, false)
                && best.is_none_or(|(other, _)| rank > other)
            {
                best = Some((rank, index));
            }
        }
        best.map(|(_, index)| index)
    }

    /// The next socket from number `from` on that a datagram for everybody is for.
    pub fn find_all(&mut self, from: usize, local: Endpoint, remote: Endpoint) -> Option<usize> {
        (from..COUNT).find(|index| {
            self.ports[*index] == local.port && self.slots[*index].rank(local, remote, true).is_some()
        })
    }

    /// The connected socket between these ends.
    pub fn find_connected(&mut self, local: Endpoint, remote: Endpoint) -> Option<usize> {
        (0..COUNT).find(|index| {
            let slot = &self.slots[*index];
            self.ports[*index] == local.port
                && slot.peer == remote
                && (is_any(slot.bound.ip) || slot.bound.ip == local.ip)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENT: Observer = Observer { function: |_, _| (), data: 0 };

    #[test]
    fn an_old_name_does_not_reach_a_new_socket() {
        let mut sockets = Sockets::<2>::new();
        let first = sockets.open(Family::V4, SILENT).unwrap();
        sockets.open(Family::V4, SILENT).unwrap();
        assert_eq!(sockets.open(Family::V4, SILENT).err(), Some(NetError::Exhausted));
        sockets.close(first);
        sockets.close(first);
        let third = sockets.open(Family::V4, SILENT).unwrap();
        assert_eq!(third.index, first.index);
        assert_eq!(sockets.named(first).err(), Some(NetError::Invalid));
        assert!(sockets.named(third).is_ok());
    }

    impl core::fmt::Debug for Slot {
        fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            write!(formatter, "{:?}", self.bound)
        }
    }

    #[test]
    fn the_closest_binding_hears() {
        let end = |text: &str| Endpoint::of(text.parse().unwrap());
        let mut sockets = Sockets::<4>::new();
        let mut random = Random::from_seed(1);
        let mut bound = |sockets: &mut Sockets<4>, family, address| {
            let socket = sockets.open(family, SILENT).unwrap();
            let options = &mut sockets.named(socket).unwrap().options;
            (options.reuse_address, options.only_v6) = (true, family == Family::V6);
            sockets.bind(socket, address, &mut random).unwrap();
            socket
        };
        let any = bound(&mut sockets, Family::V4, Endpoint { ip: ANY_V4, port: 53 });
        let one = bound(&mut sockets, Family::V4, end("10.0.0.1:53"));
        let connected = bound(&mut sockets, Family::V4, Endpoint { ip: ANY_V4, port: 53 });
        sockets.named(connected).unwrap().peer = end("10.0.0.9:7");
        let v6 = bound(&mut sockets, Family::V6, Endpoint { ip: NOWHERE, port: 53 });
        for (local, remote, heard) in [
            ("10.0.0.2:53", "10.0.0.9:8", Some(any)),
            ("10.0.0.1:53", "10.0.0.9:8", Some(one)),
            ("10.0.0.2:53", "10.0.0.9:7", Some(connected)),
            ("[fe80::1]:53", "[fe80::2]:7", Some(v6)),
            ("10.0.0.1:54", "10.0.0.9:7", None),
        ] {
            let found = sockets.find(end(local), end(remote));
            assert_eq!(found, heard.map(Socket::index), "{local} {remote}");
        }
    }
}
