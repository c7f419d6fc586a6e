//! The trace as a ring in memory that overwrites its oldest events.
//!
//! Recording is lock-free and masks nothing: an event claims its place by one atomic addition, and a place tells by its
//! tag which round it is of, so a reader knows what is whole. [`area`] is the memory as the host reads it, [`place`] how
//! an event gets into it.
#![no_std]
#![deny(missing_docs)]

mod area;
pub mod place;

use area::{Area, NAMES};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use kit_iface_clock::monotonic_ns;
use kit_iface_trace::{Event, Trace};
use place::Words;

/// The last `EVENTS` events. All zeroes before the first one, so that an image does not carry it.
pub struct Ring<const EVENTS: usize> {
    area: Area<EVENTS>,
    /// The area is shared with the host, and there is a clock.
    has_begun: AtomicBool,
    running: AtomicU32,
}

impl<const EVENTS: usize> Ring<EVENTS> {
    /// An empty ring. One static, made by the composed root.
    pub const fn new() -> Self {
        Self { area: Area::new(), has_begun: AtomicBool::new(false), running: AtomicU32::new(0) }
    }

    #[cold]
    fn begin(&self) {
        // The boot path tells of the first thread, alone: nobody records meanwhile.
        // SAFETY: the area is whole pages by its alignment, still all zero, and all of it atomic words.
        unsafe {
            kit_iface_platform::share("trace", NonNull::from(&self.area).cast(), size_of::<Area<EVENTS>>());
        }
        self.area.describe();
        // The first reading may find out the clock's rate, which maps devices and so takes page frames; an event of that
        // would ask for the time again.
        monotonic_ns();
        self.has_begun.store(true, Ordering::Release);
    }

    /// The memory that the host reads, as words.
    pub fn words(&self) -> &[AtomicU64] {
        self.area.words()
    }
}

impl<const EVENTS: usize> Trace for Ring<EVENTS> {
    const IS_ON: bool = true;

    fn record(&self, event: Event) {
        if !self.has_begun.load(Ordering::Acquire) {
            if !matches!(event, Event::Thread { .. }) {
                return;
            }
            self.begin();
        }
        if let Event::Thread { id, name } = event {
            return self.area.name(id, name);
        }
        let words = Words::of(event, monotonic_ns(), self.running.load(Ordering::Relaxed));
        place::record(&self.area.head, &self.area.places, words);
        if let Event::Run { id } = event {
            self.running.store(id, Ordering::Relaxed);
        }
    }
}

const _: () = assert!(NAMES.is_power_of_two());
