//! Page frames as one bit each.
//!
//! Every range that is added becomes a *region*: its first frames hold its bitmap, the others are handed out,
//! lowest first. So the allocator needs no memory but what it was given, and no upper bound on it. A free
//! clears bits, however many holes there are; a request looks through the bitmap 64 frames at a time, from the
//! lowest frame that may be free.
//!
//! Neighbours: `bits` is the bitmap's arithmetic, in safe code; `region` lays it out in memory; this file
//! is the lock and the slot. `frames-runs` is the other implementation, and the default.
#![no_std]
#![deny(missing_docs)]

mod bits;
mod region;

use kit_iface_frames::{Frame, Frames, FramesBelow, FramesError, FramesUsage};
use kit_util_sync::IrqLock;
use region::Regions;

/// The page-frame allocator. See the crate's documentation.
pub struct Bitmap {
    regions: IrqLock<Regions>,
}

impl Bitmap {
    /// Owns nothing yet.
    pub const fn new() -> Self {
        Self { regions: IrqLock::new(Regions::new()) }
    }
}

impl Frames for Bitmap {
    unsafe fn add(&self, start: usize, end: usize) {
        // SAFETY: forwarded to the caller.
        unsafe { self.regions.lock().add(start, end) }
    }

    fn allocate(&self, count: usize, align_frames: usize) -> Result<Frame, FramesError> {
        if count == 0 || !align_frames.is_power_of_two() {
            return Err(FramesError::BadRequest);
        }
        self.regions.lock().take(count, align_frames).ok_or(FramesError::Exhausted)
    }

    unsafe fn free(&self, first: Frame, count: usize) {
        self.regions.lock().give(first, count);
    }

    fn usage(&self) -> FramesUsage {
        self.regions.lock().usage()
    }

    fn is_at_rest(&self) -> bool {
        !self.regions.is_held()
    }
}

impl FramesBelow for Bitmap {
    fn allocate_below(&self, end: usize, count: usize, align_frames: usize) -> Result<Frame, FramesError> {
        if count == 0 || !align_frames.is_power_of_two() {
            return Err(FramesError::BadRequest);
        }
        self.regions.lock().take_below(end, count, align_frames).ok_or(FramesError::Exhausted)
    }
}
