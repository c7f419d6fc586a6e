//! A heap on binned free lists, from the crate `talc`.
//!
//! Free blocks are kept in 191 lists by size, after Lea, "A Memory Allocator" (1996), and a bitmap says which lists
//! have any; neighbours are joined at once. A block in use has one word behind it and none before, since whoever frees
//! it says how long it is.
//!
//! The lists themselves lie at the start of the first chunk. Large blocks are page runs instead: see
//! `kit-util-heap-growth`, which also holds the growth and the lock.
#![no_std]
#![deny(missing_docs)]

use core::alloc::Layout;
use core::ptr::NonNull;
use kit_util_heap_growth::{Growing, Pool};
use talc::base::binning::DefaultBinning;
use talc::source::Manual;
use talc::{base, min_first_heap_size};

/// The heap: `Talc::new(&FRAMES)` in the composed root.
pub type Talc<F> = Growing<TalcPool, F>;

/// What sizes of blocks are multiples of.
const UNIT: usize = base::CHUNK_UNIT;

/// The small blocks.
pub struct TalcPool {
    heap: base::Talc<Manual, DefaultBinning>,
}

// SAFETY: `talc` hands out each block once, aligned as asked; its words lie outside of live blocks.
unsafe impl Pool for TalcPool {
    const EMPTY: Self = Self { heap: base::Talc::new(Manual) };
    const LARGE_BYTES: usize = 32 * 1024;
    const WANTS_ALIGNED_CHUNKS: bool = false;

    fn chunk_bytes(layout: Layout) -> usize {
        // A block is looked for in the lists whose every member is long enough, so the chunk must reach the next
        // one, which is at most a quarter longer; room to align it; and the lists, if this is the first chunk.
        let block = Self::block_bytes(layout).max(layout.align());
        block + block / 4 + layout.align() + 2 * UNIT + min_first_heap_size::<DefaultBinning>()
    }

    #[inline]
    fn block_bytes(layout: Layout) -> usize {
        (layout.size() + size_of::<usize>()).next_multiple_of(UNIT)
    }

    unsafe fn add(&mut self, start: NonNull<u8>, bytes: usize) {
        // SAFETY: forwarded to the caller. Whatever is too short to be a heap stays unused.
        let _ = unsafe { self.heap.claim(start.as_ptr(), bytes) };
    }

    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: layouts of a pool are not empty.
        unsafe { self.heap.try_allocate(layout) }
    }

    #[inline]
    unsafe fn free(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: forwarded to the caller.
        unsafe { self.heap.deallocate(block.as_ptr(), layout) }
    }

    unsafe fn resize(&mut self, block: NonNull<u8>, layout: Layout, new_bytes: usize) -> Option<NonNull<u8>> {
        // SAFETY: forwarded to the caller; the new size is not zero.
        unsafe { self.heap.try_realloc_in_place(block.as_ptr(), layout, new_bytes).then_some(block) }
    }
}
