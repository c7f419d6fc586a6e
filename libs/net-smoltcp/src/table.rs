//! A hash table from address pairs to sockets: which socket does this segment belong to?
//!
//! Chained, with the links in one array indexed by socket number, so that a socket costs 56 bytes here and
//! nothing is allocated per connection. The hash is seeded per boot: peers choose their ports, and must not be
//! able to choose a bucket.

use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

const NONE: u32 = u32::MAX;
const FEWEST_BUCKETS: usize = 8;

/// Both ends of a conversation, IPv4 as IPv4-mapped IPv6.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Key {
    local: u128,
    remote: u128,
    ports: u32,
}

impl Key {
    /// The key of a connection.
    pub fn connection(local: SocketAddr, remote: SocketAddr) -> Self {
        let ports = u32::from(local.port()) << 16 | u32::from(remote.port());
        Self { local: number(local.ip()), remote: number(remote.ip()), ports }
    }

    /// The key under which everything bound to `port` of one protocol is found.
    pub fn port(protocol: u8, port: u16) -> Self {
        Self { local: 0, remote: u128::from(protocol), ports: u32::from(port) << 16 }
    }

    fn hash(&self, seed: u64) -> u64 {
        // Two rounds of multiply-and-fold ("wyhash" without its finish): few instructions, every bit counts.
        let first =
            fold(self.remote as u64 ^ seed, (self.remote >> 64) as u64 ^ u64::from(self.ports) << 32 ^ K);
        fold(self.local as u64 ^ first, u64::from(self.ports) ^ K)
    }
}

const K: u64 = 0x9e37_79b9_7f4a_7c15;

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => 0xffff_0000_0000 | u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

#[derive(Clone, Copy)]
struct Node {
    key: Option<Key>,
    next: u32,
}

/// See the module's description. Several sockets may share a key.
pub(crate) struct Table {
    buckets: Vec<u32>,
    nodes: Vec<Node>,
    used: usize,
    seed: u64,
}

impl Table {
    /// An empty table.
    pub const fn new(seed: u64) -> Self {
        Self { buckets: Vec::new(), nodes: Vec::new(), used: 0, seed }
    }

    /// Makes `socket` findable by `key`; it must not be in the table.
    pub fn insert(&mut self, socket: u32, key: Key) {
        if self.used >= self.buckets.len() {
            self.grow();
        }
        let index = socket as usize;
        if self.nodes.len() <= index {
            self.nodes.resize(index + 1, Node { key: None, next: NONE });
        }
        debug_assert!(self.nodes[index].key.is_none());
        self.nodes[index].key = Some(key);
        self.link(socket, key);
        self.used += 1;
    }

    /// Forgets `socket`; nothing happens if it is not in the table.
    pub fn remove(&mut self, socket: u32) {
        let Some(key) = self.nodes.get_mut(socket as usize).and_then(|node| node.key.take()) else { return };
        self.used -= 1;
        let bucket = self.bucket(&key);
        let after = self.nodes[socket as usize].next;
        let mut at = self.buckets[bucket];
        if at == socket {
            self.buckets[bucket] = after;
            return;
        }
        while self.nodes[at as usize].next != socket {
            at = self.nodes[at as usize].next;
        }
        self.nodes[at as usize].next = after;
    }

    /// The sockets with this key, the youngest first.
    #[inline]
    pub fn find(&self, key: Key) -> impl Iterator<Item = u32> + '_ {
        let mut at = if self.used == 0 { NONE } else { self.buckets[self.bucket(&key)] };
        core::iter::from_fn(move || {
            while at != NONE {
                let found = at;
                let node = &self.nodes[found as usize];
                at = node.next;
                if node.key == Some(key) {
                    return Some(found);
                }
            }
            None
        })
    }

    fn bucket(&self, key: &Key) -> usize {
        key.hash(self.seed) as usize & (self.buckets.len() - 1)
    }

    fn link(&mut self, socket: u32, key: Key) {
        let bucket = self.bucket(&key);
        self.nodes[socket as usize].next = core::mem::replace(&mut self.buckets[bucket], socket);
    }

    #[cold]
    fn grow(&mut self) {
        let count = (self.buckets.len() * 2).max(FEWEST_BUCKETS);
        self.buckets.clear();
        self.buckets.resize(count, NONE);
        for index in 0..self.nodes.len() {
            if let Some(key) = self.nodes[index].key {
                self.link(index as u32, key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(port: u16) -> Key {
        Key::connection(([10, 0, 2, 15], 80).into(), ([10, 0, 2, 2], port).into())
    }

    #[test]
    fn finds_what_was_inserted_and_not_what_was_removed() {
        let mut table = Table::new(7);
        assert_eq!(table.find(key(1)).next(), None);
        for socket in 0..1000u32 {
            table.insert(socket, key(socket as u16));
        }
        for socket in (0..1000).step_by(3) {
            table.remove(socket);
            table.remove(socket);
        }
        for socket in 0..1000u32 {
            assert_eq!(table.find(key(socket as u16)).next(), (socket % 3 != 0).then_some(socket));
        }
    }

    #[test]
    fn sockets_may_share_a_key() {
        let mut table = Table::new(7);
        let shared = Key::port(6, 80);
        [4, 2, 9].into_iter().for_each(|socket| table.insert(socket, shared));
        table.remove(2);
        assert!(table.find(shared).eq([9, 4]));
    }

    #[test]
    fn the_chains_stay_short() {
        let mut table = Table::new(0x1234_5678_9abc_def0);
        (0..4096).for_each(|socket| table.insert(socket, key(socket as u16)));
        let mut lengths = alloc::vec![0; table.buckets.len()];
        (0..4096).for_each(|socket| lengths[table.bucket(&key(socket))] += 1);
        assert!(*lengths.iter().max().unwrap() <= 10);
    }
}
