//! A heap around a heap that finds what goes wrong with blocks.
//!
//! * Before and behind each block lies a *zone* of known bytes. Whoever writes there is found when the block is freed
//!   or resized, or when the image ends.
//! * A freed block is filled with known bytes and waits in *quarantine* until enough was freed after it: a write to it
//!   is found then, a second free at once.
//! * When the image ends, what is still in use is counted, and listed by size.
//!
//! What is found ends the image, with a message and exit code 70 ([`kit_iface_platform::fatal`]). So whoever debugs
//! sees the first error and not what came of it.
//!
//! Neighbours: `block` lays a guarded block out in memory, and has all `unsafe` about that; `books` are the lists of
//! blocks in use and in quarantine; `report` has the words. This file is the slot.
#![no_std]
#![deny(missing_docs)]

mod block;
mod books;
mod report;

use block::{Block, Place};
use books::Books;
use core::alloc::Layout;
use core::ptr::NonNull;
use kit_iface_alloc::{AllocError, Heap, HeapUsage, SizedHeap};
use kit_iface_frames::FRAME_BYTES;
use kit_util_sync::IrqLock;

/// The heap, with zones of `ZONE` bytes and a quarantine of `QUARANTINE_KIB` KiB, around `H`:
/// `Guard::new(&INNER)` in the composed root.
pub struct Guard<H: 'static, const ZONE: usize, const QUARANTINE_KIB: usize> {
    inner: &'static H,
    books: IrqLock<Books>,
}

impl<H: Heap, const ZONE: usize, const QUARANTINE_KIB: usize> Guard<H, ZONE, QUARANTINE_KIB> {
    /// A guard around `inner`.
    pub const fn new(inner: &'static H) -> Self {
        Self { inner, books: IrqLock::new(Books::new()) }
    }

    /// Takes memory from the inner heap; if it has run out, what waits in quarantine makes room.
    fn take(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        self.inner.allocate(layout).or_else(|error| {
            if !self.flush_to(0) {
                return Err(error);
            }
            self.inner.allocate(layout)
        })
    }

    /// Gives back the blocks that have waited longest, until at most `bytes` wait; false if none was there.
    fn flush_to(&self, bytes: usize) -> bool {
        let mut is_any = false;
        // One at a time: the lock is not held while the inner heap works.
        loop {
            let oldest = self.books.lock().release(bytes);
            let Some(block) = oldest else { return is_any };
            if let Err(damage) = block.check_freed(ZONE) {
                report::damage(&block, damage, "when it left the quarantine");
            }
            let Place { start, layout } = block.place(ZONE);
            // SAFETY: `allocate` took the block from the inner heap with this layout, and the owner has freed it.
            unsafe { self.inner.free(start, layout) };
            is_any = true;
        }
    }

    /// The guarded block whose bytes begin at `start`, which the caller claims to have, with this many bytes.
    ///
    /// # Safety
    /// `start` came from this heap, for a guarded layout; the block may have been freed since.
    unsafe fn find(&self, start: NonNull<u8>, layout: Layout) -> Block {
        // SAFETY: forwarded to the caller; what was freed is still readable, if it is in quarantine.
        let block = unsafe { Block::of(start, ZONE) };
        match block.check_live(ZONE) {
            Ok(()) if block.fits(layout) => block,
            Ok(()) => report::wrong_layout(&block, layout),
            Err(damage) => report::damage(&block, damage, "when it was freed or resized"),
        }
    }
}

/// Blocks that are aligned to pages have no zones: their owners count on getting whole pages.
fn is_guarded(layout: Layout) -> bool {
    layout.align() < FRAME_BYTES
}

// SAFETY: blocks lie inside of blocks of the inner heap, which keeps the promises; `Block` aligns them.
unsafe impl<H: Heap, const ZONE: usize, const QUARANTINE_KIB: usize> Heap for Guard<H, ZONE, QUARANTINE_KIB> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        if !is_guarded(layout) {
            let pages = self.take(layout)?;
            self.books.lock().pages_taken(layout.size());
            return Ok(pages);
        }
        let wanted = block::layout_around(layout, ZONE).ok_or(AllocError::Exhausted)?;
        let start = self.take(wanted)?;
        // SAFETY: just allocated with this layout.
        let block = unsafe { Block::make(Place { start, layout: wanted }, layout, ZONE) };
        self.books.lock().enter(block);
        Ok(block.start())
    }

    unsafe fn free(&self, block: NonNull<u8>, layout: Layout) {
        if !is_guarded(layout) {
            self.books.lock().pages_given(layout.size());
            // SAFETY: forwarded to the caller.
            return unsafe { self.inner.free(block, layout) };
        }
        // SAFETY: the caller's block is this heap's.
        let block = unsafe { self.find(block, layout) };
        block.poison();
        self.books.lock().quarantine(block);
        self.flush_to(QUARANTINE_KIB * 1024);
    }

    // Resizing is the trait's own: always to a new place, so that who kept the old one is found.

    fn usage(&self) -> HeapUsage {
        let reserved = self.inner.usage().reserved;
        HeapUsage { reserved, used: self.books.lock().used_bytes() }
    }

    fn at_exit(&self) {
        self.inner.at_exit();
        self.flush_to(0);
        let books = self.books.lock();
        for block in books.in_use() {
            if let Err(damage) = block.check_live(ZONE) {
                // The report writes to the console and ends the image; neither wants the lock.
                report::damage(&block, damage, "when the image ended");
            }
        }
        report::leaks(&books);
    }
}

// SAFETY: the header before a block has its size, and `layout_around` leaves room to keep blocks off page boundaries.
unsafe impl<H: Heap, const ZONE: usize, const QUARANTINE_KIB: usize> SizedHeap
    for Guard<H, ZONE, QUARANTINE_KIB>
{
    const KNOWN_BYTES: usize = isize::MAX as usize / 2;

    unsafe fn bytes_of(&self, block: NonNull<u8>) -> usize {
        // SAFETY: forwarded to the caller.
        let block = unsafe { Block::of(block, ZONE) };
        match block.check_live(ZONE) {
            Ok(()) => block.bytes(),
            Err(damage) => report::damage(&block, damage, "when it was freed or resized"),
        }
    }
}
