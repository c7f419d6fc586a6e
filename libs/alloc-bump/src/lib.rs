//! A heap that is a pointer which moves up: a *region* (Hanson, "Fast Allocation and Deallocation of Memory Based on
//! Object Lifetimes", 1990) that is given back as a whole, by the end of the image.
//!
//! Blocks lie one behind the other, each as long as was asked. The last one can be freed and resized where it is, which
//! serves a vector that grows and a scratch buffer; all others stay. Large blocks are page runs, which do come back: see
//! `kit-util-heap-growth`, which also holds the growth and the lock.
#![no_std]
#![deny(missing_docs)]

use core::alloc::Layout;
use core::ptr::NonNull;
use kit_util_heap_growth::{Growing, Pool};

/// The heap: `Bump::new(&FRAMES)` in the composed root.
pub type Bump<F> = Growing<BumpPool, F>;

/// The small blocks: where the next one may begin, and the end of the chunk.
pub struct BumpPool {
    free: NonNull<u8>,
    free_bytes: usize,
}

// SAFETY: the pool owns the memory that it points to.
unsafe impl Send for BumpPool {}

impl BumpPool {
    /// Whether a block of `bytes` bytes is the last one that was taken.
    fn is_last(&self, block: NonNull<u8>, bytes: usize) -> bool {
        block.addr().get() + bytes == self.free.addr().get()
    }

    /// Makes the block at `start` as long as `bytes`: what is behind it is free.
    ///
    /// # Safety
    /// `start..start + bytes` lies in the chunk, and no other block lies behind `start`.
    unsafe fn end_at(&mut self, start: NonNull<u8>, bytes: usize) {
        let end = self.free.addr().get() + self.free_bytes;
        // SAFETY: inside of the chunk, by the caller's promise.
        self.free = unsafe { start.add(bytes) };
        self.free_bytes = end - self.free.addr().get();
    }
}

// SAFETY: blocks are cut off the free rest of a chunk, which begins behind all of them.
unsafe impl Pool for BumpPool {
    const EMPTY: Self = Self { free: NonNull::dangling(), free_bytes: 0 };
    const LARGE_BYTES: usize = 32 * 1024;
    const WANTS_ALIGNED_CHUNKS: bool = false;

    fn chunk_bytes(layout: Layout) -> usize {
        // Chunks are aligned to more than any small block.
        layout.size()
    }

    #[inline]
    fn block_bytes(layout: Layout) -> usize {
        layout.size()
    }

    unsafe fn add(&mut self, start: NonNull<u8>, bytes: usize) {
        // A chunk behind the present one makes it longer. Otherwise the rest of the present one stays unused.
        if self.is_last(start, 0) || self.free.addr().get() + self.free_bytes != start.addr().get() {
            (self.free, self.free_bytes) = (start, bytes);
        } else {
            self.free_bytes += bytes;
        }
    }

    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let padding = self.free.addr().get().wrapping_neg() & (layout.align() - 1);
        if padding + layout.size() > self.free_bytes {
            return None;
        }
        // SAFETY: so much of the chunk is free.
        unsafe {
            let block = self.free.add(padding);
            self.end_at(block, layout.size());
            Some(block)
        }
    }

    #[inline]
    unsafe fn free(&mut self, block: NonNull<u8>, layout: Layout) {
        if self.is_last(block, layout.size()) {
            // SAFETY: no block lies behind the last one.
            unsafe { self.end_at(block, 0) }
        }
    }

    unsafe fn resize(&mut self, block: NonNull<u8>, layout: Layout, new_bytes: usize) -> Option<NonNull<u8>> {
        if self.is_last(block, layout.size()) {
            if new_bytes > layout.size() + self.free_bytes {
                return None;
            }
            // SAFETY: no block lies behind the last one, and so much of the chunk is free.
            unsafe { self.end_at(block, new_bytes) }
            return Some(block);
        }
        (new_bytes <= layout.size()).then_some(block)
    }
}
