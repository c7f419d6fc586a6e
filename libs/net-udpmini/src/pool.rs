//! Datagrams that wait: one pool of fixed buffers, and queues that are lists through it.
//!
//! How many a queue may hold follows from how many are free (dynamic thresholds: Choudhury and Hahne, "Dynamic Queue
//! Length Thresholds for Shared-Memory Packet Switches", 1998): a queue grows while it is shorter than twice what is
//! left. A lone socket gets two thirds of the pool, and one that nobody empties cannot take the last buffer from
//! the others.

use crate::endpoint::Endpoint;

/// The largest payload: an Ethernet MTU of 1500 less the headers of IPv4 and UDP.
pub(crate) const PAYLOAD_BYTES: usize = 1472;
/// What a queue may hold for each free buffer.
const SHARE: usize = 2;

/// Names a buffer; counts from one, for zero is "none".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Index(u16);

impl Index {
    const NONE: Self = Self(0);
}

/// A datagram with both of its ends.
pub(crate) struct Buffer {
    pub local: Endpoint,
    pub remote: Endpoint,
    pub hop_limit: u8,
    next: Index,
    length: u16,
    data: [u8; PAYLOAD_BYTES],
}

impl Buffer {
    const EMPTY: Self = Self {
        local: Endpoint::NONE,
        remote: Endpoint::NONE,
        hop_limit: 0,
        next: Index::NONE,
        length: 0,
        data: [0; PAYLOAD_BYTES],
    };

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        self.data.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Makes `payload` the payload, cut to what fits.
    pub fn fill(&mut self, payload: &[u8]) {
        let length = payload.len().min(PAYLOAD_BYTES);
        self.data[..length].copy_from_slice(&payload[..length]);
        self.length = length as u16;
    }
}

/// Buffers in order of arrival.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Queue {
    first: Index,
    last: Index,
    length: u16,
}

impl Queue {
    /// Nothing waits.
    pub const EMPTY: Self = Self { first: Index::NONE, last: Index::NONE, length: 0 };

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The one that waits longest.
    pub fn first(&self) -> Option<Index> {
        (!self.is_empty()).then_some(self.first)
    }
}

/// All buffers. All zero is a full pool.
pub(crate) struct Pool<const BUFFERS: usize> {
    buffers: [Buffer; BUFFERS],
    /// Given back, a list.
    free: Index,
    free_count: u16,
    /// Never taken yet: those from here on.
    touched: u16,
}

impl<const BUFFERS: usize> Pool<BUFFERS> {
    /// All are free.
    pub const fn new() -> Self {
        assert!(BUFFERS < u16::MAX as usize);
        Self { buffers: [Buffer::EMPTY; BUFFERS], free: Index::NONE, free_count: 0, touched: 0 }
    }

    /// How many are free.
    pub fn free_count(&self) -> usize {
        BUFFERS - usize::from(self.touched) + usize::from(self.free_count)
    }

    /// A buffer by name. `None` for no buffer at all.
    pub fn get(&mut self, index: Index) -> Option<&mut Buffer> {
        self.buffers.get_mut(usize::from(index.0).wrapping_sub(1))
    }

    /// Takes a buffer to the end of `queue`; `None` if the queue has its share already.
    pub fn append(&mut self, queue: &mut Queue) -> Option<&mut Buffer> {
        if usize::from(queue.length) >= SHARE * self.free_count() {
            return None;
        }
        let index = self.take()?;
        match self.get(queue.last) {
            Some(last) if !queue.is_empty() => last.next = index,
            _ => queue.first = index,
        }
        queue.last = index;
        queue.length += 1;
        self.get(index)
    }

    /// Gives the first buffer of `queue` back.
    pub fn drop_first(&mut self, queue: &mut Queue) {
        let Some(index) = queue.first() else { return };
        let free = self.free;
        let Some(buffer) = self.get(index) else { return };
        queue.first = core::mem::replace(&mut buffer.next, free);
        queue.length -= 1;
        self.free = index;
        self.free_count += 1;
    }

    /// Gives all buffers of `queue` back.
    pub fn clear(&mut self, queue: &mut Queue) {
        while !queue.is_empty() {
            self.drop_first(queue);
        }
    }

    fn take(&mut self) -> Option<Index> {
        let index = self.free;
        if let Some(buffer) = self.get(index) {
            let next = core::mem::replace(&mut buffer.next, Index::NONE);
            self.free = next;
            self.free_count -= 1;
            return Some(index);
        }
        if usize::from(self.touched) == BUFFERS {
            return None;
        }
        self.touched += 1;
        Some(Index(self.touched))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_keep_their_order_and_share_the_pool() {
        let mut pool = Pool::<6>::new();
        let (mut greedy, mut modest) = (Queue::EMPTY, Queue::EMPTY);
        for round in 0..3 {
            let mut count = 0;
            while let Some(buffer) = pool.append(&mut greedy) {
                buffer.fill(&[round, count]);
                count += 1;
            }
            assert_eq!(count, 4, "two thirds for one that never stops");
            assert!(pool.append(&mut modest).is_some(), "and one for somebody else");
            for expected in 0..count {
                let first = greedy.first().unwrap();
                assert_eq!(pool.get(first).unwrap().payload(), [round, expected]);
                pool.drop_first(&mut greedy);
            }
            assert!(greedy.is_empty());
            pool.clear(&mut modest);
            assert_eq!(pool.free_count(), 6);
        }
    }

    #[test]
    fn a_pool_is_never_overdrawn() {
        let mut pool = Pool::<5>::new();
        let mut queues = [Queue::EMPTY; 9];
        let mut random = kit_util_net::random::Random::from_seed(5);
        let mut lengths = [0usize; 9];
        for _ in 0..10_000 {
            let which = random.next() as usize % queues.len();
            if random.next().is_multiple_of(2) {
                lengths[which] += usize::from(pool.append(&mut queues[which]).is_some());
            } else {
                lengths[which] -= usize::from(!queues[which].is_empty());
                pool.drop_first(&mut queues[which]);
            }
            assert_eq!(lengths.iter().sum::<usize>() + pool.free_count(), 5);
        }
    }
}
