//! A heap around a heap, for tests of what happens when memory runs out.

use crate::{AllocError, Heap, HeapUsage};
use core::alloc::Layout;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Passes requests on to `H`, with at most `limit_bytes` in use at a time, and refuses on demand.
pub struct Limited<H> {
    inner: H,
    limit_bytes: usize,
    used_bytes: AtomicUsize,
    left_to_grant: AtomicUsize,
}

impl<H> Limited<H> {
    /// `inner` with a limit; `usize::MAX` for none.
    pub const fn new(inner: H, limit_bytes: usize) -> Self {
        let (used_bytes, left_to_grant) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
        Self { inner, limit_bytes, used_bytes, left_to_grant }
    }

    /// Grants the next `count` requests and refuses all after them, as if memory had run out. `usize::MAX`
    /// grants all.
    pub fn refuse_after(&self, count: usize) {
        self.left_to_grant.store(count, Relaxed);
    }

    fn reserve(&self, bytes: usize) -> Result<(), AllocError> {
        let take = |used: usize| used.checked_add(bytes).filter(|used| *used <= self.limit_bytes);
        self.used_bytes.fetch_update(Relaxed, Relaxed, take).map_err(|_| AllocError::Exhausted)?;
        let grant = |left: usize| if left == usize::MAX { Some(left) } else { left.checked_sub(1) };
        self.left_to_grant.fetch_update(Relaxed, Relaxed, grant).map(drop).map_err(|_| {
            self.used_bytes.fetch_sub(bytes, Relaxed);
            AllocError::Exhausted
        })
    }
}

// SAFETY: every block is `inner`'s, which keeps the promises.
unsafe impl<H: Heap> Heap for Limited<H> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        self.reserve(layout.size())?;
        self.inner.allocate(layout).inspect_err(|_| {
            self.used_bytes.fetch_sub(layout.size(), Relaxed);
        })
    }

    unsafe fn free(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: forwarded to the caller.
        unsafe { self.inner.free(block, layout) }
        self.used_bytes.fetch_sub(layout.size(), Relaxed);
    }

    fn usage(&self) -> HeapUsage {
        let used = self.used_bytes.load(Relaxed);
        HeapUsage { reserved: used, used }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::conformance;
    use std::alloc::{GlobalAlloc, System};

    struct Std;

    // SAFETY: `System` keeps the same promises.
    unsafe impl Heap for Std {
        fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
            // SAFETY: one byte more than asked for is never nothing, nor more than `Limited` let through.
            let block =
                unsafe { System.alloc(Layout::from_size_align_unchecked(layout.size() + 1, layout.align())) };
            NonNull::new(block).ok_or(AllocError::Exhausted)
        }
        unsafe fn free(&self, block: NonNull<u8>, layout: Layout) {
            // SAFETY: the layout that `allocate` used.
            unsafe {
                System.dealloc(
                    block.as_ptr(),
                    Layout::from_size_align_unchecked(layout.size() + 1, layout.align()),
                )
            }
        }
        fn usage(&self) -> HeapUsage {
            HeapUsage::default()
        }
    }

    #[test]
    fn keeps_the_promises_of_the_slot() {
        conformance::all(|| Limited::new(Std, 2 << 20));
    }

    #[test]
    fn refuses_on_demand() {
        let heap = Limited::new(Std, 100);
        let layout = Layout::new::<u64>();
        heap.refuse_after(1);
        let block = heap.allocate(layout).unwrap();
        assert_eq!(heap.allocate(layout), Err(AllocError::Exhausted));
        heap.refuse_after(usize::MAX);
        assert_eq!(heap.allocate(Layout::new::<[u8; 93]>()), Err(AllocError::Exhausted));
        assert_eq!(heap.usage().used, 8);
        // SAFETY: allocated above with this layout.
        unsafe { heap.free(block, layout) }
        assert_eq!(heap.usage().used, 0);
    }
}
