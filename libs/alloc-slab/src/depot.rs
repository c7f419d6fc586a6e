//! What is behind the caches: slabs of small blocks, and page frames. Not locked: see the crate's documentation.

use crate::class::{self, SMALL_CLASSES};
use core::cell::Cell;
use core::num::NonZeroUsize;
use core::ptr::NonNull;
use kit_iface_frames::{FRAME_BYTES, Frames};
use kit_util_slabs::{PAGE_BYTES, Pages, Slabs};

const _: () = assert!(PAGE_BYTES == FRAME_BYTES);

/// The slabs, and counters.
pub struct Depot {
    slabs: Slabs,
    /// Frames of slabs, and of runs that are out.
    frames: usize,
    /// Bytes of blocks that are out.
    taken_bytes: usize,
}

impl Depot {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self { slabs: Slabs::new(), frames: 0, taken_bytes: 0 }
    }

    /// Bytes that are taken from the frames.
    pub fn reserved_bytes(&self) -> usize {
        self.frames * FRAME_BYTES
    }

    /// Bytes of blocks that are with their owners or in caches.
    pub fn taken_bytes(&self) -> usize {
        self.taken_bytes
    }

    /// Takes a block of a class; `None` if memory has run out.
    pub fn take(&mut self, class: usize, frames: &impl Frames) -> Option<NonNull<u8>> {
        let source = Source { frames, count: Cell::new(self.frames) };
        let block = if class < SMALL_CLASSES {
            self.slabs.allocate(class, &source)
        } else {
            source.take_run(class::pages(class))
        };
        self.frames = source.count.get();
        self.taken_bytes += block.map_or(0, |_| class::bytes(class));
        block
    }

    /// Takes a block of a class for stock. Page runs are not stocked: a frame that waits here is one that a stack or a
    /// mapping may lack.
    pub fn take_if_cheap(&mut self, class: usize, frames: &impl Frames) -> Option<NonNull<u8>> {
        if class < SMALL_CLASSES { self.take(class, frames) } else { None }
    }

    /// Takes a block back.
    ///
    /// # Safety
    /// It was taken for that class, with the same frames, and nobody uses it any more.
    pub unsafe fn give(&mut self, class: usize, block: NonNull<u8>, frames: &impl Frames) {
        let source = Source { frames, count: Cell::new(self.frames) };
        // SAFETY: forwarded to the caller.
        unsafe {
            if class < SMALL_CLASSES {
                self.slabs.free(block, &source);
            } else {
                source.give_run(block, class::pages(class));
            }
        }
        self.frames = source.count.get();
        self.taken_bytes -= class::bytes(class);
    }
}

/// Page frames, counted.
struct Source<'a, F> {
    frames: &'a F,
    count: Cell<usize>,
}

impl<F: Frames> Source<'_, F> {
    fn take_run(&self, pages: usize) -> Option<NonNull<u8>> {
        let first = self.frames.allocate(pages, 1).ok()?;
        self.count.set(self.count.get() + pages);
        // Identity mapping: the address of a frame is a pointer to it.
        Some(NonNull::with_exposed_provenance(first))
    }

    /// Gives a run back.
    ///
    /// # Safety
    /// It was taken with this many pages, and is not used any more.
    unsafe fn give_run(&self, run: NonNull<u8>, pages: usize) {
        self.count.set(self.count.get() - pages);
        let first: NonZeroUsize = run.expose_provenance();
        // SAFETY: forwarded to the caller.
        unsafe { self.frames.free(first, pages) }
    }
}

// SAFETY: frames are as long and as aligned as pages, and each is handed out once.
unsafe impl<F: Frames> Pages for Source<'_, F> {
    fn take(&self) -> Option<NonNull<u8>> {
        self.take_run(1)
    }

    unsafe fn give(&self, page: NonNull<u8>) {
        // SAFETY: forwarded to the caller.
        unsafe { self.give_run(page, 1) }
    }
}
