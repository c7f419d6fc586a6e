//! Small blocks: pages of the heap, each cut into blocks of one size.
//!
//! A block has no header. Its page has one, at the page's start, so that `free` finds the size by masking the
//! address (Bonwick, "The Slab Allocator", 1994, 3.2: for small objects the slab's data lies in its own page).
//! The blocks lie at the page's end, last one first: one whose size is a multiple of 2^n is aligned to 2^n.
//! A page that empties goes back to the heap, unless it is the last one of its size.

use core::alloc::Layout;
use core::ptr::NonNull;
use kit_iface_vm::PAGE_BYTES;

/// Sizes of blocks. Steps of a quarter up to 512 bytes, then what divides a page with little left over.
const SIZES: [u16; 22] = [
    16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 672, 800, 1024, 1344, 2032,
];
/// The largest small block.
pub(super) const MOST_BYTES: usize = SIZES[SIZES.len() - 1] as usize;

/// What sizes and addresses of blocks are multiples of.
const GRAIN: usize = 16;

/// The class that serves `16 * index` bytes.
static CLASSES: [u8; MOST_BYTES / GRAIN + 1] = {
    let mut classes = [0; MOST_BYTES / GRAIN + 1];
    let (mut index, mut class) = (0, 0);
    while index < classes.len() {
        if index * GRAIN > SIZES[class] as usize {
            class += 1;
        }
        classes[index] = class as u8;
        index += 1;
    }
    classes
};

/// Layout of a page, for the heap.
const PAGE: Layout = match Layout::from_size_align(PAGE_BYTES, PAGE_BYTES) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};

/// The header of a page.
#[repr(C, align(16))]
struct Slab {
    /// Links of the list of pages of this size that have room; meaningless while the page is full.
    next: *mut Slab,
    previous: *mut Slab,
    /// Blocks that were freed, linked through their first word.
    freed: *mut Freed,
    class: u8,
    /// How many blocks are in use.
    used: u8,
    /// How many blocks have ever been in use: those beyond are free, and not in the list.
    touched: u8,
    capacity: u8,
}

struct Freed {
    next: *mut Freed,
}

const _: () = assert!(size_of::<Slab>() == 32);
const _: () = assert!((PAGE_BYTES - size_of::<Slab>()) / GRAIN <= u8::MAX as usize);
const _: () = assert!((PAGE_BYTES - size_of::<Slab>()) / MOST_BYTES >= 2);

/// All pages with small blocks. Not locked: see [`super::blocks`].
pub(super) struct Slabs {
    with_room: [*mut Slab; SIZES.len()],
}

// SAFETY: the pages belong to whoever has the value.
unsafe impl Send for Slabs {}

/// The class for a block of `bytes`, at most [`MOST_BYTES`].
#[inline]
pub(super) fn class_of(bytes: usize) -> usize {
    usize::from(CLASSES[bytes.div_ceil(GRAIN)])
}

/// The class for a block of `bytes` at a multiple of `align`, if there is one.
pub(super) fn class_aligned(bytes: usize, align: usize) -> Option<usize> {
    SIZES.iter().position(|&size| usize::from(size) >= bytes && usize::from(size).is_multiple_of(align))
}

/// Bytes that a block of this class holds.
#[inline]
pub(super) fn class_bytes(class: usize) -> usize {
    usize::from(SIZES[class])
}

/// The header of a block's page.
#[inline]
fn slab_of(block: NonNull<u8>) -> *mut Slab {
    block.as_ptr().map_addr(|address| address & !(PAGE_BYTES - 1)).cast()
}

/// Bytes that a block holds.
///
/// # Safety
/// `block` is live and came from [`Slabs::allocate`].
#[inline]
pub(super) unsafe fn bytes_of(block: NonNull<u8>) -> usize {
    // SAFETY: the header lies at the start of the page of every small block, and its class never changes.
    class_bytes(usize::from(unsafe { (*slab_of(block)).class }))
}

impl Slabs {
    pub(super) const fn new() -> Self {
        Self { with_room: [core::ptr::null_mut(); SIZES.len()] }
    }

    /// Takes a block of a class. `None` if the heap has no page left.
    #[inline]
    pub(super) fn allocate(&mut self, class: usize) -> Option<NonNull<u8>> {
        let mut slab = self.with_room[class];
        if slab.is_null() {
            slab = self.add_page(class)?;
        }
        // SAFETY: a page in the list is live and has room, so one of the two sources has a block.
        unsafe {
            let slab = &mut *slab;
            let block = if slab.freed.is_null() {
                slab.touched += 1;
                let offset = PAGE_BYTES - usize::from(slab.touched) * class_bytes(class);
                core::ptr::from_mut(slab).byte_add(offset).cast()
            } else {
                let block = slab.freed;
                slab.freed = (*block).next;
                block.cast()
            };
            slab.used += 1;
            if slab.used == slab.capacity {
                self.unlink(slab);
            }
            Some(NonNull::new_unchecked(block))
        }
    }

    /// Gives a block back.
    ///
    /// # Safety
    /// `block` came from [`Slabs::allocate`] of this value and is not used any more.
    #[inline]
    pub(super) unsafe fn free(&mut self, block: NonNull<u8>) {
        // SAFETY: the block's page is live, and the block's first word is ours again.
        unsafe {
            let slab = &mut *slab_of(block);
            let freed = block.cast::<Freed>().as_ptr();
            (*freed).next = slab.freed;
            slab.freed = freed;
            if slab.used == slab.capacity {
                self.link(slab);
            }
            slab.used -= 1;
            let is_only = slab.next.is_null() && slab.previous.is_null();
            if slab.used == 0 && !is_only {
                self.unlink(slab);
                kit_iface_alloc::free(NonNull::from(slab).cast(), PAGE);
            }
        }
    }

    #[cold]
    fn add_page(&mut self, class: usize) -> Option<*mut Slab> {
        let slab = kit_iface_alloc::allocate(PAGE).ok()?.cast::<Slab>();
        let null = core::ptr::null_mut();
        // SAFETY: the page is fresh, aligned, and longer than its header.
        unsafe {
            slab.write(Slab {
                next: null,
                previous: null,
                freed: core::ptr::null_mut(),
                class: class as u8,
                used: 0,
                touched: 0,
                capacity: ((PAGE_BYTES - size_of::<Slab>()) / class_bytes(class)) as u8,
            });
            self.link(&mut *slab.as_ptr());
        }
        Some(slab.as_ptr())
    }

    fn link(&mut self, slab: &mut Slab) {
        let head = &mut self.with_room[usize::from(slab.class)];
        slab.previous = core::ptr::null_mut();
        slab.next = *head;
        // SAFETY: pages in the list are live.
        if let Some(next) = unsafe { head.as_mut() } {
            next.previous = slab;
        }
        *head = slab;
    }

    fn unlink(&mut self, slab: &mut Slab) {
        // SAFETY: the neighbours of a page in the list are live.
        unsafe {
            match slab.previous.as_mut() {
                Some(previous) => previous.next = slab.next,
                None => self.with_room[usize::from(slab.class)] = slab.next,
            }
            if let Some(next) = slab.next.as_mut() {
                next.previous = slab.previous;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn classes_fit_and_grow() {
        for bytes in 0..=MOST_BYTES {
            let class = class_of(bytes);
            assert!(class_bytes(class) >= bytes);
            assert!(class == 0 || class_bytes(class - 1) < bytes.max(1), "{bytes} bytes got class {class}");
        }
        assert_eq!(class_aligned(100, 64).map(class_bytes), Some(128));
        assert_eq!(class_aligned(513, 256).map(class_bytes), Some(1024));
        assert_eq!(class_aligned(16, 2048), None);
    }

    #[test]
    fn blocks_are_apart_aligned_and_reused() {
        for (class, size) in SIZES.iter().map(|&size| usize::from(size)).enumerate() {
            let mut slabs = Slabs::new();
            let mut blocks: Vec<_> =
                (0..600).map(|_| slabs.allocate(class).expect("the host has memory")).collect();
            for (number, block) in blocks.iter().enumerate() {
                let align = 1 << size.trailing_zeros();
                assert!(block.addr().get().is_multiple_of(align));
                // SAFETY: the block is `size` bytes long, and ours.
                unsafe {
                    assert_eq!(bytes_of(*block), size);
                    block.write_bytes(number as u8, size);
                }
            }
            for (number, block) in blocks.iter().enumerate() {
                // SAFETY: as above.
                let contents = unsafe { core::slice::from_raw_parts(block.as_ptr(), size) };
                assert!(contents.iter().all(|&byte| byte == number as u8), "block {number} of {size} bytes");
            }
            // Free in an order that visits pages again and again, then take the same blocks once more.
            let stride = 7;
            for start in 0..stride {
                blocks.iter().skip(start).step_by(stride).for_each(|block| unsafe {
                    // SAFETY: each block is freed once.
                    slabs.free(*block)
                });
            }
            let kept = slabs.with_room[class];
            // SAFETY: one empty page is kept, and it is the only one.
            unsafe {
                assert_eq!((*kept).used, 0);
                assert!((*kept).next.is_null());
            }
            blocks.clear();
            let again = slabs.allocate(class).expect("the host has memory");
            assert_eq!(slab_of(again), kept);
        }
    }
}
