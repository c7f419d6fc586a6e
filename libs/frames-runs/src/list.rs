//! The list of free runs, kept inside the free memory that it describes.
//!
//! In this file every `NonNull<Run>` that comes out of a [`Link`] is a run of the list: its memory is free, all
//! of it belongs to the list, and its first bytes are a valid [`Run`]. The helpers at the end rely on that.

use core::num::NonZeroUsize;
use core::ptr::NonNull;
use kit_iface_frames::{FRAME_BYTES, Frame, FramesUsage};

/// From this many frames on (64 KiB) a request is served from the high end of memory.
pub const LONG_FRAMES: usize = 16;

/// The first bytes of a free run.
struct Run {
    next: Link,
    frames: usize,
}

type Link = Option<NonNull<Run>>;

/// Free runs in the order of their addresses. No two of them touch: neighbours are joined as they are given.
pub struct List {
    first: Link,
    // The run that the last `give` made or grew: the search for the place of the next one may start there.
    // Frees often come in ascending order (an unmapped stack), and a walk from the start would cost O(n) each.
    hint: Link,
    usage: FramesUsage,
}

// SAFETY: the list owns the memory of its runs, and nothing else points into it.
unsafe impl Send for List {}

impl List {
    pub const fn new() -> Self {
        Self { first: None, hint: None, usage: FramesUsage { total: 0, free: 0 } }
    }

    pub fn usage(&self) -> FramesUsage {
        self.usage
    }

    /// Makes the whole frames in `start..end` free.
    ///
    /// # Safety
    /// As `Frames::add`.
    pub unsafe fn add(&mut self, start: usize, end: usize) {
        // The frame at address zero stays out: a `Frame` cannot name it.
        let first = start.max(1).next_multiple_of(FRAME_BYTES);
        let count = end.saturating_sub(first) / FRAME_BYTES;
        if let (Some(first), 1..) = (NonZeroUsize::new(first), count) {
            self.usage.total += count;
            // SAFETY: the frames lie inside the range that the caller hands over.
            unsafe { self.give(first, count) }
        }
    }

    /// Takes `count` (not zero) frames aligned to `align` (a power of two) frames.
    pub fn take(&mut self, count: usize, align: usize) -> Option<Frame> {
        let (link, skip) =
            if count < LONG_FRAMES { self.find_low(count, align)? } else { self.find_high(count, align)? };
        self.usage.free -= count;
        // SAFETY: both searches return a link that holds a run of at least `skip + count` frames.
        Some(unsafe { self.cut(link, skip, count) })
    }

    /// As [`List::take`], all of it below the address `end`: from the low end, where such memory is.
    pub fn take_below(&mut self, end: usize, count: usize, align: usize) -> Option<Frame> {
        let (link, skip) = self.find_low(count, align)?;
        // SAFETY: the search returns a link that holds a run.
        let run = unsafe { (*link.as_ptr())? };
        // The lowest place there is: if it is not below the end, none is.
        if frame_number(run) + skip + count > end / FRAME_BYTES {
            return None;
        }
        self.usage.free -= count;
        // SAFETY: the run has at least `skip + count` frames.
        Some(unsafe { self.cut(link, skip, count) })
    }

    /// The lowest place for `count` frames: the link of its run, and how many frames of the run lie before it.
    fn find_low(&mut self, count: usize, align: usize) -> Option<(NonNull<Link>, usize)> {
        let mut link = NonNull::from(&mut self.first);
        loop {
            // SAFETY: `link` is the list's own first link, or that of a run in the list.
            let run = unsafe { *link.as_ptr() }?;
            let skip = frame_number(run).wrapping_neg() & (align - 1);
            if frames_of(run).checked_sub(skip).is_some_and(|usable| usable >= count) {
                return Some((link, skip));
            }
            link = next_of(run);
        }
    }

    /// The highest place for `count` frames, as [`List::find_low`].
    fn find_high(&mut self, count: usize, align: usize) -> Option<(NonNull<Link>, usize)> {
        let mut link = NonNull::from(&mut self.first);
        let mut found = None;
        // SAFETY: as in `find_low`.
        while let Some(run) = unsafe { *link.as_ptr() } {
            if let Some(spare) = frames_of(run).checked_sub(count) {
                let number = frame_number(run);
                let place = (number + spare) & !(align - 1);
                if place >= number {
                    found = Some((link, place - number));
                }
            }
            link = next_of(run);
        }
        found
    }

    /// Takes frames `skip..skip + count` out of the run that `link` holds.
    ///
    /// # Safety
    /// `link` is a link of this list, and its run has that many frames.
    unsafe fn cut(&mut self, link: NonNull<Link>, skip: usize, count: usize) -> Frame {
        // SAFETY: by the caller's promise `link` holds a run of at least `skip + count` frames. All of its
        // memory is the list's own, so a shorter run may be written into what remains at its high end.
        unsafe {
            let run = (*link.as_ptr()).unwrap_unchecked();
            let Run { next, frames } = run.read();
            let taken = run.byte_add(skip * FRAME_BYTES);
            let after = frames - skip - count;
            let rest = if after == 0 {
                next
            } else {
                let rest = taken.byte_add(count * FRAME_BYTES);
                rest.write(Run { next, frames: after });
                Some(rest)
            };
            if skip == 0 {
                *link.as_ptr() = rest;
                // The run has moved or ceased to be. Where it is the hint, so must the hint.
                if self.hint == Some(run) {
                    self.hint = None;
                }
            } else {
                run.write(Run { next: rest, frames: skip });
            }
            taken.addr()
        }
    }

    /// Makes `count` frames from `first` free, joined with the runs on both sides.
    ///
    /// # Safety
    /// As `Frames::free`; or they were never in the list.
    pub unsafe fn give(&mut self, first: Frame, count: usize) {
        self.usage.free += count;
        // Identity mapping: the address of a frame is a pointer to it.
        let start = NonNull::<Run>::with_exposed_provenance(first);
        // SAFETY: the frames are the caller's to give, so nobody else uses their memory; `before` and `after`
        // are runs of the list (or absent), and they lie on both sides of the frames since these are not free.
        unsafe {
            let before = self.last_run_below(first);
            let link = before.map_or(NonNull::from(&mut self.first), next_of);
            let after = *link.as_ptr();
            debug_assert!(before.is_none_or(|run| end_of(run) <= first.get()), "frames freed twice");
            debug_assert!(
                after.is_none_or(|run| first.get() + count * FRAME_BYTES <= run.addr().get()),
                "frames freed twice"
            );

            let mut joined = Run { next: after, frames: count };
            if let Some(run) = after.filter(|run| run.addr().get() == first.get() + count * FRAME_BYTES) {
                let Run { next, frames } = run.read();
                joined = Run { next, frames: count + frames };
            }
            let run = match before.filter(|run| end_of(*run) == first.get()) {
                Some(run) => {
                    joined.frames += frames_of(run);
                    run
                }
                None => {
                    *link.as_ptr() = Some(start);
                    start
                }
            };
            run.write(joined);
            self.hint = Some(run);
        }
    }

    /// The last run that begins below `address`.
    fn last_run_below(&self, address: Frame) -> Link {
        let mut below = self.hint.filter(|run| run.addr() < address);
        loop {
            let next = match below {
                // SAFETY: `below` is a run of the list.
                Some(run) => unsafe { *next_of(run).as_ptr() },
                None => self.first,
            };
            match next.filter(|run| run.addr() < address) {
                Some(run) => below = Some(run),
                None => return below,
            }
        }
    }
}

fn frame_number(run: NonNull<Run>) -> usize {
    run.addr().get() / FRAME_BYTES
}

fn frames_of(run: NonNull<Run>) -> usize {
    // SAFETY: only called with runs of the list.
    unsafe { (*run.as_ptr()).frames }
}

fn end_of(run: NonNull<Run>) -> usize {
    run.addr().get() + frames_of(run) * FRAME_BYTES
}

fn next_of(run: NonNull<Run>) -> NonNull<Link> {
    // SAFETY: only called with runs of the list; a field of a valid run is not null.
    unsafe { NonNull::new_unchecked(&raw mut (*run.as_ptr()).next) }
}
