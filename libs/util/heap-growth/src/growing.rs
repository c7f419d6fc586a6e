//! The heap around a pool.

use crate::{Pool, chunk, large::Large};
use core::alloc::Layout;
use core::ptr::{NonNull, copy_nonoverlapping};
use kit_iface_alloc::{AllocError, Heap, HeapUsage};
use kit_iface_frames::{FRAME_BYTES, Frames};
use kit_util_sync::IrqLock;

/// A heap that serves small blocks from `P` and grows from `F`.
pub struct Growing<P, F: 'static> {
    frames: &'static F,
    small: IrqLock<Small<P>>,
    large: Large,
}

struct Small<P> {
    pool: P,
    usage: HeapUsage,
}

impl<P: Pool, F: Frames> Growing<P, F> {
    /// An empty heap. Nothing is taken from `frames` before the first block is asked for.
    pub const fn new(frames: &'static F) -> Self {
        let small = Small { pool: P::EMPTY, usage: HeapUsage { reserved: 0, used: 0 } };
        Self { frames, small: IrqLock::new(small), large: Large::new() }
    }

    fn allocate_small(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        let mut small = self.small.lock();
        let block = match small.pool.allocate(layout) {
            Some(block) => block,
            None => small.grow_and_allocate(self.frames, layout)?,
        };
        small.usage.used += P::block_bytes(layout);
        Ok(block)
    }

    /// Resizes a block where it is, or at least inside of the pool.
    ///
    /// # Safety
    /// As `Heap::resize`, and neither layout is empty.
    unsafe fn resize_cheaply(&self, block: NonNull<u8>, layout: Layout, new: Layout) -> Option<NonNull<u8>> {
        match (is_large::<P>(layout), is_large::<P>(new)) {
            (false, false) => {
                let mut small = self.small.lock();
                // SAFETY: forwarded to the caller; a small block is the pool's.
                let block = unsafe { small.pool.resize(block, layout, new.size())? };
                small.usage.used += P::block_bytes(new);
                small.usage.used -= P::block_bytes(layout);
                Some(block)
            }
            // SAFETY: forwarded to the caller; a large block is a page run.
            (true, true) => unsafe {
                self.large.shrink(self.frames, block, layout.size(), new.size()).then_some(block)
            },
            _ => None,
        }
    }
}

impl<P: Pool> Small<P> {
    // Not inlined: the way of a block that is there stays short.
    #[cold]
    #[inline(never)]
    fn grow_and_allocate(&mut self, frames: &impl Frames, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        let (start, bytes) =
            chunk::take::<P>(frames, self.usage.reserved, layout).ok_or(AllocError::Exhausted)?;
        self.usage.reserved += bytes;
        // SAFETY: the frames were just allocated and are never freed.
        unsafe { self.pool.add(start, bytes) };
        self.pool.allocate(layout).ok_or(AllocError::Exhausted)
    }
}

// SAFETY: small blocks keep the promises because `Pool` demands them, large ones because `Frames` hands out
// each frame once, at least page-aligned; empty ones have no bytes.
unsafe impl<P: Pool, F: Frames> Heap for Growing<P, F> {
    #[inline]
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        if layout.size() == 0 {
            Ok(layout.dangling_ptr())
        } else if is_large::<P>(layout) {
            self.large.allocate(self.frames, layout).ok_or(AllocError::Exhausted)
        } else {
            self.allocate_small(layout)
        }
    }

    #[inline]
    unsafe fn free(&self, block: NonNull<u8>, layout: Layout) {
        if layout.size() == 0 {
        } else if is_large::<P>(layout) {
            // SAFETY: forwarded to the caller.
            unsafe { self.large.free(self.frames, block, layout.size()) }
        } else {
            let mut small = self.small.lock();
            // SAFETY: forwarded to the caller.
            unsafe { small.pool.free(block, layout) }
            small.usage.used -= P::block_bytes(layout);
        }
    }

    unsafe fn resize(
        &self,
        block: NonNull<u8>,
        layout: Layout,
        new_bytes: usize,
    ) -> Result<NonNull<u8>, AllocError> {
        // SAFETY: the caller promises that the size is legal for this alignment.
        let new = unsafe { Layout::from_size_align_unchecked(new_bytes, layout.align()) };
        if layout.size() != 0 && new_bytes != 0 {
            // SAFETY: forwarded to the caller.
            if let Some(block) = unsafe { self.resize_cheaply(block, layout, new) } {
                return Ok(block);
            }
        }
        let to = self.allocate(new)?;
        // SAFETY: both blocks are live, distinct and at least this long; then the old one is the caller's to free.
        unsafe {
            copy_nonoverlapping(block.as_ptr(), to.as_ptr(), layout.size().min(new_bytes));
            self.free(block, layout);
        }
        Ok(to)
    }

    fn usage(&self) -> HeapUsage {
        let HeapUsage { reserved, used } = self.small.lock().usage;
        let large = self.large.bytes();
        HeapUsage { reserved: reserved + large, used: used + large }
    }
}

/// Whether a block is a page run. Every block that is aligned to pages is: a pool could only lose memory to the
/// alignment, and the POSIX shim takes its pages this way.
#[inline]
fn is_large<P: Pool>(layout: Layout) -> bool {
    layout.size() >= P::LARGE_BYTES || layout.align() >= FRAME_BYTES
}
