//! The heap slot, and the ambient heap: `malloc` for the app, `alloc::` for the OS, one allocator under both.
//!
//! A heap takes frames from the page-frame slot as it needs them and hands out bytes. It is ambient because `Box`
//! and `Vec` have no place to pass an allocator through: the composed root binds it once with [`use_heap!`].
//!
//! [`conformance`] checks an implementation; [`fake`] wraps one so that it runs out on demand. What
//! implementations share, growth and large blocks, is in `libs/util/heap-growth`.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;

use core::alloc::Layout;
use core::ptr::NonNull;

/// Why no block was handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllocError {
    /// Memory has run out, or no free block is long enough. Nothing has changed.
    Exhausted,
}

/// Counters of a heap, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct HeapUsage {
    /// Taken from the frame allocator.
    pub reserved: usize,
    /// Handed out and not freed, rounding included.
    pub used: usize,
}

/// A heap allocator.
///
/// All methods may be called by any thread and with interrupts masked, and never block. A zero-size layout is
/// legal and yields a dangling, aligned pointer or a real block, whichever the implementation likes. A layout that is
/// aligned to pages takes whole pages and no more: the POSIX shim gets its pages this way.
///
/// # Safety
/// Implementations hand out blocks that are aligned as asked, do not overlap while live, and stay valid
/// until freed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a heap",
    note = "choose one with `[config] ALLOC_… = true`; `kit doctor` lists them"
)]
pub unsafe trait Heap: Sync + 'static {
    /// Takes a block of `layout.size()` bytes aligned to `layout.align()`. Contents are unspecified.
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError>;

    /// Gives a block back.
    ///
    /// # Safety
    /// `block` was allocated from this heap with this very `layout` and is not used any more.
    unsafe fn free(&self, block: NonNull<u8>, layout: Layout);

    /// Resizes a block, keeping the first `min(old, new)` bytes. On an error the old block is untouched and
    /// still the caller's.
    ///
    /// # Safety
    /// As [`Heap::free`]. `new_bytes` rounded up to the alignment does not overflow `isize`.
    unsafe fn resize(
        &self,
        block: NonNull<u8>,
        layout: Layout,
        new_bytes: usize,
    ) -> Result<NonNull<u8>, AllocError> {
        // SAFETY: the caller promises that the size is legal for this alignment.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_bytes, layout.align()) };
        let new = self.allocate(new_layout)?;
        // SAFETY: both blocks are live, distinct and at least this long; then the old one is the caller's to free.
        unsafe {
            core::ptr::copy_nonoverlapping(block.as_ptr(), new.as_ptr(), layout.size().min(new_bytes));
            self.free(block, layout);
        }
        Ok(new)
    }

    /// Counters, for reports and tests.
    fn usage(&self) -> HeapUsage;

    /// The image ends in order, now: a heap that looks for errors says what it has found. Called once, before the
    /// platform's exit, with other threads still there; most heaps have nothing to say.
    #[inline]
    fn at_exit(&self) {}
}

/// A heap that remembers how long its blocks are. `malloc` frees without saying; over other heaps it keeps pages of
/// its own, cut into blocks of one size each, and over these it hands its blocks straight through.
///
/// # Safety
/// No block of a layout with at most [`SizedHeap::KNOWN_BYTES`] bytes and an alignment of at most [`KNOWN_ALIGN`] begins
/// at a page boundary: by that `malloc` tells them from its large blocks. [`SizedHeap::bytes_of`] tells the truth.
pub unsafe trait SizedHeap: Heap {
    /// Blocks of up to this many bytes are remembered. At least 16.
    const KNOWN_BYTES: usize;

    /// How long a block is: the bytes it was allocated with, or more if the block holds more. In the layout that frees
    /// or resizes it this stands for the size that it was allocated with.
    ///
    /// # Safety
    /// `block` is live, and came from this heap with a layout of at most [`SizedHeap::KNOWN_BYTES`] bytes, aligned to at
    /// most [`KNOWN_ALIGN`].
    unsafe fn bytes_of(&self, block: NonNull<u8>) -> usize;
}

/// The alignment of blocks whose size a [`SizedHeap`] remembers: what `malloc` promises on 64-bit machines.
pub const KNOWN_ALIGN: usize = 16;

unsafe extern "Rust" {
    safe fn __kit_heap_allocate(layout: Layout) -> Option<NonNull<u8>>;
    fn __kit_heap_free(block: NonNull<u8>, layout: Layout);
    fn __kit_heap_resize(block: NonNull<u8>, layout: Layout, new_bytes: usize) -> Option<NonNull<u8>>;
    safe fn __kit_heap_known_bytes() -> usize;
    fn __kit_heap_bytes_of(block: NonNull<u8>) -> usize;
    safe fn __kit_heap_at_exit();
}

/// Takes a block from the ambient heap; see [`Heap::allocate`].
#[inline]
pub fn allocate(layout: Layout) -> Result<NonNull<u8>, AllocError> {
    __kit_heap_allocate(layout).ok_or(AllocError::Exhausted)
}

/// Gives a block back to the ambient heap.
///
/// # Safety
/// As [`Heap::free`].
#[inline]
pub unsafe fn free(block: NonNull<u8>, layout: Layout) {
    // SAFETY: forwarded to the caller.
    unsafe { __kit_heap_free(block, layout) }
}

/// Resizes a block of the ambient heap.
///
/// # Safety
/// As [`Heap::resize`].
#[inline]
pub unsafe fn resize(
    block: NonNull<u8>,
    layout: Layout,
    new_bytes: usize,
) -> Result<NonNull<u8>, AllocError> {
    // SAFETY: forwarded to the caller.
    unsafe { __kit_heap_resize(block, layout, new_bytes) }.ok_or(AllocError::Exhausted)
}

/// [`SizedHeap::KNOWN_BYTES`] of the ambient heap; zero if it remembers no sizes. A constant once the image is linked.
#[inline]
pub fn known_bytes() -> usize {
    __kit_heap_known_bytes()
}

/// See [`SizedHeap::bytes_of`].
///
/// # Safety
/// As [`SizedHeap::bytes_of`]; [`known_bytes`] is not zero.
#[inline]
pub unsafe fn bytes_of(block: NonNull<u8>) -> usize {
    // SAFETY: forwarded to the caller.
    unsafe { __kit_heap_bytes_of(block) }
}

/// Tells the ambient heap that the image ends; see [`Heap::at_exit`].
#[inline]
pub fn at_exit() {
    __kit_heap_at_exit();
}

/// The ambient heap as Rust's global allocator: `Box`, `Vec` and `Arc` inside the OS.
pub struct AmbientHeap;

// SAFETY: every method forwards to the composed heap, whose trait demands the same of its implementation.
unsafe impl core::alloc::GlobalAlloc for AmbientHeap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        __kit_heap_allocate(layout).map_or(core::ptr::null_mut(), NonNull::as_ptr)
    }
    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller got `block` from `alloc`, so it is not null and belongs to the heap.
        unsafe { __kit_heap_free(NonNull::new_unchecked(block), layout) }
    }
    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_bytes: usize) -> *mut u8 {
        // SAFETY: as for `dealloc`.
        unsafe { __kit_heap_resize(NonNull::new_unchecked(block), layout, new_bytes) }
            .map_or(core::ptr::null_mut(), NonNull::as_ptr)
    }
}

/// Binds the ambient heap and Rust's global allocator to a static of the composed root. Once, only there.
#[macro_export]
macro_rules! use_heap {
    ($heap:path) => {
        $crate::use_heap!(@ $heap, 0, |_| {
            // SAFETY: the contract of `bytes_of` excludes heaps that remember nothing.
            unsafe { core::hint::unreachable_unchecked() }
        });
    };
    (@ $heap:path, $known_bytes:expr, $bytes_of:expr) => {
        const _: () = {
            use core::{alloc::Layout, ptr::NonNull};
            #[global_allocator]
            static GLOBAL: $crate::AmbientHeap = $crate::AmbientHeap;
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_heap_allocate(layout: Layout) -> Option<NonNull<u8>> {
                $crate::Heap::allocate(&$heap, layout).ok()
            }
            #[unsafe(no_mangle)]
            #[inline]
            unsafe fn __kit_heap_free(block: NonNull<u8>, layout: Layout) {
                // SAFETY: forwarded to the caller.
                unsafe { $crate::Heap::free(&$heap, block, layout) }
            }
            #[unsafe(no_mangle)]
            #[inline]
            unsafe fn __kit_heap_resize(
                block: NonNull<u8>,
                layout: Layout,
                new_bytes: usize,
            ) -> Option<NonNull<u8>> {
                // SAFETY: forwarded to the caller.
                unsafe { $crate::Heap::resize(&$heap, block, layout, new_bytes) }.ok()
            }
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_heap_known_bytes() -> usize {
                $known_bytes
            }
            #[unsafe(no_mangle)]
            #[inline]
            unsafe fn __kit_heap_bytes_of(block: NonNull<u8>) -> usize {
                let bytes_of: fn(NonNull<u8>) -> usize = $bytes_of;
                bytes_of(block)
            }
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_heap_at_exit() {
                $crate::Heap::at_exit(&$heap)
            }
        };
    };
}

/// As [`use_heap!`], for a static whose type is a [`SizedHeap`].
#[macro_export]
macro_rules! use_sized_heap {
    ($heap:path) => {
        const _: () = {
            fn known_bytes<H: $crate::SizedHeap>(_: &H) -> usize {
                H::KNOWN_BYTES
            }
            $crate::use_heap!(@ $heap, known_bytes(&$heap), |block| {
                // SAFETY: forwarded to the caller.
                unsafe { $crate::SizedHeap::bytes_of(&$heap, block) }
            });
        };
    };
}
