//! Sockets and where they are kept.

use crate::datagram::Datagram;
use crate::stream::{Connection, Listener};
use crate::timers::Deadline;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::SocketAddr;
use kit_iface_net::{Family, Kind, NetError, Observer, Readiness};

/// Names a socket. A handle to a closed socket never names a younger one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Socket {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

/// What `set_option` has set.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    pub no_delay: bool,
    pub keep_alive_ns: Option<u64>,
    pub reuse_address: bool,
    pub reuse_port: bool,
    pub only_v6: bool,
    pub broadcast: bool,
    pub hop_limit: Option<u8>,
    pub receive_bytes: usize,
    pub send_bytes: usize,
}

impl Options {
    /// Those of a new socket with buffers of these sizes.
    pub(crate) const fn new(receive_bytes: usize, send_bytes: usize) -> Self {
        Self {
            no_delay: false,
            keep_alive_ns: None,
            reuse_address: false,
            reuse_port: false,
            only_v6: false,
            broadcast: false,
            hop_limit: None,
            receive_bytes,
            send_bytes,
        }
    }
}

/// One socket, or a connection that outlives its socket for a while.
pub(crate) struct Slot {
    pub family: Family,
    /// `None` once the socket is closed, and for connections that nobody has accepted yet.
    pub observer: Option<Observer>,
    pub options: Options,
    /// What it was bound to, as the stack keeps addresses.
    pub bound: Option<SocketAddr>,
    pub error: Option<NetError>,
    pub deadline: Deadline,
    /// In `Core::blocked` or `Core::stalled`.
    pub is_parked: bool,
    pub body: Body,
}

/// What a socket is at the moment.
pub(crate) enum Body {
    /// A stream that is neither connected nor listening.
    Idle,
    /// A stream that will connect as soon as the network is configured.
    Waiting(SocketAddr),
    Listener(Listener),
    Connection(Connection),
    Datagram(Datagram),
}

impl Slot {
    /// Tells the observer, if there is still one.
    #[inline]
    pub fn tell(&self, events: Readiness) {
        if events != Readiness::default()
            && let Some(Observer { function, data }) = self.observer
        {
            function(data, events);
        }
    }

    /// Stream or datagram.
    pub fn kind(&self) -> Kind {
        match self.body {
            Body::Datagram(_) => Kind::Datagram,
            _ => Kind::Stream,
        }
    }
}

struct Entry {
    generation: u32,
    slot: Option<Box<Slot>>,
    next_free: u32,
}

/// All sockets, by number.
pub(crate) struct Slots {
    entries: Vec<Entry>,
    first_free: u32,
    used: u32,
    limit: u32,
}

const NONE: u32 = u32::MAX;

impl Slots {
    /// Room for `limit` sockets, none of which costs anything yet.
    pub const fn new(limit: u32) -> Self {
        Self { entries: Vec::new(), first_free: NONE, used: 0, limit }
    }

    /// Keeps `slot` and names it.
    pub fn insert(&mut self, slot: Slot) -> Result<Socket, NetError> {
        if self.used >= self.limit {
            return Err(NetError::Exhausted);
        }
        if self.first_free == NONE {
            self.entries.try_reserve(1).map_err(|_| NetError::Exhausted)?;
            self.first_free = self.entries.len() as u32;
            self.entries.push(Entry { generation: 0, slot: None, next_free: NONE });
        }
        let index = self.first_free;
        let entry = &mut self.entries[index as usize];
        self.first_free = entry.next_free;
        entry.slot = Some(Box::new(slot));
        self.used += 1;
        Ok(Socket { index, generation: entry.generation })
    }

    /// Lets go of a socket.
    pub fn remove(&mut self, index: u32) -> Option<Box<Slot>> {
        let entry = self.entries.get_mut(index as usize)?;
        let slot = entry.slot.take()?;
        entry.generation = entry.generation.wrapping_add(1);
        entry.next_free = core::mem::replace(&mut self.first_free, index);
        self.used -= 1;
        Some(slot)
    }

    /// The socket that a caller names.
    #[inline]
    pub fn named(&mut self, socket: Socket) -> Result<&mut Slot, NetError> {
        match self.entries.get_mut(socket.index as usize) {
            Some(Entry { generation, slot: Some(slot), .. }) if *generation == socket.generation => Ok(slot),
            _ => Err(NetError::Invalid),
        }
    }

    /// A socket by number.
    #[inline]
    pub fn get(&mut self, index: u32) -> Option<&mut Slot> {
        self.entries.get_mut(index as usize)?.slot.as_deref_mut()
    }

    /// The name of the socket with this number.
    pub fn name(&self, index: u32) -> Socket {
        Socket { index, generation: self.entries.get(index as usize).map_or(0, |entry| entry.generation) }
    }

    /// All sockets.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Slot)> {
        self.entries
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| Some((index as u32, entry.slot.as_deref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot() -> Slot {
        let options = Options::new(0, 0);
        Slot {
            family: Family::V4,
            observer: None,
            options,
            bound: None,
            error: None,
            deadline: Deadline::default(),
            is_parked: false,
            body: Body::Idle,
        }
    }

    #[test]
    fn an_old_name_does_not_reach_a_new_socket() {
        let mut slots = Slots::new(2);
        let first = slots.insert(slot()).unwrap();
        assert!(slots.named(first).is_ok());
        assert!(slots.remove(first.index).is_some());
        assert!(slots.remove(first.index).is_none());
        let second = slots.insert(slot()).unwrap();
        assert_eq!(second.index, first.index);
        assert_eq!(slots.named(first).err(), Some(NetError::Invalid));
        assert!(slots.named(second).is_ok());
    }

    #[test]
    fn the_limit_holds() {
        let mut slots = Slots::new(2);
        let first = slots.insert(slot()).unwrap();
        slots.insert(slot()).unwrap();
        assert_eq!(slots.insert(slot()).err(), Some(NetError::Exhausted));
        slots.remove(first.index);
        assert!(slots.insert(slot()).is_ok());
        assert_eq!(slots.iter().count(), 2);
    }
}
