//! A heap of size classes, tuned for servers: blocks come and go in few sizes, and what was freed a moment ago is wanted
//! again.
//!
//! * `class` says which class serves a layout: 22 small sizes up to 2,032 bytes, and runs of one to four pages. What is
//!   longer is a page run of its own (`kit-util-heap-growth`).
//! * `cache` is in front: for each class a list of free blocks, taken from and given to by one exchange and one store.
//!   No lock is taken and no interrupt masked; who finds a list in use (by a thread that was interrupted there, or by
//!   another processor) goes to the depot instead of waiting.
//! * `depot` is behind, under a lock: slabs of small blocks (`kit-util-slabs`), and the page frames. Lists are filled
//!   and emptied by the half, so the lock is taken once in many operations.
//!
//! Magazines in front of slabs are from Bonwick and Adams, "Magazines and Vmem" (2001). Lists through the free blocks
//! in place of arrays cost no memory: an idle class is two words.
//!
//! Today there is one processor and one set of caches. With more sets, threads are spread over them by the addresses of
//! their stacks; a machine with several processors will choose by the processor's number.
#![no_std]
#![deny(missing_docs)]

mod cache;
mod class;
mod depot;
mod sync;

use cache::{Cache, Pop, Push};
use class::{CLASSES, SMALL_CLASSES};
use core::alloc::Layout;
use core::ptr::NonNull;
use depot::Depot;
use kit_iface_alloc::{AllocError, Heap, HeapUsage, SizedHeap};
use kit_iface_frames::Frames;
use kit_util_heap_growth::Large;
use kit_util_slabs::{bytes_of, classes};
use kit_util_sync::IrqLock;
use sync::{AtomicPtr, AtomicUsize};

/// The heap, with `CACHES` sets of caches: `Slab::new(&FRAMES)` in the composed root.
pub struct Slab<F: 'static, const CACHES: usize> {
    frames: &'static F,
    caches: [Caches; CACHES],
    depot: IrqLock<Depot>,
    large: Large,
}

/// One list for each class, on cache lines of its own.
#[repr(align(64))]
struct Caches([Cache; CLASSES]);

impl<F: Frames, const CACHES: usize> Slab<F, CACHES> {
    /// An empty heap. Nothing is taken from `frames` before the first block is asked for.
    pub const fn new(frames: &'static F) -> Self {
        const { assert!(CACHES > 0, "one set of caches at least") };
        Self {
            frames,
            caches: [const { Caches([const { no_blocks() }; CLASSES]) }; CACHES],
            depot: IrqLock::new(Depot::new()),
            large: Large::new(),
        }
    }

    /// The caller's set of caches. Any would do: which one is a matter of speed.
    #[inline]
    fn cache(&self, class: usize) -> &Cache {
        let set = if CACHES == 1 { 0 } else { place_of_this_stack() % CACHES };
        &self.caches[set].0[class]
    }

    #[inline]
    fn take(&self, class: usize) -> Result<NonNull<u8>, AllocError> {
        match self.cache(class).pop() {
            Pop::Block(block) => Ok(block),
            Pop::Empty | Pop::Busy => self.take_from_depot(class),
        }
    }

    /// Takes a block from the depot, and some more for the cache.
    #[cold]
    #[inline(never)]
    fn take_from_depot(&self, class: usize) -> Result<NonNull<u8>, AllocError> {
        let cache = self.cache(class);
        let first = {
            let mut depot = self.depot.lock();
            let first = depot.take(class, self.frames);
            if first.is_some() {
                // The block that the caller gets is not counted.
                cache.fill(class::batch(class) - 1, || depot.take_if_cheap(class, self.frames));
            }
            first
        };
        first.or_else(|| self.take_after_flush(class)).ok_or(AllocError::Exhausted)
    }

    /// Memory has run out, but for what waits in the caches: gives that back, and tries once more.
    fn take_after_flush(&self, class: usize) -> Option<NonNull<u8>> {
        let mut depot = self.depot.lock();
        for caches in &self.caches {
            for (class, cache) in caches.0.iter().enumerate() {
                // SAFETY: what waits in a cache of this class came from the depot and is nobody's.
                cache.empty_to(0, |block| unsafe { depot.give(class, block, self.frames) });
            }
        }
        depot.take(class, self.frames)
    }

    /// Frees a block of a class.
    ///
    /// # Safety
    /// It was taken for that class, and is not used any more.
    #[inline]
    unsafe fn give(&self, class: usize, block: NonNull<u8>) {
        let cache = self.cache(class);
        // SAFETY: forwarded to the caller.
        match unsafe { cache.push(block, class::limit(class)) } {
            Push::Kept => {}
            // SAFETY: as above; the cache has not kept it.
            Push::Full | Push::Busy => unsafe { self.give_to_depot(class, block) },
        }
    }

    /// Frees a block that its cache has no room for, and half of what the cache holds, or that found the cache in use.
    ///
    /// # Safety
    /// As [`Slab::give`].
    #[cold]
    #[inline(never)]
    unsafe fn give_to_depot(&self, class: usize, block: NonNull<u8>) {
        let mut depot = self.depot.lock();
        // SAFETY: forwarded to the caller; what waits in a cache of this class came from the depot and is nobody's.
        unsafe {
            depot.give(class, block, self.frames);
            let kept = class::limit(class) - class::batch(class);
            self.cache(class).empty_to(kept, |block| depot.give(class, block, self.frames));
        }
    }

    /// Bytes that wait in the caches.
    fn cached_bytes(&self) -> usize {
        let sets = self.caches.iter();
        let lists = sets.flat_map(|caches| caches.0.iter().enumerate());
        lists.map(|(class, cache)| cache.count() * class::bytes(class)).sum()
    }
}

const fn no_blocks() -> Cache {
    Cache::new(AtomicPtr::new(core::ptr::null_mut()), AtomicUsize::new(0))
}

/// A number that differs between threads and seldom changes for one: which 64 KiB the stack pointer is in.
#[inline]
fn place_of_this_stack() -> usize {
    let here = 0_u8;
    let place = (&raw const here).addr() >> 16;
    // Stacks lie at even distances: the higher bits take part.
    place ^ place >> 5 ^ place >> 9
}

// SAFETY: a block is in one place at a time: with its owner, in one list, or in the depot, whose slabs and page runs do
// not overlap. Sizes and alignments of classes are those of `class::of`.
unsafe impl<F: Frames, const CACHES: usize> Heap for Slab<F, CACHES> {
    #[inline]
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        match class::of(layout) {
            Some(class) => self.take(class),
            None if layout.size() == 0 => Ok(layout.dangling_ptr()),
            None => self.large.allocate(self.frames, layout).ok_or(AllocError::Exhausted),
        }
    }

    #[inline]
    unsafe fn free(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: forwarded to the caller; the same layout is of the same kind.
        unsafe {
            match class::of(layout) {
                Some(class) => self.give(class, block),
                None if layout.size() == 0 => {}
                None => self.large.free(self.frames, block, layout.size()),
            }
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
        let is_in_place = match (class::of(layout), class::of(new)) {
            (Some(old), Some(new)) => old == new,
            (None, None) if layout.size() != 0 && new_bytes != 0 => {
                // SAFETY: forwarded to the caller; both are page runs.
                unsafe { self.large.shrink(self.frames, block, layout.size(), new_bytes) }
            }
            _ => false,
        };
        if is_in_place {
            return Ok(block);
        }
        let to = self.allocate(new)?;
        // SAFETY: both blocks are live, distinct and at least this long; then the old one is the caller's to free.
        unsafe {
            to.copy_from_nonoverlapping(block, layout.size().min(new_bytes));
            self.free(block, layout);
        }
        Ok(to)
    }

    fn usage(&self) -> HeapUsage {
        let depot = self.depot.lock();
        let (reserved, taken) = (depot.reserved_bytes(), depot.taken_bytes());
        // Lists change without the lock: the numbers agree when nobody is at work.
        let used = taken.saturating_sub(self.cached_bytes());
        let large = self.large.bytes();
        HeapUsage { reserved: reserved + large, used: used + large }
    }
}

// SAFETY: a layout of at most `MOST_BYTES`, aligned to at most 16, is a small class's; blocks of slabs lie behind the
// header of their page, which knows their size.
unsafe impl<F: Frames, const CACHES: usize> SizedHeap for Slab<F, CACHES> {
    const KNOWN_BYTES: usize = classes::MOST_BYTES;

    #[inline]
    unsafe fn bytes_of(&self, block: NonNull<u8>) -> usize {
        // SAFETY: forwarded to the caller.
        unsafe { bytes_of(block) }
    }
}

const _: () = assert!(SMALL_CLASSES == classes::COUNT);
