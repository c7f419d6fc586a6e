//! When does which socket want to be looked at?
//!
//! A heap with at most one *live* entry per socket, and lazy about everything else: a deadline that moves later
//! (every acknowledgement moves the retransmission one) costs nothing now and one re-queueing when the old
//! entry comes up. A connection in steady use touches the heap once a second, not twice a segment.

use alloc::collections::BinaryHeap;
use core::cmp::Reverse;
use smoltcp::time::Instant;

/// A socket's place in [`Timers`], kept with the socket.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Deadline {
    wanted: Option<Instant>,
    queued: Option<Instant>,
}

/// The deadlines of all sockets.
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, u32)>>,
}

impl Timers {
    /// Nothing is due, ever.
    pub const fn new() -> Self {
        Self { heap: BinaryHeap::new() }
    }

    /// Sets when `socket` is due, or that it is not.
    #[inline]
    pub fn set(&mut self, socket: u32, deadline: &mut Deadline, wanted: Option<Instant>) {
        deadline.wanted = wanted;
        if let Some(wanted) = wanted
            && deadline.queued.is_none_or(|queued| wanted < queued)
        {
            deadline.queued = Some(wanted);
            self.heap.push(Reverse((wanted, socket)));
        }
    }

    /// When to look again; may be earlier than anything is really due, never later.
    pub fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// An entry that has come up. Ask [`Timers::is_due`] what it is worth.
    pub fn pop(&mut self, now: Instant) -> Option<(Instant, u32)> {
        match self.heap.peek() {
            Some(Reverse((at, _))) if *at <= now => self.heap.pop().map(|Reverse(entry)| entry),
            _ => None,
        }
    }

    /// Whether the `socket` whose entry `at` came up really is due; it is queued again if it is due later.
    pub fn is_due(&mut self, socket: u32, deadline: &mut Deadline, at: Instant, now: Instant) -> bool {
        if deadline.queued != Some(at) {
            return false;
        }
        deadline.queued = None;
        match deadline.wanted {
            Some(wanted) if wanted <= now => {
                deadline.wanted = None;
                true
            }
            wanted => {
                self.set(socket, deadline, wanted);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Instant {
        Instant::from_millis(millis)
    }

    fn fired(timers: &mut Timers, places: &mut [Deadline], now: Instant) -> Option<u32> {
        while let Some((at, socket)) = timers.pop(now) {
            if let Some(place) = places.get_mut(socket as usize)
                && timers.is_due(socket, place, at, now)
            {
                return Some(socket);
            }
        }
        None
    }

    #[test]
    fn fires_in_order_and_only_what_is_still_wanted() {
        let (mut timers, mut places) = (Timers::new(), [Deadline::default(); 3]);
        timers.set(0, &mut places[0], Some(at(30)));
        timers.set(1, &mut places[1], Some(at(10)));
        timers.set(2, &mut places[2], Some(at(20)));
        timers.set(1, &mut places[1], Some(at(50)));
        timers.set(2, &mut places[2], None);
        assert_eq!(timers.next(), Some(at(10)));
        assert_eq!(fired(&mut timers, &mut places, at(29)), None);
        assert_eq!(timers.next(), Some(at(30)));
        assert_eq!(fired(&mut timers, &mut places, at(60)), Some(0));
        assert_eq!(fired(&mut timers, &mut places, at(60)), Some(1));
        assert_eq!(fired(&mut timers, &mut places, at(60)), None);
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn an_earlier_wish_replaces_a_later_one() {
        let (mut timers, mut places) = (Timers::new(), [Deadline::default()]);
        timers.set(0, &mut places[0], Some(at(100)));
        timers.set(0, &mut places[0], Some(at(5)));
        assert_eq!(fired(&mut timers, &mut places, at(5)), Some(0));
        timers.set(0, &mut places[0], Some(at(120)));
        assert_eq!(fired(&mut timers, &mut places, at(110)), None);
        assert_eq!(fired(&mut timers, &mut places, at(120)), Some(0));
    }

    #[test]
    fn a_socket_that_is_gone_does_not_fire() {
        let (mut timers, mut place) = (Timers::new(), Deadline::default());
        timers.set(0, &mut place, Some(at(1)));
        assert_eq!(fired(&mut timers, &mut [], at(2)), None);
        assert_eq!(timers.next(), None);
    }
}
