//! The buddy system: splitting, joining, and the search for what it alone would miss.

use crate::lists::{Lists, ORDERS, ZONES, zones_below};
use crate::regions::{Region, Regions};
use core::num::NonZeroUsize;
use core::ops::Range;
use kit_iface_frames::{FRAME_BYTES, Frame, FramesUsage};

/// All free frames. Every frame is in one block of the lists, marked in the map of its region, or in use.
pub struct System {
    lists: Lists,
    regions: Regions,
    usage: FramesUsage,
}

impl System {
    pub const fn new() -> Self {
        Self { lists: Lists::new(), regions: Regions::new(), usage: FramesUsage { total: 0, free: 0 } }
    }

    pub fn usage(&self) -> FramesUsage {
        self.usage
    }

    /// Makes the whole frames in `start..end` free, but those that keep the map.
    ///
    /// # Safety
    /// As `Frames::add`.
    pub unsafe fn add(&mut self, start: usize, end: usize) {
        // SAFETY: forwarded to the caller; the frames of the new region are nobody's.
        unsafe {
            let (total, free) = self.regions.add(start, end);
            self.usage.total += total;
            self.give_range(free);
        }
    }

    /// Takes `count` (not zero) frames aligned to `align` (a power of two) frames.
    pub fn take(&mut self, count: usize, align: usize) -> Option<Frame> {
        self.take_from(ZONES, usize::MAX, count, align)
    }

    /// As [`System::take`], all of it below the address `end`.
    pub fn take_below(&mut self, end: usize, count: usize, align: usize) -> Option<Frame> {
        let end = end / FRAME_BYTES;
        self.take_from(zones_below(end), end, count, align)
    }

    fn take_from(&mut self, zones: usize, end: usize, count: usize, align: usize) -> Option<Frame> {
        if count > self.usage.free {
            return None;
        }
        let order = count.max(align).checked_next_power_of_two()?.ilog2() as usize;
        let in_lists = if order < ORDERS { self.lists.pop(order, zones) } else { None };
        let number = match in_lists {
            Some((number, found)) => {
                self.usage.free -= 1 << found;
                self.regions.of(number)?.unmark(number);
                // SAFETY: these frames were in the block that was taken out.
                unsafe { self.give_range(number + count..number + (1 << found)) };
                number
            }
            // A single frame is in the lists, if there is one; except between zones.
            None if order == 0 && zones == ZONES => return None,
            None => self.search(end, count, align)?,
        };
        NonZeroUsize::new(number * FRAME_BYTES)
    }

    /// Makes `count` frames from `first` free.
    ///
    /// # Safety
    /// As `Frames::free`.
    pub unsafe fn give(&mut self, first: Frame, count: usize) {
        let number = first.get() / FRAME_BYTES;
        // SAFETY: forwarded to the caller.
        unsafe { self.give_range(number..number + count) }
    }

    /// Puts frames of one region into the lists, in the longest blocks that there are, joined with their buddies.
    ///
    /// # Safety
    /// They are in no block, and nobody uses them.
    unsafe fn give_range(&mut self, frames: Range<usize>) {
        let Range { mut start, end } = frames;
        if start == end {
            return;
        }
        let region = self.regions.of(start);
        debug_assert!(region.is_some(), "a frame is freed to the allocator that it came from");
        let Some(region) = region else { return };
        self.usage.free += end - start;
        while start < end {
            let order = (start.trailing_zeros() as usize).min((end - start).ilog2() as usize).min(ORDERS - 1);
            // SAFETY: a part of the frames.
            unsafe { give_block(&mut self.lists, region, start, order) };
            start += 1 << order;
        }
    }

    /// Looks for free blocks side by side that have room for the request below frame `end`, lowest first, and takes it
    /// out of them.
    fn search(&mut self, end: usize, count: usize, align: usize) -> Option<usize> {
        let fits = |run: &Range<usize>| {
            let first = run.start.checked_next_multiple_of(align)?;
            (first.checked_add(count)? <= run.end.min(end)).then_some(first)
        };
        let find = |region: &mut Region| {
            let mut from = region.origin;
            loop {
                let run = next_run(region, from)?;
                if let Some(first) = fits(&run) {
                    return Some((run, first));
                }
                from = run.end;
            }
        };
        let (run, first) = self.regions.each().find_map(find)?;
        self.cut(run.start, first..first + count);
        Some(first)
    }

    /// Takes frames out of the blocks that they are in, which lie side by side from `block` on.
    fn cut(&mut self, mut block: usize, frames: Range<usize>) {
        while block < frames.end {
            let Some(region) = self.regions.of(block) else { return };
            let Some(order) = region.order_at(block) else { return };
            let block_end = block + (1 << order);
            if block_end > frames.start {
                region.unmark(block);
                self.usage.free -= 1 << order;
                // SAFETY: the map says that the block is in the list of this order; what is not asked for goes back.
                unsafe {
                    self.lists.unlink(block, order);
                    self.give_range(block..frames.start.max(block));
                    self.give_range(frames.end.min(block_end)..block_end);
                }
            }
            block = block_end;
        }
    }
}

/// The next stretch of free frames from frame `from` on, which is not inside of a block.
fn next_run(region: &mut Region, from: usize) -> Option<Range<usize>> {
    let start = region.next_free(from)?;
    let mut end = start;
    while let Some(order) = region.order_at(end) {
        end += 1 << order;
    }
    Some(start..end)
}

/// Puts a block into the lists, joined with its buddy for as long as that is free.
///
/// # Safety
/// As [`System::give_range`].
unsafe fn give_block(lists: &mut Lists, region: &mut Region, mut number: usize, mut order: usize) {
    debug_assert!(region.order_at(number).is_none(), "frames freed twice");
    while order + 1 < ORDERS {
        let buddy = number ^ 1 << order;
        if !region.is_free(buddy, order) {
            break;
        }
        region.unmark(buddy);
        // SAFETY: the map says that the buddy is in this list.
        unsafe { lists.unlink(buddy, order) };
        number &= !(1 << order);
        order += 1;
    }
    region.mark(number, order);
    // SAFETY: forwarded to the caller; the buddies were in the lists and are not any more.
    unsafe { lists.link(number, order) }
}
