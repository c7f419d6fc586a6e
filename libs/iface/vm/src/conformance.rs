//! What every address space must pass. It runs where mappings are real: in a process, or inside an image.
//!
//! Refused accesses are not tried here: they fault. Image tests cover them (a guard page that stops a deep
//! recursion, a store to read-only text).

use crate::{Access, PAGE_BYTES, Vm, VmError};
use core::ptr::NonNull;

/// Runs the whole suite.
pub fn check(vm: &impl Vm) {
    is_zeroed_and_keeps_what_is_written(vm);
    rounds_up_to_pages(vm);
    discard_zeroes(vm);
    protection_keeps_contents(vm);
    parts_can_be_unmapped(vm);
    reservations_may_exceed_memory(vm);
    stacks_have_their_length(vm);
    bad_ranges_are_refused(vm);
    does_not_leak(vm);
}

/// Fresh pages read as zeroes and hold what is stored, each its own.
pub fn is_zeroed_and_keeps_what_is_written(vm: &impl Vm) {
    let pages = Pages::map(vm, 16);
    for page in 0..16 {
        assert_eq!(pages.read(page), 0, "page {page} of a new mapping is not zero");
        pages.write(page, page as u8 + 1);
    }
    for page in 0..16 {
        assert_eq!(pages.read(page), page as u8 + 1, "page {page} lost what was written");
    }
    pages.unmap(0..16);
}

/// A length that is no multiple of a page is rounded up, and the start is page-aligned.
pub fn rounds_up_to_pages(vm: &impl Vm) {
    let start = vm.map(PAGE_BYTES + 1, Access::ReadWrite).expect("two pages");
    assert!(start.as_ptr().addr().is_multiple_of(PAGE_BYTES), "a mapping starts at a page boundary");
    let pages = Pages { vm, start };
    pages.write(1, 7);
    assert_eq!(pages.read(1), 7);
    pages.unmap(0..2);
}

/// A discarded page reads as zeroes; its neighbours keep their contents.
pub fn discard_zeroes(vm: &impl Vm) {
    let pages = Pages::map(vm, 3);
    (0..3).for_each(|page| pages.write(page, 9));
    // SAFETY: nobody needs the contents of the middle page.
    unsafe { vm.discard(pages.at(1), PAGE_BYTES) }.expect("the range is mapped");
    assert_eq!([pages.read(0), pages.read(1), pages.read(2)], [9, 0, 9]);
    pages.write(1, 4);
    assert_eq!(pages.read(1), 4, "a discarded page can be used again");
    pages.unmap(0..3);
}

/// Taking rights away and giving them back changes no contents.
pub fn protection_keeps_contents(vm: &impl Vm) {
    let pages = Pages::map(vm, 4);
    (0..4).for_each(|page| pages.write(page, 5));
    for access in [Access::Read, Access::None, Access::ReadExecute, Access::ReadWrite] {
        // SAFETY: the pages are this test's, and it does not touch them meanwhile.
        unsafe { vm.protect(pages.at(1), 2 * PAGE_BYTES, access) }.expect("the range is mapped");
    }
    for page in 0..4 {
        assert_eq!(pages.read(page), 5, "page {page} lost its contents");
        pages.write(page, 6);
    }
    pages.unmap(0..4);
}

/// Any page-aligned part can be given back; the rest stays.
pub fn parts_can_be_unmapped(vm: &impl Vm) {
    let pages = Pages::map(vm, 5);
    (0..5).for_each(|page| pages.write(page, 3));
    pages.unmap(2..3);
    pages.unmap(0..1);
    assert_eq!([pages.read(1), pages.read(3), pages.read(4)], [3, 3, 3]);
    pages.unmap(3..5);
    pages.unmap(1..2);
}

/// Address space is not memory: a reservation may be larger than any machine, and costs what is touched.
pub fn reservations_may_exceed_memory(vm: &impl Vm) {
    const BYTES: usize = 64 << 30;
    let start = vm.map(BYTES, Access::ReadWrite).expect("64 GiB of address space");
    let pages = Pages { vm, start };
    let last = BYTES / PAGE_BYTES - 1;
    pages.write(0, 1);
    pages.write(last, 2);
    assert_eq!((pages.read(0), pages.read(last / 2), pages.read(last)), (1, 0, 2));
    pages.unmap(0..last + 1);
}

/// A stack is at least as long as asked, writable from end to end.
pub fn stacks_have_their_length(vm: &impl Vm) {
    let (lowest, usable) = vm.map_stack(100_000).expect("a stack");
    assert!(usable >= 100_000 && usable.is_multiple_of(PAGE_BYTES), "{usable} bytes of stack");
    let pages = Pages { vm, start: lowest };
    pages.write(0, 1);
    pages.write(usable / PAGE_BYTES - 1, 2);
    assert_eq!((pages.read(0), pages.read(usable / PAGE_BYTES - 1)), (1, 2));
    // SAFETY: nobody runs on it; both values come from `map_stack`.
    unsafe { vm.unmap_stack(lowest, usable) };
}

/// Nothing, unaligned addresses and absurd lengths are errors, and errors change nothing.
pub fn bad_ranges_are_refused(vm: &impl Vm) {
    assert!(vm.map(0, Access::Read).is_err(), "an empty mapping");
    assert_eq!(vm.map(usize::MAX, Access::Read), Err(VmError::Exhausted));
    assert_eq!(vm.map(1 << 60, Access::Read), Err(VmError::Exhausted));
    let pages = Pages::map(vm, 1);
    pages.write(0, 8);
    // SAFETY: the start is not a page boundary, so the calls are refused and nothing changes.
    unsafe {
        let odd = pages.start.add(8);
        assert_eq!(vm.unmap(odd, PAGE_BYTES), Err(VmError::BadRange));
        assert_eq!(vm.protect(odd, PAGE_BYTES, Access::None), Err(VmError::BadRange));
        assert_eq!(vm.discard(odd, PAGE_BYTES), Err(VmError::BadRange));
        assert_eq!(vm.unmap(pages.start, 0), Err(VmError::BadRange));
    }
    assert_eq!(pages.read(0), 8);
    let gone = pages.start;
    pages.unmap(0..1);
    // SAFETY: nothing is mapped there, so no code can rely on its rights.
    assert!(unsafe { vm.protect(gone, PAGE_BYTES, Access::Read) }.is_err(), "an unmapped range");
}

/// Mapping, touching and unmapping goes on for ever: a leak of 64 GiB would show.
pub fn does_not_leak(vm: &impl Vm) {
    for _ in 0..4096 {
        let pages = Pages::map(vm, 4096);
        pages.write(0, 1);
        pages.write(4095, 1);
        pages.unmap(0..4096);
    }
}

/// A mapping, addressed by page.
struct Pages<'a, V: Vm> {
    vm: &'a V,
    start: NonNull<u8>,
}

impl<'a, V: Vm> Pages<'a, V> {
    fn map(vm: &'a V, pages: usize) -> Self {
        let start = vm.map(pages * PAGE_BYTES, Access::ReadWrite).expect("a few pages of address space");
        Self { vm, start }
    }

    fn at(&self, page: usize) -> NonNull<u8> {
        // SAFETY: the callers name pages of their own mapping.
        unsafe { self.start.add(page * PAGE_BYTES) }
    }

    fn read(&self, page: usize) -> u8 {
        // SAFETY: the callers read pages that are mapped readable. Volatile: the address space is under test.
        unsafe { self.at(page).read_volatile() }
    }

    fn write(&self, page: usize, value: u8) {
        // SAFETY: the callers write pages that are mapped writable.
        unsafe { self.at(page).write_volatile(value) }
    }

    fn unmap(&self, pages: core::ops::Range<usize>) {
        // SAFETY: the callers are done with these pages.
        unsafe { self.vm.unmap(self.at(pages.start), pages.len() * PAGE_BYTES) }
            .expect("the range is mapped");
    }
}
