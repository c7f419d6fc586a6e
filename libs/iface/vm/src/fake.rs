//! An address space inside one array, for host tests of code that maps.
//!
//! Every page is backed from the start, and rights are kept but not enforced: what it tests is the caller's
//! book-keeping, which [`FakeVm::mapped_pages`] shows.

use crate::{Access, PAGE_BYTES, Vm, VmError};
use core::cell::UnsafeCell;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering};

#[repr(C, align(4096))]
struct Page(UnsafeCell<[u8; PAGE_BYTES]>);

/// `PAGES` pages of address space.
pub struct FakeVm<const PAGES: usize> {
    pages: [Page; PAGES],
    is_mapped: [AtomicBool; PAGES],
    is_busy: AtomicBool,
}

// SAFETY: pages belong to whoever mapped them; the flags are atomic and changed under `is_busy`.
unsafe impl<const PAGES: usize> Sync for FakeVm<PAGES> {}

impl<const PAGES: usize> FakeVm<PAGES> {
    /// Nothing is mapped.
    pub const fn new() -> Self {
        Self {
            pages: [const { Page(UnsafeCell::new([0; PAGE_BYTES])) }; PAGES],
            is_mapped: [const { AtomicBool::new(false) }; PAGES],
            is_busy: AtomicBool::new(false),
        }
    }

    /// How many pages are mapped.
    pub fn mapped_pages(&self) -> usize {
        self.is_mapped.iter().filter(|page| page.load(Ordering::Relaxed)).count()
    }

    /// Indices of the pages of a range, all of which must be mapped.
    fn range(&self, start: NonNull<u8>, bytes: usize) -> Result<core::ops::Range<usize>, VmError> {
        let offset = start.as_ptr().addr().wrapping_sub(self.pages.as_ptr().addr());
        let (first, count) = (offset / PAGE_BYTES, bytes.div_ceil(PAGE_BYTES));
        let is_inside = first.checked_add(count).is_some_and(|end| end <= PAGES);
        if bytes == 0 || !offset.is_multiple_of(PAGE_BYTES) || !is_inside {
            return Err(VmError::BadRange);
        }
        let range = first..first + count;
        let is_mapped = self.is_mapped[range.clone()].iter().all(|page| page.load(Ordering::Relaxed));
        if is_mapped { Ok(range) } else { Err(VmError::BadRange) }
    }

    fn zero(&self, range: core::ops::Range<usize>) {
        for page in &self.pages[range] {
            // SAFETY: the callers hold the pages, and nobody needs their contents.
            unsafe { page.0.get().write([0; PAGE_BYTES]) };
        }
    }
}

impl<const PAGES: usize> Vm for FakeVm<PAGES> {
    fn map(&self, bytes: usize, _access: Access) -> Result<NonNull<u8>, VmError> {
        let count = bytes.div_ceil(PAGE_BYTES);
        if count == 0 {
            return Err(VmError::BadRange);
        }
        if count > PAGES {
            return Err(VmError::Exhausted);
        }
        while self.is_busy.swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        let is_free = |first: &usize| {
            self.is_mapped[*first..first + count].iter().all(|page| !page.load(Ordering::Relaxed))
        };
        let found = (0..=PAGES - count).find(is_free);
        if let Some(first) = found {
            self.is_mapped[first..first + count].iter().for_each(|page| page.store(true, Ordering::Relaxed));
            self.zero(first..first + count);
        }
        self.is_busy.store(false, Ordering::Release);
        Ok(NonNull::from(&self.pages[found.ok_or(VmError::Exhausted)?]).cast())
    }

    unsafe fn unmap(&self, start: NonNull<u8>, bytes: usize) -> Result<(), VmError> {
        let range = self.range(start, bytes)?;
        self.is_mapped[range].iter().for_each(|page| page.store(false, Ordering::Relaxed));
        Ok(())
    }

    unsafe fn protect(&self, start: NonNull<u8>, bytes: usize, _access: Access) -> Result<(), VmError> {
        self.range(start, bytes).map(drop)
    }

    unsafe fn discard(&self, start: NonNull<u8>, bytes: usize) -> Result<(), VmError> {
        self.zero(self.range(start, bytes)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;

    #[test]
    fn keeps_the_promises_that_need_no_lazy_memory() {
        static VM: FakeVm<64> = FakeVm::new();
        conformance::is_zeroed_and_keeps_what_is_written(&VM);
        conformance::rounds_up_to_pages(&VM);
        conformance::discard_zeroes(&VM);
        conformance::protection_keeps_contents(&VM);
        conformance::parts_can_be_unmapped(&VM);
        conformance::stacks_have_their_length(&VM);
        conformance::bad_ranges_are_refused(&VM);
        assert_eq!(VM.mapped_pages(), 0);
    }
}
