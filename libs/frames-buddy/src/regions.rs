//! Regions: a header, a byte for each frame, and the frames that the bytes are about, one after the other in memory.

use core::num::NonZeroUsize;
use core::ptr::NonNull;
use kit_iface_frames::FRAME_BYTES;

/// The byte of the first frame of a free block: this and its order. All other frames have zero.
const FREE: u8 = 0x80;

/// The regions, newest first.
pub struct Regions {
    first: Option<NonNull<Region>>,
}

/// What stands at the start of a region. The map follows it, in memory of the region's own.
pub struct Region {
    next: Option<NonNull<Region>>,
    /// Number (address / 4096) of the first frame that is handed out.
    pub origin: usize,
    /// How many there are.
    pub frames: usize,
    map: NonNull<u8>,
}

// SAFETY: the regions own their memory, and nothing else points into it.
unsafe impl Send for Regions {}

impl Regions {
    pub const fn new() -> Self {
        Self { first: None }
    }

    /// Makes a region of the whole frames in `start..end`, none of them free, and returns the numbers of those that can
    /// be handed out, with how many frames there are in all. A single frame is lost: its map would fill it.
    ///
    /// # Safety
    /// As `Frames::add`.
    pub unsafe fn add(&mut self, start: usize, end: usize) -> (usize, core::ops::Range<usize>) {
        // The frame at address zero stays out: a `Frame` cannot name it.
        let first = start.max(1).next_multiple_of(FRAME_BYTES);
        let count = end.saturating_sub(first) / FRAME_BYTES;
        let kept = (size_of::<Region>() + count).div_ceil(FRAME_BYTES);
        let Some(first) = NonZeroUsize::new(first).filter(|_| kept < count) else { return (count, 0..0) };
        // Identity mapping: the address of a frame is a pointer to it.
        let place = NonNull::<Region>::with_exposed_provenance(first);
        let (origin, frames) = (first.get() / FRAME_BYTES + kept, count - kept);
        // SAFETY: the caller hands over the memory; `kept` frames of it hold the header and the map.
        unsafe {
            let map = place.add(1).cast::<u8>();
            map.write_bytes(0, frames);
            place.write(Region { next: self.first, origin, frames, map });
        }
        self.first = Some(place);
        (count, origin..origin + frames)
    }

    /// The region with this frame.
    pub fn of(&mut self, number: usize) -> Option<&mut Region> {
        self.each().find(|region| number.wrapping_sub(region.origin) < region.frames)
    }

    /// All regions.
    pub fn each(&mut self) -> impl Iterator<Item = &mut Region> {
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
    fn map(&mut self) -> &mut [u8] {
        // SAFETY: `add` has written these bytes, and only this region, borrowed here, leads to them.
        unsafe { core::slice::from_raw_parts_mut(self.map.as_ptr(), self.frames) }
    }

    /// Whether a free block of this order begins at this frame.
    pub fn is_free(&mut self, number: usize, order: usize) -> bool {
        let index = number.wrapping_sub(self.origin);
        self.map().get(index).is_some_and(|byte| *byte == FREE | order as u8)
    }

    /// Notes that a free block of this order begins at this frame.
    pub fn mark(&mut self, number: usize, order: usize) {
        let index = number - self.origin;
        self.map()[index] = FREE | order as u8;
    }

    /// Notes that none does.
    pub fn unmark(&mut self, number: usize) {
        let index = number - self.origin;
        self.map()[index] = 0;
    }

    /// The order of the free block that begins at this frame.
    pub fn order_at(&mut self, number: usize) -> Option<usize> {
        let index = number.wrapping_sub(self.origin);
        let byte = *self.map().get(index)?;
        (byte != 0).then_some(usize::from(byte & !FREE))
    }

    /// The first frame from `number` on, which is not inside of a free block, at which a free block begins.
    pub fn next_free(&mut self, number: usize) -> Option<usize> {
        let (from, origin) = (number - self.origin, self.origin);
        let distance = self.map().get(from..)?.iter().position(|byte| *byte != 0)?;
        Some(origin + from + distance)
    }
}
