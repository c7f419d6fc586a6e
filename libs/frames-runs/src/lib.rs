//! Page frames as an address-ordered list of free runs, first fit.
//!
//! Each maximal stretch of free frames is one *run*, and the run's own first bytes say how long it is and where
//! the next one begins. So the allocator costs a few words of static memory whatever the size of the machine,
//! and giving it a gigabyte at boot is one store.
//!
//! Address order makes coalescing a comparison with two neighbours. First fit over address order is what
//! Wilson, Johnstone, Neely and Boles, "Dynamic Storage Allocation: A Survey and Critical Review" (1995), find
//! to fragment least of the simple policies: single frames come from the low end, where holes are, and the
//! long run at the high end stays long. Requests of [`LONG_FRAMES`] and more are cut from the *high* end, so
//! that the two kinds do not mix.
//!
//! Neighbours: `list` is the data structure with all `unsafe`; this file is the lock and the slot.
#![no_std]
#![deny(missing_docs)]

mod list;

use kit_iface_frames::{Frame, Frames, FramesBelow, FramesError, FramesUsage};
use kit_util_sync::IrqLock;
use list::List;

pub use list::LONG_FRAMES;

/// The page-frame allocator. See the crate's documentation.
pub struct Runs {
    list: IrqLock<List>,
}

impl Runs {
    /// Owns nothing yet.
    pub const fn new() -> Self {
        Self { list: IrqLock::new(List::new()) }
    }
}

impl Frames for Runs {
    unsafe fn add(&self, start: usize, end: usize) {
        // SAFETY: forwarded to the caller.
        unsafe { self.list.lock().add(start, end) }
    }

    fn allocate(&self, count: usize, align_frames: usize) -> Result<Frame, FramesError> {
        if count == 0 || !align_frames.is_power_of_two() {
            return Err(FramesError::BadRequest);
        }
        self.list.lock().take(count, align_frames).ok_or(FramesError::Exhausted)
    }

    unsafe fn free(&self, first: Frame, count: usize) {
        // SAFETY: forwarded to the caller.
        unsafe { self.list.lock().give(first, count) }
    }

    fn usage(&self) -> FramesUsage {
        self.list.lock().usage()
    }

    fn is_at_rest(&self) -> bool {
        !self.list.is_held()
    }
}

impl FramesBelow for Runs {
    fn allocate_below(&self, end: usize, count: usize, align_frames: usize) -> Result<Frame, FramesError> {
        if count == 0 || !align_frames.is_power_of_two() {
            return Err(FramesError::BadRequest);
        }
        self.list.lock().take_below(end, count, align_frames).ok_or(FramesError::Exhausted)
    }
}
