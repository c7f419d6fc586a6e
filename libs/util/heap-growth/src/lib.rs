//! What heaps share, so that an allocator crate holds only its algorithm.
//!
//! A [`Pool`] hands out small blocks from memory that it was given. [`Growing`] makes a heap of it:
//! * memory comes from the page-frame slot in chunks, only when the pool has run out: 16 KiB first, later a
//!   quarter of what the pool holds, so a tiny image stays tiny and a large one does not grow in tiny steps;
//! * blocks of [`Pool::LARGE_BYTES`] and more, and all that are aligned to pages, are page runs of their own:
//!   rounded to 4 KiB instead of whatever the pool rounds to, and given back to everybody when freed;
//! * one lock that masks interrupts, so that any context may allocate.
//!
//! What the pool once got stays in the pool.
#![no_std]
#![deny(missing_docs)]

mod chunk;
mod growing;
mod large;

pub use growing::Growing;
pub use large::Large;

use core::alloc::Layout;
use core::ptr::NonNull;

/// An algorithm for small blocks.
///
/// Layouts are never empty, smaller than [`Pool::LARGE_BYTES`], and aligned to less than a page.
///
/// # Safety
/// Blocks are aligned as asked, lie in memory that was added, do not overlap while live, and the pool touches
/// nothing of a live block.
pub unsafe trait Pool: Sized + Send + 'static {
    /// A pool that was given no memory yet.
    const EMPTY: Self;

    /// Blocks of this many bytes and more are not the pool's business.
    const LARGE_BYTES: usize;

    /// How a chunk of `n` bytes is to be aligned: to `n` if this is true (then `n` is a power of two), else to
    /// a page.
    const WANTS_ALIGNED_CHUNKS: bool;

    /// The bytes of a fresh chunk that can hold a block of `layout` for certain.
    fn chunk_bytes(layout: Layout) -> usize;

    /// What a block of `layout` takes out of the pool, rounding and book-keeping included.
    fn block_bytes(layout: Layout) -> usize;

    /// Takes over `bytes` bytes from `start`, both multiples of the page size.
    ///
    /// # Safety
    /// The memory is nobody else's, for ever.
    unsafe fn add(&mut self, start: NonNull<u8>, bytes: usize);

    /// Takes a block, or says that no free one is long enough.
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>>;

    /// Gives a block back.
    ///
    /// # Safety
    /// `block` was allocated from this pool with `layout` (or resized to it) and is not used any more.
    unsafe fn free(&mut self, block: NonNull<u8>, layout: Layout);

    /// Makes a block `new_bytes` long if that is possible without asking for more memory. It may move, with its
    /// contents. `None`: nothing has changed.
    ///
    /// # Safety
    /// As [`Pool::free`], except that the block is in use.
    unsafe fn resize(&mut self, block: NonNull<u8>, layout: Layout, new_bytes: usize) -> Option<NonNull<u8>>;
}
