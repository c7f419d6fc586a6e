//! Readiness: threads that wait for one file, and sets (`poll`, `epoll`) that watch many.
//!
//! Each file that can be "not ready" owns a [`Watch`]; whoever changes the file calls [`Watch::notify`]. From that
//! one call come blocking reads and writes (a bell for each direction) and edges for `epoll` (sinks). Notifying
//! neither blocks nor allocates, and is legal in an interrupt handler and under a network stack's lock.

use crate::Errno;
use crate::fd::{Direction, Events};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_sched::{Wake, wait, wake};
use kit_util_sync::IrqLock;

/// Who is told about the events of one file.
pub struct Watch {
    readers: Bell,
    writers: Bell,
    sinks: IrqLock<Vec<Subscription>>,
    /// The length of `sinks`, to be looked at without the lock.
    sink_count: AtomicU32,
}

/// A set that watches files. Called with the watch locked: it may ring bells and set flags, no more.
pub trait Sink: Send + Sync {
    /// `events` happened on the file that was subscribed with `token`.
    fn notify(&self, token: u64, events: Events);

    /// The file that was subscribed with `token` has been closed.
    fn forget(&self, token: u64);
}

struct Subscription {
    sink: Arc<dyn Sink>,
    token: u64,
}

impl Watch {
    /// Nobody watches.
    pub const fn new() -> Self {
        Self {
            readers: Bell::new(),
            writers: Bell::new(),
            sinks: IrqLock::new(Vec::new()),
            sink_count: AtomicU32::new(0),
        }
    }

    /// Tells everybody that `events` have happened. Change the file's state first, then call this.
    pub fn notify(&self, events: Events) {
        if events.intersects(Events::ENDS_READ) {
            self.readers.ring();
        }
        if events.intersects(Events::ENDS_WRITE) {
            self.writers.ring();
        }
        if self.sink_count.load(Ordering::SeqCst) != 0 {
            for subscription in self.sinks.lock().iter() {
                subscription.sink.notify(subscription.token, events);
            }
        }
    }

    /// See [`crate::fd::File::ticket`].
    pub fn ticket(&self, direction: Direction) -> u32 {
        self.bell(direction).rings.load(Ordering::SeqCst)
    }

    /// See [`crate::fd::File::sleep`].
    pub fn sleep(&self, direction: Direction, ticket: u32, deadline_ns: u64) -> Wake {
        self.bell(direction).sleep(ticket, deadline_ns)
    }

    fn bell(&self, direction: Direction) -> &Bell {
        match direction {
            Direction::Read => &self.readers,
            Direction::Write => &self.writers,
        }
    }

    /// Tells `sink` about all events from now on. What is ready already is the caller's to find out, afterwards.
    pub fn subscribe(&self, sink: Arc<dyn Sink>, token: u64) -> Result<(), Errno> {
        let mut sinks = self.sinks.lock();
        sinks.try_reserve(1).map_err(|_| Errno(libc::ENOMEM))?;
        sinks.push(Subscription { sink, token });
        self.sink_count.store(sinks.len() as u32, Ordering::SeqCst);
        Ok(())
    }

    /// The first token of `sink` here that `wanted` accepts. Called with the watch locked.
    pub fn find(&self, sink: &dyn Sink, wanted: &mut dyn FnMut(u64) -> bool) -> Option<u64> {
        let sinks = self.sinks.lock();
        let mut tokens = sinks.iter().filter(|other| is_same(&*other.sink, sink)).map(|other| other.token);
        tokens.find(|token| wanted(*token))
    }

    /// Stops telling `sink`; once this returns it is not called for `token` any more.
    pub fn unsubscribe(&self, sink: &dyn Sink, token: u64) {
        let mut sinks = self.sinks.lock();
        let position = sinks.iter().position(|other| other.token == token && is_same(&*other.sink, sink));
        let removed = position.map(|position| sinks.swap_remove(position));
        self.sink_count.store(sinks.len() as u32, Ordering::SeqCst);
        drop(sinks);
        // Only now: the last reference to a sink may free much.
        drop(removed);
    }
}

fn is_same(one: &dyn Sink, other: &dyn Sink) -> bool {
    core::ptr::addr_eq(one, other)
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.sink_count.load(Ordering::SeqCst) != 0 {
            let sinks = core::mem::take(&mut *self.sinks.lock());
            for subscription in sinks {
                subscription.sink.forget(subscription.token);
            }
        }
    }
}

/// Threads that sleep until something rings. A sleeper that read the count of rings before it looked at the
/// state misses nothing: whoever changes the state rings afterwards.
pub struct Bell {
    rings: AtomicU32,
    sleepers: AtomicU32,
}

impl Bell {
    /// Nobody sleeps.
    pub const fn new() -> Self {
        Self { rings: AtomicU32::new(0), sleepers: AtomicU32::new(0) }
    }

    /// The count of rings so far.
    pub fn rings(&self) -> u32 {
        self.rings.load(Ordering::SeqCst)
    }

    /// Wakes everybody. Costs a few instructions when nobody sleeps.
    pub fn ring(&self) {
        // Both sides announce themselves before they look at the other: one of them sees the other.
        self.rings.fetch_add(1, Ordering::SeqCst);
        if self.sleepers.load(Ordering::SeqCst) != 0 {
            wake(self.key(), usize::MAX);
        }
    }

    /// Sleeps until it rings again after `ticket` rings.
    pub fn sleep(&self, ticket: u32, deadline_ns: u64) -> Wake {
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        let result = wait(self.key(), deadline_ns, || self.rings.load(Ordering::SeqCst) == ticket);
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
        result
    }

    fn key(&self) -> usize {
        self.rings.as_ptr() as usize
    }
}
