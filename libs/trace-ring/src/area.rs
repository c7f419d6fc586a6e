//! The memory that the host reads: `libs/iface/trace/README.md` describes it word by word.

use core::sync::atomic::{AtomicU64, Ordering};

/// "kittrace", read as bytes.
const MAGIC: u64 = u64::from_le_bytes(*b"kittrace");
const VERSION: u64 = 1;
/// Threads whose names are kept.
pub(crate) const NAMES: usize = 64;

/// Whole pages, so that it can be shared.
#[repr(C, align(4096))]
pub(crate) struct Area<const EVENTS: usize> {
    magic: AtomicU64,
    version: AtomicU64,
    capacity: AtomicU64,
    names_kept: AtomicU64,
    /// Events ever recorded.
    pub(crate) head: AtomicU64,
    reserved: [AtomicU64; 3],
    /// Number of the thread plus one, and its name.
    names: [[AtomicU64; 3]; NAMES],
    pub(crate) places: [[AtomicU64; 4]; EVENTS],
}

impl<const EVENTS: usize> Area<EVENTS> {
    pub(crate) const fn new() -> Self {
        Self {
            magic: AtomicU64::new(0),
            version: AtomicU64::new(0),
            capacity: AtomicU64::new(0),
            names_kept: AtomicU64::new(0),
            head: AtomicU64::new(0),
            reserved: [const { AtomicU64::new(0) }; 3],
            names: [const { [const { AtomicU64::new(0) }; 3] }; NAMES],
            places: [const { [const { AtomicU64::new(0) }; 4] }; EVENTS],
        }
    }

    /// Writes what a reader must know, the sign that it is there last.
    pub(crate) fn describe(&self) {
        self.version.store(VERSION, Ordering::Relaxed);
        self.capacity.store(EVENTS as u64, Ordering::Relaxed);
        self.names_kept.store(NAMES as u64, Ordering::Relaxed);
        self.magic.store(MAGIC, Ordering::Release);
    }

    /// Notes the name of a thread.
    pub(crate) fn name(&self, id: u32, name: [u8; 16]) {
        let [number, first, second] = &self.names[id as usize % NAMES];
        let (start, end) = name.split_at(8);
        let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        number.store(0, Ordering::Release);
        first.store(word(start), Ordering::Relaxed);
        second.store(word(end), Ordering::Relaxed);
        number.store(u64::from(id) + 1, Ordering::Release);
    }

    pub(crate) fn words(&self) -> &[AtomicU64] {
        let count = size_of::<Self>() / size_of::<AtomicU64>();
        // SAFETY: the whole of it is such words, without padding but at the end, where zeroes of the static are;
        // they may be shared.
        unsafe { core::slice::from_raw_parts(core::ptr::from_ref(self).cast(), count) }
    }
}
