//! A page-frame allocator for tests of what grows from frames: plain, slow, and able to refuse on demand.

use crate::{FRAME_BYTES, Frame, Frames, FramesBelow, FramesError, FramesUsage};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Keeps one table entry for each of at most `N` frames; what is added beyond that is ignored.
pub struct Table<const N: usize> {
    is_held: AtomicBool,
    left_to_grant: AtomicUsize,
    entries: UnsafeCell<Entries<N>>,
}

struct Entries<const N: usize> {
    addresses: [usize; N],
    is_free: [bool; N],
    count: usize,
    free: usize,
}

// SAFETY: `with` lets one thread at the entries at a time.
unsafe impl<const N: usize> Sync for Table<N> {}

impl<const N: usize> Table<N> {
    /// Owns nothing yet.
    pub const fn new() -> Self {
        Self {
            is_held: AtomicBool::new(false),
            left_to_grant: AtomicUsize::new(usize::MAX),
            entries: UnsafeCell::new(Entries { addresses: [0; N], is_free: [false; N], count: 0, free: 0 }),
        }
    }

    /// Grants the next `count` requests that could be served and refuses all after them, as if memory had run
    /// out. `usize::MAX` grants all.
    pub fn refuse_after(&self, count: usize) {
        self.left_to_grant.store(count, Ordering::Relaxed);
    }

    fn with<R>(&self, body: impl FnOnce(&mut Entries<N>) -> R) -> R {
        while self.is_held.swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        // SAFETY: the flag makes this the only reference.
        let result = body(unsafe { &mut *self.entries.get() });
        self.is_held.store(false, Ordering::Release);
        result
    }
}

impl<const N: usize> Frames for Table<N> {
    unsafe fn add(&self, start: usize, end: usize) {
        let first = start.max(1).next_multiple_of(FRAME_BYTES);
        self.with(|entries| {
            for address in (first..).step_by(FRAME_BYTES).take(end.saturating_sub(first) / FRAME_BYTES) {
                if entries.count < N {
                    entries.addresses[entries.count] = address;
                    entries.is_free[entries.count] = true;
                    entries.count += 1;
                    entries.free += 1;
                }
            }
        });
    }

    fn allocate(&self, count: usize, align_frames: usize) -> Result<Frame, FramesError> {
        self.allocate_below(usize::MAX, count, align_frames)
    }

    unsafe fn free(&self, first: Frame, count: usize) {
        self.with(|entries| {
            for address in (first.get()..).step_by(FRAME_BYTES).take(count) {
                let known = entries.addresses[..entries.count].iter().position(|known| *known == address);
                let index = known.expect("a frame is freed to the allocator that it came from");
                assert!(!entries.is_free[index], "frame {address:#x} is freed twice");
                entries.is_free[index] = true;
                entries.free += 1;
            }
        });
    }

    fn usage(&self) -> FramesUsage {
        self.with(|entries| FramesUsage { total: entries.count, free: entries.free })
    }
}

impl<const N: usize> FramesBelow for Table<N> {
    fn allocate_below(&self, end: usize, count: usize, align_frames: usize) -> Result<Frame, FramesError> {
        if count == 0 || !align_frames.is_power_of_two() {
            return Err(FramesError::BadRequest);
        }
        self.with(|entries| {
            let first = entries.find(end, count, align_frames).ok_or(FramesError::Exhausted)?;
            match self.left_to_grant.load(Ordering::Relaxed) {
                0 => return Err(FramesError::Exhausted),
                usize::MAX => {}
                left => self.left_to_grant.store(left - 1, Ordering::Relaxed),
            }
            entries.is_free[first..first + count].fill(false);
            entries.free -= count;
            Frame::new(entries.addresses[first]).ok_or(FramesError::Exhausted)
        })
    }
}

impl<const N: usize> Entries<N> {
    fn find(&self, end: usize, count: usize, align_frames: usize) -> Option<usize> {
        // Heaps ask again and again when memory has run out.
        if self.free < count {
            return None;
        }
        let last = self.count.checked_sub(count)?;
        let fits = |first: &usize| {
            let start = self.addresses[*first];
            (start / FRAME_BYTES).is_multiple_of(align_frames)
                && start.checked_add(count * FRAME_BYTES).is_some_and(|run_end| run_end <= end)
                && (0..count)
                    .all(|i| self.is_free[first + i] && self.addresses[first + i] == start + i * FRAME_BYTES)
        };
        (0..=last).find(fits)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::conformance::{self, Page};

    #[test]
    fn keeps_the_promises_of_the_slot() {
        conformance::all(Table::<256>::new, &mut std::vec![Page::ZERO; 256]);
        conformance::all_below(Table::<256>::new, &mut std::vec![Page::ZERO; 256]);
    }

    #[test]
    fn refuses_on_demand() {
        let mut memory = std::vec![Page::ZERO; 4];
        let start = memory.as_mut_ptr().expose_provenance();
        let frames = Table::<4>::new();
        // SAFETY: the memory outlives the allocator.
        unsafe { frames.add(start, start + 4 * FRAME_BYTES) };
        frames.refuse_after(1);
        assert!(frames.allocate(1, 1).is_ok());
        assert_eq!(frames.allocate(1, 1), Err(FramesError::Exhausted));
        frames.refuse_after(usize::MAX);
        assert!(frames.allocate(3, 1).is_ok());
    }
}
