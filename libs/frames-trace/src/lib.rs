//! A wrapper around any page-frame allocator: how many frames are in use is a quantity of the trace.
#![no_std]
#![deny(missing_docs)]

use core::sync::atomic::{AtomicUsize, Ordering};
use kit_iface_frames::{Frame, Frames, FramesError, FramesUsage};
use kit_iface_trace::{Event, Trace, emit};

/// An allocator whose use is traced.
pub struct Traced<F: Frames, T: Trace> {
    frames: &'static F,
    trace: &'static T,
    in_use: AtomicUsize,
}

impl<F: Frames, T: Trace> Traced<F, T> {
    /// `frames`, traced by `trace`. One static, made by the composed root.
    pub const fn new(frames: &'static F, trace: &'static T) -> Self {
        Self { frames, trace, in_use: AtomicUsize::new(0) }
    }

    fn tell(&self, in_use: usize) {
        emit(self.trace, || Event::Gauge { name: "frames in use", value: in_use as u64 });
    }
}

impl<F: Frames, T: Trace> Frames for Traced<F, T> {
    unsafe fn add(&self, start: usize, end: usize) {
        // SAFETY: forwarded to the caller.
        unsafe { self.frames.add(start, end) }
    }

    fn allocate(&self, count: usize, align_frames: usize) -> Result<Frame, FramesError> {
        let frame = self.frames.allocate(count, align_frames)?;
        self.tell(self.in_use.fetch_add(count, Ordering::Relaxed) + count);
        Ok(frame)
    }

    unsafe fn free(&self, first: Frame, count: usize) {
        // SAFETY: forwarded to the caller.
        unsafe { self.frames.free(first, count) }
        self.tell(self.in_use.fetch_sub(count, Ordering::Relaxed) - count);
    }

    fn usage(&self) -> FramesUsage {
        self.frames.usage()
    }

    fn is_at_rest(&self) -> bool {
        self.frames.is_at_rest()
    }
}
