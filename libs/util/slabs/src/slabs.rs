//! The pages, and the lists of those that have room.

use crate::classes;
use core::ptr::NonNull;

/// Bytes of a page, and its alignment.
pub const PAGE_BYTES: usize = 4096;

/// Where pages come from.
///
/// # Safety
/// Pages are [`PAGE_BYTES`] long and aligned, and nobody else's until they are given back.
pub unsafe trait Pages {
    /// Takes a page; `None` if there is none left.
    fn take(&self) -> Option<NonNull<u8>>;

    /// Gives a page back.
    ///
    /// # Safety
    /// It came from [`Pages::take`] and is not used any more.
    unsafe fn give(&self, page: NonNull<u8>);
}

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
const _: () = assert!((PAGE_BYTES - size_of::<Slab>()) / classes::GRAIN <= u8::MAX as usize);
const _: () = assert!((PAGE_BYTES - size_of::<Slab>()) / classes::MOST_BYTES >= 2);

/// All pages with small blocks. A page that empties goes back, unless it is the last one of its size.
pub struct Slabs {
    with_room: [*mut Slab; classes::COUNT],
}

// SAFETY: the pages belong to whoever has the value.
unsafe impl Send for Slabs {}

/// The header of a block's page.
#[inline]
fn slab_of(block: NonNull<u8>) -> *mut Slab {
    block.as_ptr().map_addr(|address| address & !(PAGE_BYTES - 1)).cast()
}

/// The class of a block.
///
/// # Safety
/// `block` is live and came from [`Slabs::allocate`].
#[inline]
pub unsafe fn class_of_block(block: NonNull<u8>) -> usize {
    // SAFETY: the header lies at the start of the page of every small block, and its class never changes.
    usize::from(unsafe { (*slab_of(block)).class })
}

/// Bytes that a block holds.
///
/// # Safety
/// As [`class_of_block`].
#[inline]
pub unsafe fn bytes_of(block: NonNull<u8>) -> usize {
    // SAFETY: forwarded to the caller.
    classes::bytes(unsafe { class_of_block(block) })
}

impl Slabs {
    /// No pages yet.
    pub const fn new() -> Self {
        Self { with_room: [core::ptr::null_mut(); classes::COUNT] }
    }

    /// Takes a block of a class. `None` if it takes a page and there is none left.
    #[inline]
    pub fn allocate(&mut self, class: usize, pages: &impl Pages) -> Option<NonNull<u8>> {
        let mut slab = self.with_room[class];
        if slab.is_null() {
            slab = self.add_page(class, pages)?;
        }
        // SAFETY: a page in the list is live and has room, so one of the two sources has a block.
        unsafe {
            let slab = &mut *slab;
            let block = if slab.freed.is_null() {
                slab.touched += 1;
                let offset = PAGE_BYTES - usize::from(slab.touched) * classes::bytes(class);
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
    /// `block` came from [`Slabs::allocate`] of this value, whose pages came from `pages`, and is not used any more.
    #[inline]
    pub unsafe fn free(&mut self, block: NonNull<u8>, pages: &impl Pages) {
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
                pages.give(NonNull::from(slab).cast());
            }
        }
    }

    #[cold]
    fn add_page(&mut self, class: usize, pages: &impl Pages) -> Option<*mut Slab> {
        let slab = pages.take()?.cast::<Slab>();
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
                capacity: ((PAGE_BYTES - size_of::<Slab>()) / classes::bytes(class)) as u8,
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
    extern crate std;
    use super::*;
    use core::cell::Cell;
    use std::alloc::{Layout, alloc, dealloc};
    use std::vec::Vec;

    struct Host(Cell<usize>);

    const PAGE: Layout = match Layout::from_size_align(PAGE_BYTES, PAGE_BYTES) {
        Ok(layout) => layout,
        Err(_) => unreachable!(),
    };

    // SAFETY: the host's allocator keeps the promises.
    unsafe impl Pages for Host {
        fn take(&self) -> Option<NonNull<u8>> {
            self.0.set(self.0.get() + 1);
            // SAFETY: the layout is not empty.
            NonNull::new(unsafe { alloc(PAGE) })
        }
        unsafe fn give(&self, page: NonNull<u8>) {
            self.0.set(self.0.get() - 1);
            // SAFETY: allocated by `take`.
            unsafe { dealloc(page.as_ptr(), PAGE) }
        }
    }

    #[test]
    fn blocks_are_apart_aligned_and_reused() {
        for (class, size) in (0..classes::COUNT).map(|class| (class, classes::bytes(class))) {
            let host = Host(Cell::new(0));
            let mut slabs = Slabs::new();
            let mut blocks: Vec<_> =
                (0..600).map(|_| slabs.allocate(class, &host).expect("the host has memory")).collect();
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
                    slabs.free(*block, &host)
                });
            }
            let kept = slabs.with_room[class];
            // SAFETY: one empty page is kept, and it is the only one.
            unsafe {
                assert_eq!((*kept).used, 0);
                assert!((*kept).next.is_null());
            }
            assert_eq!(host.0.get(), 1, "the other pages are given back");
            blocks.clear();
            let again = slabs.allocate(class, &host).expect("the host has memory");
            assert_eq!(slab_of(again), kept);
        }
    }
}
