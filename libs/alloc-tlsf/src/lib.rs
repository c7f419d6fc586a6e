//! A heap on two-level segregated fit, from the crate `rlsf`.
//!
//! Free blocks are kept in lists by size class, eight classes to each power of two, and two bitmaps say which
//! lists have any. So taking and freeing a block are a bounded number of instructions, whatever happened
//! before; neighbours are joined at once. Masmano, Ripoll, Crespo and Real, "TLSF: a New Dynamic Memory
//! Allocator for Real-Time Systems" (2004).
//!
//! Blocks have a header of 16 bytes and are rounded to 32 bytes in all. Large blocks are page runs instead:
//! see `kit-util-heap-growth`, which also holds the growth and the lock.
#![no_std]
#![deny(missing_docs)]

use core::alloc::Layout;
use core::ptr::NonNull;
use kit_util_heap_growth::{Growing, Pool};
use rlsf::GRANULARITY;

/// The heap: `Tlsf::new(&FRAMES)` in the composed root.
pub type Tlsf<F> = Growing<TlsfPool, F>;

/// Powers of two that free blocks come in: from 32 bytes up to, not including, 64 KiB, which is the longest chunk
/// that the pool is given. The lists are in the image's data segment, so there are no more than are of use: on
/// traces of real programs, longer chunks and sixteen classes saved neither memory nor instructions.
const FIRST_LEVEL: usize = 11;
/// Classes within a power of two.
const SECOND_LEVEL: usize = 8;

const HEADER_BYTES: usize = GRANULARITY / 2;

/// The small blocks.
pub struct TlsfPool {
    heap: rlsf::Tlsf<'static, u16, u8, FIRST_LEVEL, SECOND_LEVEL>,
}

// SAFETY: `rlsf` hands out each block once, aligned as asked; its headers lie outside of live blocks.
unsafe impl Pool for TlsfPool {
    const EMPTY: Self = Self { heap: rlsf::Tlsf::new() };
    const LARGE_BYTES: usize = 32 * 1024;
    const WANTS_ALIGNED_CHUNKS: bool = false;

    fn chunk_bytes(layout: Layout) -> usize {
        let block = Self::block_bytes(layout);
        // A block is looked for in the lists whose every member is long enough, so the chunk must reach the
        // next class; and it ends in a header that is never free.
        block + block / SECOND_LEVEL + 2 * GRANULARITY
    }

    #[inline]
    fn block_bytes(layout: Layout) -> usize {
        // A payload that is aligned to more than its header may lie up to this much further back.
        let padding = layout.align().saturating_sub(HEADER_BYTES);
        (layout.size() + HEADER_BYTES + padding).next_multiple_of(GRANULARITY)
    }

    unsafe fn add(&mut self, start: NonNull<u8>, bytes: usize) {
        // SAFETY: forwarded to the caller. Whatever is too short to be a block stays unused.
        let _ = unsafe { self.heap.insert_free_block_ptr(NonNull::slice_from_raw_parts(start, bytes)) };
    }

    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.heap.allocate(layout)
    }

    #[inline]
    unsafe fn free(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: forwarded to the caller.
        unsafe { self.heap.deallocate(block, layout.align()) }
    }

    unsafe fn resize(&mut self, block: NonNull<u8>, layout: Layout, new_bytes: usize) -> Option<NonNull<u8>> {
        // SAFETY: forwarded to the caller, who promises that the new size is legal for the alignment.
        unsafe {
            let new = Layout::from_size_align_unchecked(new_bytes, layout.align());
            self.heap.reallocate(block, new)
        }
    }
}
