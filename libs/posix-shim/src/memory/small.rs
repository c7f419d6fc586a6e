//! Small blocks: the heap's own where it remembers their sizes ([`SizedHeap`]), else pages of the heap that are cut into
//! blocks of one size each ([`kit_util_slabs`]). Which of the two is a constant of the linked image, so that the other
//! is not in it.
//!
//! [`SizedHeap`]: kit_iface_alloc::SizedHeap

use core::alloc::Layout;
use core::ptr::NonNull;
use kit_iface_alloc::{KNOWN_ALIGN, known_bytes};
use kit_iface_vm::PAGE_BYTES;
use kit_util_slabs::{Pages, Slabs, classes};
use kit_util_sync::IrqLock;

static SLABS: IrqLock<Slabs> = IrqLock::new(Slabs::new());

/// The largest small block, in bytes.
#[inline]
pub(super) fn most_bytes() -> usize {
    match known_bytes() {
        0 => classes::MOST_BYTES,
        known => known,
    }
}

/// The layout of a block whose size the heap remembers. Never empty: the heap need not have a place for nothing.
fn known(bytes: usize) -> Layout {
    // SAFETY: the alignment is a power of two; sizes are at most `known_bytes`, far from overflowing.
    unsafe { Layout::from_size_align_unchecked(bytes.max(1), KNOWN_ALIGN) }
}

/// Takes a block of at most [`most_bytes`].
#[inline]
pub(super) fn allocate(bytes: usize) -> Option<NonNull<u8>> {
    if known_bytes() > 0 {
        kit_iface_alloc::allocate(known(bytes)).ok()
    } else {
        SLABS.lock().allocate(classes::of_bytes(bytes), &HeapPages)
    }
}

/// Takes a block at a multiple of `align`, if blocks of that kind are small.
pub(super) fn allocate_aligned(bytes: usize, align: usize) -> Option<Option<NonNull<u8>>> {
    if known_bytes() > 0 {
        (align <= KNOWN_ALIGN && bytes <= known_bytes()).then(|| allocate(bytes))
    } else {
        classes::aligned(bytes, align).map(|class| SLABS.lock().allocate(class, &HeapPages))
    }
}

/// Gives a block back.
///
/// # Safety
/// `block` is live, small, and not used any more.
#[inline]
pub(super) unsafe fn free(block: NonNull<u8>) {
    // SAFETY: forwarded to the caller; a block is either the heap's, with the size that it remembers, or of a slab.
    unsafe {
        if known_bytes() > 0 {
            kit_iface_alloc::free(block, known(kit_iface_alloc::bytes_of(block)));
        } else {
            SLABS.lock().free(block, &HeapPages);
        }
    }
}

/// Bytes that a block holds.
///
/// # Safety
/// `block` is live and small.
pub(super) unsafe fn bytes_of(block: NonNull<u8>) -> usize {
    // SAFETY: forwarded to the caller.
    unsafe {
        if known_bytes() > 0 { kit_iface_alloc::bytes_of(block) } else { kit_util_slabs::bytes_of(block) }
    }
}

/// Makes a block `bytes` long, which is at most [`most_bytes`]. `None`: nothing has changed.
///
/// # Safety
/// `block` is live and small, and not used any more if this succeeds.
pub(super) unsafe fn resize(block: NonNull<u8>, bytes: usize) -> Option<NonNull<u8>> {
    // SAFETY: forwarded to the caller. A move is between two live, distinct blocks, both at least as long as what is
    // copied; then the old one is given back.
    unsafe {
        let old_bytes = bytes_of(block);
        if known_bytes() > 0 {
            return kit_iface_alloc::resize(block, known(old_bytes), known(bytes).size()).ok();
        }
        if classes::bytes(classes::of_bytes(bytes)) == old_bytes {
            return Some(block);
        }
        let new = allocate(bytes)?;
        new.copy_from_nonoverlapping(block, old_bytes.min(bytes));
        free(block);
        Some(new)
    }
}

/// Pages of the heap.
struct HeapPages;

const PAGE: Layout = match Layout::from_size_align(PAGE_BYTES, PAGE_BYTES) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};

// SAFETY: the heap keeps its blocks apart; the layout is a page's, and of the length that slabs expect.
unsafe impl Pages for HeapPages {
    fn take(&self) -> Option<NonNull<u8>> {
        kit_iface_alloc::allocate(PAGE).ok()
    }

    unsafe fn give(&self, page: NonNull<u8>) {
        // SAFETY: forwarded to the caller.
        unsafe { kit_iface_alloc::free(page, PAGE) }
    }
}

const _: () = assert!(PAGE_BYTES == kit_util_slabs::PAGE_BYTES);
