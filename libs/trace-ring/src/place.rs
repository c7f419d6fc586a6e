//! How an event gets into the ring, and how a reader knows that it is whole: a sequence lock for each place.
//!
//! A place is four words: time, tag, and two of the event's own. The tag tells the kind of the event, the thread, and
//! the round that the ring was in; it is zero while the place is being written. Generic over the words, so that loom
//! checks this very code (`tests/loom.rs`).

use core::sync::atomic::{AtomicU64, Ordering, fence};
use kit_iface_trace::Event;

/// A word that several contexts share.
pub trait Word {
    /// Reads it.
    fn load(&self, order: Ordering) -> u64;
    /// Writes it.
    fn store(&self, value: u64, order: Ordering);
    /// Adds one; the value before.
    fn next(&self) -> u64;
    /// A fence for words of this type.
    fn fence(order: Ordering);
}

impl Word for AtomicU64 {
    #[inline]
    fn load(&self, order: Ordering) -> u64 {
        self.load(order)
    }
    #[inline]
    fn store(&self, value: u64, order: Ordering) {
        self.store(value, order);
    }
    #[inline]
    fn next(&self) -> u64 {
        self.fetch_add(1, Ordering::Relaxed)
    }
    #[inline]
    fn fence(order: Ordering) {
        fence(order);
    }
}

/// What is written of an event: everything but the round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The monotonic clock.
    pub time_ns: u64,
    /// Its kind, not zero.
    pub kind: u8,
    /// The thread that ran.
    pub thread: u32,
    /// The event's own: a number, or where a name is (address below, length in the upper 16 bits).
    pub a: u64,
    /// The event's own.
    pub b: u64,
}

impl Words {
    /// The words of an event. A thread's name has a place of its own, and is none of them.
    #[inline]
    pub fn of(event: Event, time_ns: u64, thread: u32) -> Self {
        let (kind, a, b) = match event {
            Event::Run { id } => (2, id.into(), 0),
            Event::Idle => (3, 0, 0),
            Event::Wake { id } => (4, id.into(), 0),
            Event::Begin { name, argument } => (5, text(name), argument),
            Event::End { name, result } => (6, text(name), result),
            Event::FrameIn { bytes } => (7, bytes, 0),
            Event::FrameOut { bytes } => (8, bytes, 0),
            Event::Gauge { name, value } => (9, text(name), value),
            _ => (1, 0, 0),
        };
        Self { time_ns, kind, thread, a, b }
    }
}

/// Where a text is: addresses have 48 bits, names fewer bytes than 16 bits count.
fn text(name: &'static str) -> u64 {
    let length = name.len().min(usize::from(u16::MAX)) as u64;
    (name.as_ptr().addr() as u64 & 0xffff_ffff_ffff) | length << 48
}

/// The tag of the event with this number.
fn tag<const EVENTS: usize>(words: &Words, number: u64) -> u64 {
    let round = number / EVENTS as u64 + 1;
    u64::from(words.kind) | (round & 0xff_ffff) << 8 | u64::from(words.thread) << 32
}

/// Records: claims the next place and writes it.
#[inline]
pub fn record<W: Word, const EVENTS: usize>(head: &W, places: &[[W; 4]; EVENTS], words: Words) {
    let number = head.next();
    let place = &places[(number % EVENTS as u64) as usize];
    place[1].store(0, Ordering::Relaxed);
    W::fence(Ordering::Release);
    place[0].store(words.time_ns, Ordering::Relaxed);
    place[2].store(words.a, Ordering::Relaxed);
    place[3].store(words.b, Ordering::Relaxed);
    place[1].store(tag::<EVENTS>(&words, number), Ordering::Release);
}

/// Reads the event with this number, if it is there and whole. The host does the same.
pub fn read<W: Word, const EVENTS: usize>(places: &[[W; 4]; EVENTS], number: u64) -> Option<Words> {
    let place = &places[(number % EVENTS as u64) as usize];
    let before = place[1].load(Ordering::Acquire);
    let [time_ns, a, b] = [0, 2, 3].map(|at| place[at].load(Ordering::Relaxed));
    W::fence(Ordering::Acquire);
    let words = Words { time_ns, kind: before as u8, thread: (before >> 32) as u32, a, b };
    let is_whole = place[1].load(Ordering::Relaxed) == before && before == tag::<EVENTS>(&words, number);
    (is_whole && words.kind != 0).then_some(words)
}
