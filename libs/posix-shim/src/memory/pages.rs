//! Large blocks: whole pages of the heap. Nothing lies before or behind the caller's bytes, so that a buffer of
//! a power of two takes just that; how long a block is stands in a table, found by the block's address.
//!
//! The table is open addressing with linear probing, and removes by moving later entries up (Knuth, TAOCP 6.4,
//! algorithm R): eight bytes for an entry, filled to three quarters at most.

use core::alloc::Layout;
use core::ptr::NonNull;
use kit_iface_vm::PAGE_BYTES;

/// What an entry tells: where the block is, how many pages it has, and its alignment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Entry(u64);

const PAGES_BITS: u32 = 23;
const ALIGN_BITS: u32 = 5;
const EMPTY: Entry = Entry(0);
/// Most pages of one block: 32 GiB.
const MOST_PAGES: usize = (1 << PAGES_BITS) - 1;

impl Entry {
    /// The entry of a block; `layout` is one of [`layout`].
    fn new(block: NonNull<u8>, layout: Layout) -> Self {
        let page = (block.addr().get() / PAGE_BYTES) as u64;
        let align = u64::from((layout.align() / PAGE_BYTES).ilog2());
        let pages = (layout.size() / PAGE_BYTES) as u64;
        Self(page << (PAGES_BITS + ALIGN_BITS) | align << PAGES_BITS | pages)
    }

    fn page(self) -> u64 {
        self.0 >> (PAGES_BITS + ALIGN_BITS)
    }

    fn layout(self) -> Layout {
        let pages = self.0 as usize & MOST_PAGES;
        let align = (self.0 >> PAGES_BITS) as u32 & ((1 << ALIGN_BITS) - 1);
        // SAFETY: an entry holds the numbers of a layout that was legal.
        unsafe { Layout::from_size_align_unchecked(pages * PAGE_BYTES, PAGE_BYTES << align) }
    }
}

/// The layout of a large block of `bytes` at a multiple of `align`: whole pages.
pub(super) fn layout(bytes: usize, align: usize) -> Option<Layout> {
    let bytes = bytes.max(1).checked_next_multiple_of(PAGE_BYTES)?;
    if bytes > MOST_PAGES * PAGE_BYTES || align.ilog2() >= PAGE_BYTES.ilog2() + (1 << ALIGN_BITS) {
        return None;
    }
    Layout::from_size_align(bytes, align.max(PAGE_BYTES)).ok()
}

/// The table of large blocks. Not locked: see [`super::blocks`].
pub(super) struct Pages {
    slots: *mut Entry,
    /// How many slots there are, a power of two; zero before the first use.
    capacity: usize,
    /// How many slots are taken or promised.
    used: usize,
}

// SAFETY: the slots belong to whoever has the value.
unsafe impl Send for Pages {}

impl Pages {
    pub(super) const fn new() -> Self {
        Self { slots: core::ptr::null_mut(), capacity: 0, used: 0 }
    }

    /// Promises room for one more entry. False if there is no memory for it.
    pub(super) fn reserve(&mut self) -> bool {
        if (self.used + 1) * 4 > self.capacity * 3 && !self.grow() {
            return false;
        }
        self.used += 1;
        true
    }

    /// Gives back the room that [`Pages::reserve`] or [`Pages::take`] left.
    pub(super) fn unreserve(&mut self) {
        self.used -= 1;
    }

    /// Enters a block, into room that was promised.
    pub(super) fn put(&mut self, block: NonNull<u8>, layout: Layout) {
        self.place(Entry::new(block, layout));
    }

    /// The layout of a block.
    pub(super) fn get(&self, block: NonNull<u8>) -> Option<Layout> {
        Some(self.entry(self.find(block)?).layout())
    }

    /// Takes a block out; its room stays promised.
    pub(super) fn take(&mut self, block: NonNull<u8>) -> Option<Layout> {
        let mut hole = self.find(block)?;
        let layout = self.entry(hole).layout();
        let mut next = hole;
        loop {
            next = (next + 1) & (self.capacity - 1);
            let entry = self.entry(next);
            if entry == EMPTY {
                break;
            }
            // The entry may move up if its home is not between the hole and itself, cyclically.
            let home = self.home(entry.page());
            if (next.wrapping_sub(home) & (self.capacity - 1))
                >= (next.wrapping_sub(hole) & (self.capacity - 1))
            {
                self.set(hole, entry);
                hole = next;
            }
        }
        self.set(hole, EMPTY);
        Some(layout)
    }

    fn find(&self, block: NonNull<u8>) -> Option<usize> {
        let page = (block.addr().get() / PAGE_BYTES) as u64;
        if self.capacity == 0 {
            return None;
        }
        let mut slot = self.home(page);
        loop {
            match self.entry(slot) {
                EMPTY => return None,
                entry if entry.page() == page => return Some(slot),
                _ => slot = (slot + 1) & (self.capacity - 1),
            }
        }
    }

    fn place(&mut self, entry: Entry) {
        let mut slot = self.home(entry.page());
        while self.entry(slot) != EMPTY {
            slot = (slot + 1) & (self.capacity - 1);
        }
        self.set(slot, entry);
    }

    /// Fibonacci hashing (TAOCP 6.4): neighbouring pages are spread apart.
    fn home(&self, page: u64) -> usize {
        (page.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & (self.capacity - 1)
    }

    fn entry(&self, slot: usize) -> Entry {
        debug_assert!(slot < self.capacity);
        // SAFETY: slots are counted modulo the capacity, and all of them are initialised.
        unsafe { self.slots.add(slot).read() }
    }

    fn set(&mut self, slot: usize, entry: Entry) {
        debug_assert!(slot < self.capacity);
        // SAFETY: as in `entry`.
        unsafe { self.slots.add(slot).write(entry) };
    }

    fn grow(&mut self) -> bool {
        let (old, old_capacity) = (self.slots, self.capacity);
        let capacity = (old_capacity * 2).max(32);
        let Some(layout) = slots_layout(capacity) else { return false };
        let Ok(slots) = kit_iface_alloc::allocate(layout) else { return false };
        // SAFETY: the memory is fresh and that long; all-zero bytes are empty entries. The old table is read
        // for the last time, then freed with the layout it was made with.
        unsafe {
            slots.write_bytes(0, layout.size());
            (self.slots, self.capacity) = (slots.as_ptr().cast(), capacity);
            for slot in 0..old_capacity {
                let entry = old.add(slot).read();
                if entry != EMPTY {
                    self.place(entry);
                }
            }
            if let (Some(old), Some(layout)) = (NonNull::new(old.cast()), slots_layout(old_capacity)) {
                kit_iface_alloc::free(old, layout);
            }
        }
        true
    }
}

fn slots_layout(capacity: usize) -> Option<Layout> {
    Layout::array::<Entry>(capacity).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(page: usize) -> NonNull<u8> {
        core::num::NonZero::new(page * PAGE_BYTES).map(NonNull::without_provenance).expect("not page 0")
    }

    #[test]
    fn entries_come_back_as_they_were() {
        let mut pages = Pages::new();
        assert_eq!(pages.get(block(1)), None);
        let highest = (1 << 36) - 1;
        for (page, bytes, align) in [(1, 1, 16), (2, 4097, 4096), (highest, 1 << 34, 1 << 30), (77, 0, 65536)]
        {
            let layout = layout(bytes, align).expect("legal");
            assert!(pages.reserve());
            pages.put(block(page), layout);
            assert_eq!(pages.get(block(page)), Some(layout));
        }
        assert_eq!(layout(usize::MAX, 16), None);
        assert_eq!(layout(1 << 35, 16), None);
    }

    #[test]
    fn many_entries_come_and_go() {
        let (mut pages, mut state) = (Pages::new(), 12345u64);
        let mut live = alloc::collections::BTreeMap::new();
        for _ in 0..50_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let page = (state >> 33) as usize % 700 + 1;
            if let Some(layout) = live.remove(&page) {
                assert_eq!(pages.take(block(page)), Some(layout));
                pages.unreserve();
                assert_eq!(pages.get(block(page)), None);
            } else {
                let layout = layout((state >> 20) as usize % 100_000, 16).expect("legal");
                assert!(pages.reserve());
                pages.put(block(page), layout);
                live.insert(page, layout);
            }
        }
        assert_eq!(pages.used, live.len());
        for (page, layout) in live {
            assert_eq!(pages.get(block(page)), Some(layout), "page {page}");
        }
    }
}
