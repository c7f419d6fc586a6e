//! A heap on the binary buddy system of the crate `buddy_system_allocator`.
//!
//! Blocks are powers of two and carry no header: a block's size follows from its layout, its buddy's address
//! from one exclusive-or (Knowlton, "A Fast Storage Allocator", 1965). What that costs is the rounding, a
//! quarter of a block on average, so large blocks are page runs instead: see `kit-util-heap-growth`, which
//! also holds the growth and the lock.
#![no_std]
#![deny(missing_docs)]

use buddy_system_allocator::Heap;
use core::alloc::Layout;
use core::ptr::NonNull;
use kit_util_heap_growth::{Growing, Pool};

/// The heap: `Buddy::new(&FRAMES)` in the composed root.
pub type Buddy<F> = Growing<BuddyPool, F>;

const LARGE_BYTES: usize = 16 * 1024;

/// Free lists: one per power of two, up to the largest small block.
const ORDERS: usize = LARGE_BYTES.ilog2() as usize + 1;

/// The small blocks.
pub struct BuddyPool {
    heap: Heap<ORDERS>,
}

/// The block that serves `layout`. The heap is only ever told of this, so that a block which is resized within
/// its power of two needs no word about it.
fn whole_block(layout: Layout) -> Layout {
    let bytes = BuddyPool::block_bytes(layout);
    // SAFETY: a power of two below 32 KiB, aligned to itself.
    unsafe { Layout::from_size_align_unchecked(bytes, bytes) }
}

// SAFETY: the buddy system hands out each block once, aligned to its size; free blocks hold the list's links.
unsafe impl Pool for BuddyPool {
    const EMPTY: Self = Self { heap: Heap::new() };
    const LARGE_BYTES: usize = LARGE_BYTES;
    const WANTS_ALIGNED_CHUNKS: bool = true;

    fn chunk_bytes(layout: Layout) -> usize {
        Self::block_bytes(layout)
    }

    #[inline]
    fn block_bytes(layout: Layout) -> usize {
        // A free block holds one link.
        layout.size().next_power_of_two().max(layout.align()).max(size_of::<usize>())
    }

    unsafe fn add(&mut self, start: NonNull<u8>, bytes: usize) {
        // SAFETY: forwarded to the caller.
        unsafe { self.heap.init(start.as_ptr().expose_provenance(), bytes) }
    }

    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.heap.alloc(whole_block(layout)).ok()
    }

    #[inline]
    unsafe fn free(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: forwarded to the caller; the size is the one that was allocated.
        unsafe { self.heap.dealloc(block, whole_block(layout)) }
    }

    unsafe fn resize(&mut self, block: NonNull<u8>, layout: Layout, new_bytes: usize) -> Option<NonNull<u8>> {
        // SAFETY: the caller promises that the size is legal for this alignment.
        let new = unsafe { Layout::from_size_align_unchecked(new_bytes, layout.align()) };
        (Self::block_bytes(new) == Self::block_bytes(layout)).then_some(block)
    }
}
