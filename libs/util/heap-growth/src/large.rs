//! Blocks that are page runs of their own.

use core::alloc::Layout;
use core::num::NonZeroUsize;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};
use kit_iface_frames::{FRAME_BYTES, Frames};

/// Counts what is out in page runs.
pub struct Large {
    bytes: AtomicUsize,
}

impl Large {
    /// None yet.
    pub const fn new() -> Self {
        Self { bytes: AtomicUsize::new(0) }
    }

    /// Bytes of all that are out.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Takes a block that is not empty, rounded up to pages; `None` if memory has run out.
    pub fn allocate(&self, frames: &impl Frames, layout: Layout) -> Option<NonNull<u8>> {
        let count = frame_count(layout.size());
        let first = frames.allocate(count, frame_count(layout.align())).ok()?;
        self.bytes.fetch_add(count * FRAME_BYTES, Ordering::Relaxed);
        Some(NonNull::with_exposed_provenance(first))
    }

    /// Frees a block of `bytes` bytes.
    ///
    /// # Safety
    /// It came from [`Large::allocate`] with this allocator and this size, or was shrunk to it.
    pub unsafe fn free(&self, frames: &impl Frames, block: NonNull<u8>, bytes: usize) {
        // SAFETY: zero of the frames stay.
        unsafe { self.free_from(frames, block, frame_count(bytes), 0) }
    }

    /// Makes a block of `bytes` bytes `new_bytes` long where it is, if the frames it has are enough.
    ///
    /// # Safety
    /// As [`Large::free`]; the bytes above `new_bytes` are not used any more.
    pub unsafe fn shrink(
        &self,
        frames: &impl Frames,
        block: NonNull<u8>,
        bytes: usize,
        new_bytes: usize,
    ) -> bool {
        let (count, kept) = (frame_count(bytes), frame_count(new_bytes));
        if kept < count {
            // SAFETY: the caller gives the end of the block up.
            unsafe { self.free_from(frames, block, count, kept) }
        }
        kept <= count
    }

    /// Frees the frames of a block of `count` frames but the first `kept`, which is less.
    unsafe fn free_from(&self, frames: &impl Frames, block: NonNull<u8>, count: usize, kept: usize) {
        // Neither zero nor an overflow: a frame inside of a block.
        if let Some(first) = NonZeroUsize::new(block.addr().get() + kept * FRAME_BYTES) {
            self.bytes.fetch_sub((count - kept) * FRAME_BYTES, Ordering::Relaxed);
            // SAFETY: by the callers' contracts these frames belong to the block and are not used any more.
            unsafe { frames.free(first, count - kept) }
        }
    }
}

fn frame_count(bytes: usize) -> usize {
    bytes.div_ceil(FRAME_BYTES)
}
