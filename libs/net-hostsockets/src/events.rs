//! Who observes which socket, and the epoll instance that tells what happened.
//!
//! The table also remembers which sockets have been read to their end: asking the kernel again is a system call
//! that says nothing new until an event arrives. Runtimes ask at least twice before they sleep.

use crate::errors::net_error;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use kit_iface_clock::monotonic_ns;
use kit_iface_irq::{Handler, Irq, Line};
use kit_iface_net::{Family, Kind, NetError, Observer, Readiness};
use kit_util_linux::{EpollEvent, close, create_epoll, epoll_add, epoll_wait};
use kit_util_sync::IrqLock;

/// One open socket of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Socket {
    pub(crate) descriptor: i32,
    /// Place in the table of observers.
    slot: u32,
    pub(crate) kind: Kind,
    pub(crate) family: Family,
}

/// Everything that is reported: both directions, edge-triggered; errors and hang-ups always are.
const INTEREST: u32 = (libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET) as u32;

/// What never passes.
const OVER: Readiness = Readiness::READ_CLOSED.with(Readiness::CLOSED).with(Readiness::ERROR);

/// Events taken from the kernel at once.
const BATCH: usize = 32;

/// The epoll instance and its observers. One for each stack, never freed.
pub(crate) struct Events {
    epoll: i32,
    /// When the epoll instance was last asked, on the monotonic clock.
    asked_ns: AtomicU64,
    table: IrqLock<Table>,
}

struct Table {
    entries: Vec<Entry>,
    /// First of the chain of free entries; [`END`] if there is none.
    free: u32,
}

struct Entry {
    observer: Option<Observer>,
    /// Counts the sockets that had this slot, so that an event that the kernel reported before a close does
    /// not reach the next socket.
    generation: u32,
    next_free: u32,
    /// Counts the events that told of something to read.
    arrivals: u32,
    /// The count at which the kernel had nothing more to read.
    empty_at: Option<u32>,
    /// The peer has ended, or the socket has failed: there is always an answer.
    is_over: bool,
}

/// A look at what may be there to read; see [`Events::may_read`].
#[derive(Clone, Copy)]
pub(crate) struct Arrivals(u32);

/// How long the word of the table is trusted without a look at the epoll instance. A thread that computes keeps
/// events waiting longer.
const TRUST_NS: u64 = 50_000;

const END: u32 = u32::MAX;

impl Events {
    /// Makes an instance and attaches it as an interrupt line.
    pub(crate) fn start<I: Irq>(irq: &'static I) -> Result<&'static Self, NetError> {
        let epoll = create_epoll().map_err(net_error)?;
        let table = IrqLock::new(Table { entries: Vec::new(), free: END });
        let events: &'static Self = Box::leak(Box::new(Self { epoll, asked_ns: AtomicU64::new(0), table }));
        let handler = Handler { function: serve, data: core::ptr::from_ref(events) as usize };
        match irq.attach(Line::Descriptor(epoll), handler) {
            Ok(_) => Ok(events),
            Err(_) => {
                let _ = close(epoll);
                Err(NetError::Down)
            }
        }
    }

    /// Takes a new host socket over. On an error it is closed.
    pub(crate) fn adopt(
        &self,
        descriptor: i32,
        kind: Kind,
        family: Family,
        observer: Observer,
    ) -> Result<Socket, NetError> {
        match self.table.lock().insert(observer) {
            Some(slot) => Ok(Socket { descriptor, slot, kind, family }),
            None => {
                let _ = close(descriptor);
                Err(NetError::Exhausted)
            }
        }
    }

    /// Begins to report events of a socket, those that have happened included. A stream is not reported before
    /// it connects or listens: the kernel calls a fresh one "hung up".
    pub(crate) fn report(&self, socket: Socket) -> Result<(), NetError> {
        let generation = self.table.lock().entries[socket.slot as usize].generation;
        let data = u64::from(generation) << 32 | u64::from(socket.slot);
        match epoll_add(self.epoll, socket.descriptor, EpollEvent { events: INTEREST, data }) {
            // A second `connect` or `listen`: reported already.
            Err(errno) if errno.0 == libc::EEXIST => Ok(()),
            result => result.map_err(net_error),
        }
    }

    /// Whether reading may give something; an error if it surely does not. The answer is for
    /// [`Events::note_empty`].
    #[inline]
    pub(crate) fn may_read(&self, socket: Socket) -> Result<Arrivals, NetError> {
        let table = self.table.lock();
        let entry = &table.entries[socket.slot as usize];
        if entry.empty_at == Some(entry.arrivals)
            && !entry.is_over
            && monotonic_ns().saturating_sub(self.asked_ns.load(Ordering::Relaxed)) < TRUST_NS
        {
            return Err(NetError::WouldBlock);
        }
        Ok(Arrivals(entry.arrivals))
    }

    /// The kernel had nothing more to read after `before`. If something arrived meanwhile, the counts differ.
    #[inline]
    pub(crate) fn note_empty(&self, socket: Socket, before: Arrivals) {
        self.table.lock().entries[socket.slot as usize].empty_at = Some(before.0);
    }

    /// Forgets the observer, then closes the host's socket, which leaves the epoll instance by that.
    pub(crate) fn close(&self, socket: Socket) {
        self.table.lock().remove(socket.slot);
        let _ = close(socket.descriptor);
    }
}

impl Table {
    fn insert(&mut self, observer: Observer) -> Option<u32> {
        let observer = Some(observer);
        if self.free == END {
            self.entries.try_reserve(1).ok()?;
            let entry = Entry {
                observer,
                generation: 0,
                next_free: END,
                arrivals: 0,
                empty_at: None,
                is_over: false,
            };
            self.entries.push(entry);
            return Some(self.entries.len() as u32 - 1);
        }
        let slot = self.free;
        let entry = &mut self.entries[slot as usize];
        self.free = entry.next_free;
        entry.observer = observer;
        (entry.empty_at, entry.is_over) = (None, false);
        Some(slot)
    }

    fn remove(&mut self, slot: u32) {
        let entry = &mut self.entries[slot as usize];
        entry.observer = None;
        entry.generation = entry.generation.wrapping_add(1);
        entry.next_free = self.free;
        self.free = slot;
    }
}

/// The interrupt handler: passes on what the kernel reports, until it has nothing more.
fn serve(data: usize) {
    // SAFETY: `data` is the address of the leaked, hence everlasting, instance that attached this handler.
    let this = unsafe { &*(data as *const Events) };
    let mut events = [EpollEvent::default(); BATCH];
    loop {
        this.asked_ns.store(monotonic_ns(), Ordering::Relaxed);
        let count = epoll_wait(this.epoll, &mut events).unwrap_or(0);
        let mut table = this.table.lock();
        for event in &events[..count] {
            let (slot, generation) = (event.data as u32 as usize, (event.data >> 32) as u32);
            let Some(entry) = table.entries.get_mut(slot) else { continue };
            if entry.generation != generation {
                continue;
            }
            let readiness = readiness(event.events as i32);
            entry.is_over |= readiness.intersects(OVER);
            if readiness.intersects(OVER.with(Readiness::READABLE)) {
                entry.arrivals = entry.arrivals.wrapping_add(1);
            }
            if let Some(observer) = entry.observer {
                (observer.function)(observer.data, readiness);
            }
        }
        if count < BATCH {
            return;
        }
    }
}

/// What `poll` or `epoll` reports, in the slot's terms. The two share their values (poll(2), epoll_ctl(2)).
pub(crate) fn readiness(events: i32) -> Readiness {
    let pairs = [
        (libc::EPOLLIN, Readiness::READABLE),
        (libc::EPOLLOUT, Readiness::WRITABLE),
        (libc::EPOLLRDHUP, Readiness::READ_CLOSED),
        (libc::EPOLLHUP, Readiness::CLOSED),
        (libc::EPOLLERR, Readiness::ERROR),
    ];
    pairs.iter().fold(
        Readiness::default(),
        |set, (event, element)| {
            if events & event == 0 { set } else { set.with(*element) }
        },
    )
}
