//! Page frames as binary buddies, with zones.
//!
//! Free memory lies in blocks of 2^n frames at multiples of 2^n, in a list for each n; a block whose buddy (its address
//! with one bit changed) becomes free is joined with it (Knowlton, "A Fast Storage Allocator", 1965). So taking and
//! freeing are a bounded number of steps, however many holes there are. A request that is no power of two gets the front
//! of a block, and the rest is free at once.
//!
//! There are lists for each *zone*: below 16 MiB, below 4 GiB, and above. Ordinary requests take the highest zone that
//! has memory, so that low memory is left to devices that reach no other ([`FramesBelow`]). The longest block is as long
//! as the lowest zone, so none lies in two.
//!
//! A buddy system alone cannot serve every request that memory has room for: three free frames in a row may be two
//! blocks. When the lists have nothing, the map is searched for neighbours that do.
//!
//! Neighbours: `lists` are the free blocks, linked through themselves; `regions` has a byte for each frame, in frames of
//! its own; `buddy` is the algorithm, in safe code; this file is the lock and the slot.
#![no_std]
#![deny(missing_docs)]

mod buddy;
mod lists;
mod regions;

use buddy::System;
use kit_iface_frames::{Frame, Frames, FramesBelow, FramesError, FramesUsage};
use kit_util_sync::IrqLock;

/// The page-frame allocator. See the crate's documentation.
pub struct Buddy {
    system: IrqLock<System>,
}

impl Buddy {
    /// Owns nothing yet.
    pub const fn new() -> Self {
        Self { system: IrqLock::new(System::new()) }
    }
}

impl Frames for Buddy {
    unsafe fn add(&self, start: usize, end: usize) {
        // SAFETY: forwarded to the caller.
        unsafe { self.system.lock().add(start, end) }
    }

    fn allocate(&self, count: usize, align_frames: usize) -> Result<Frame, FramesError> {
        if count == 0 || !align_frames.is_power_of_two() {
            return Err(FramesError::BadRequest);
        }
        self.system.lock().take(count, align_frames).ok_or(FramesError::Exhausted)
    }

    unsafe fn free(&self, first: Frame, count: usize) {
        // SAFETY: forwarded to the caller.
        unsafe { self.system.lock().give(first, count) }
    }

    fn usage(&self) -> FramesUsage {
        self.system.lock().usage()
    }

    fn is_at_rest(&self) -> bool {
        !self.system.is_held()
    }
}

impl FramesBelow for Buddy {
    fn allocate_below(&self, end: usize, count: usize, align_frames: usize) -> Result<Frame, FramesError> {
        if count == 0 || !align_frames.is_power_of_two() {
            return Err(FramesError::BadRequest);
        }
        self.system.lock().take_below(end, count, align_frames).ok_or(FramesError::Exhausted)
    }
}
