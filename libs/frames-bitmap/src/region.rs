//! Regions: a header, its bitmap, and the frames that the bitmap is about, one after the other in memory.

use crate::bits::{self, WORD_BITS};
use core::num::NonZeroUsize;
use core::ptr::NonNull;
use kit_iface_frames::{FRAME_BYTES, Frame, FramesUsage};

/// The regions, newest first.
pub struct Regions {
    first: Option<NonNull<Region>>,
    usage: FramesUsage,
}

/// What stands at the start of a region. The bitmap follows it, in memory of the region's own.
struct Region {
    next: Option<NonNull<Region>>,
    // Number (address / 4096) of the frame that bit 0 is about.
    origin: usize,
    frames: usize,
    // All bits below are set.
    lowest: usize,
    words: NonNull<u64>,
}

// SAFETY: the regions own their memory, and nothing else points into it.
unsafe impl Send for Regions {}

impl Regions {
    pub const fn new() -> Self {
        Self { first: None, usage: FramesUsage { total: 0, free: 0 } }
    }

    pub fn usage(&self) -> FramesUsage {
        self.usage
    }

    /// Makes a region of the whole frames in `start..end`. A single frame is lost: its bitmap would fill it.
    ///
    /// # Safety
    /// As `Frames::add`.
    pub unsafe fn add(&mut self, start: usize, end: usize) {
        // The frame at address zero stays out: a `Frame` cannot name it.
        let first = start.max(1).next_multiple_of(FRAME_BYTES);
        let count = end.saturating_sub(first) / FRAME_BYTES;
        self.usage.total += count;
        let kept = (size_of::<Region>() + count.div_ceil(WORD_BITS) * size_of::<u64>()).div_ceil(FRAME_BYTES);
        let Some(first) = NonZeroUsize::new(first).filter(|_| kept < count) else { return };
        // Identity mapping: the address of a frame is a pointer to it.
        let place = NonNull::<Region>::with_exposed_provenance(first);
        let frames = count - kept;
        // SAFETY: the caller hands over the memory; `kept` frames of it hold the header and the words.
        unsafe {
            let words = place.add(1).cast::<u64>();
            place.write(Region {
                next: self.first,
                origin: first.get() / FRAME_BYTES + kept,
                frames,
                lowest: 0,
                words,
            });
            words.write_bytes(0, frames.div_ceil(WORD_BITS));
            let bitmap = &mut (*place.as_ptr()).words();
            // The last word's bits that are about no frame stay in use for ever.
            bits::set(bitmap, frames, bitmap.len() * WORD_BITS - frames);
        }
        self.first = Some(place);
        self.usage.free += frames;
    }

    /// Takes `count` (not zero) frames aligned to `align` (a power of two) frames.
    pub fn take(&mut self, count: usize, align: usize) -> Option<Frame> {
        self.take_below(usize::MAX, count, align)
    }

    /// As [`Regions::take`], all of it below the address `end`.
    pub fn take_below(&mut self, end: usize, count: usize, align: usize) -> Option<Frame> {
        let number = self.each().find_map(|region| region.take(end / FRAME_BYTES, count, align))?;
        self.usage.free -= count;
        NonZeroUsize::new(number * FRAME_BYTES)
    }

    /// Makes `count` frames from `first` free. They are in use, and in one region.
    pub fn give(&mut self, first: Frame, count: usize) {
        let number = first.get() / FRAME_BYTES;
        let region =
            self.each().find(|region| (region.origin..region.origin + region.frames).contains(&number));
        debug_assert!(region.is_some(), "a frame is freed to the allocator that it came from");
        if let Some(region) = region {
            let bit = number - region.origin;
            bits::clear(region.words(), bit, count);
            region.lowest = region.lowest.min(bit);
            self.usage.free += count;
        }
    }

    fn each(&mut self) -> impl Iterator<Item = &mut Region> {
        let mut next = self.first;
        core::iter::from_fn(move || {
            // SAFETY: the list holds regions that `add` wrote, each once; `self` is borrowed for as long.
            let region = unsafe { &mut *next?.as_ptr() };
            next = region.next;
            Some(region)
        })
    }
}

impl Region {
    fn words(&mut self) -> &mut [u64] {
        // SAFETY: `add` has written these words, and only this region, borrowed here, leads to them.
        unsafe { core::slice::from_raw_parts_mut(self.words.as_ptr(), self.frames.div_ceil(WORD_BITS)) }
    }

    /// Takes the lowest place below frame `end`.
    #[inline]
    fn take(&mut self, end: usize, count: usize, align: usize) -> Option<usize> {
        let (origin, lowest) = (self.origin, self.lowest);
        let bit = bits::find(self.words(), lowest, count, align, origin)?;
        // The lowest place there is: if it is not below the end, none is.
        if origin + bit + count > end {
            return None;
        }
        bits::set(self.words(), bit, count);
        if bit == lowest {
            self.lowest = bit + count;
        }
        Some(origin + bit)
    }
}
