//! Lists of free blocks, by zone and by order, linked through the blocks' first words.
//!
//! A block is named by the number (address / 4096) of its first frame. In this file every `NonNull<Links>` that comes out
//! of a list is a free block, all of whose memory is the lists' own, and whose first bytes are valid [`Links`].

use core::num::NonZeroUsize;
use core::ptr::NonNull;
use kit_iface_frames::FRAME_BYTES;

/// Orders: blocks of 1 frame to 4,096 frames (16 MiB).
pub const ORDERS: usize = 13;
/// Frame numbers at which zones end, but the last: 16 MiB and 4 GiB.
const ZONE_ENDS: [usize; 2] = [(16 << 20) / FRAME_BYTES, (4 << 30) / FRAME_BYTES];
/// How many zones there are.
pub const ZONES: usize = ZONE_ENDS.len() + 1;

const _: () = assert!(1 << (ORDERS - 1) <= ZONE_ENDS[0], "no block lies in two zones");

struct Links {
    next: Option<NonNull<Links>>,
    previous: Option<NonNull<Links>>,
}

/// The lists.
pub struct Lists {
    heads: [[Option<NonNull<Links>>; ORDERS]; ZONES],
    /// For each zone, the orders whose lists are not empty, as bits.
    present: [u16; ZONES],
}

// SAFETY: the lists own the memory of their blocks, and nothing else points into it.
unsafe impl Send for Lists {}

/// The zone of a frame.
pub fn zone_of(number: usize) -> usize {
    ZONE_ENDS.iter().filter(|end| number >= **end).count()
}

/// How many zones, from the lowest, lie below frame `end` as a whole.
pub fn zones_below(end: usize) -> usize {
    match ZONE_ENDS.iter().filter(|zone_end| **zone_end <= end).count() {
        all if all == ZONE_ENDS.len() && end == usize::MAX => ZONES,
        some => some,
    }
}

impl Lists {
    pub const fn new() -> Self {
        Self { heads: [[None; ORDERS]; ZONES], present: [0; ZONES] }
    }

    /// Takes out a block of at least `order` from the highest of the first `zones` zones that has one; its number and
    /// order.
    pub fn pop(&mut self, order: usize, zones: usize) -> Option<(usize, usize)> {
        for zone in (0..zones).rev() {
            let fitting = self.present[zone] >> order << order;
            if fitting != 0 {
                let found = fitting.trailing_zeros() as usize;
                let number = self.heads[zone][found]?.addr().get() / FRAME_BYTES;
                // SAFETY: the head of a list is in it.
                unsafe { self.unlink(number, found) };
                return Some((number, found));
            }
        }
        None
    }

    /// Puts a block into its list.
    ///
    /// # Safety
    /// All of its frames are free memory that the lists may have, and it is in no list.
    pub unsafe fn link(&mut self, number: usize, order: usize) {
        let zone = zone_of(number);
        let Some(address) = NonZeroUsize::new(number * FRAME_BYTES) else { return };
        // Identity mapping: the address of a frame is a pointer to it.
        let block = NonNull::<Links>::with_exposed_provenance(address);
        let next = self.heads[zone][order];
        // SAFETY: the block is ours and aligned to more than links need; `next` is a block of the list.
        unsafe {
            block.write(Links { next, previous: None });
            if let Some(next) = next {
                (*next.as_ptr()).previous = Some(block);
            }
        }
        self.heads[zone][order] = Some(block);
        self.present[zone] |= 1 << order;
    }

    /// Takes a block out of its list.
    ///
    /// # Safety
    /// It is in the list of this order.
    pub unsafe fn unlink(&mut self, number: usize, order: usize) {
        let zone = zone_of(number);
        let Some(address) = NonZeroUsize::new(number * FRAME_BYTES) else { return };
        let block = NonNull::<Links>::with_exposed_provenance(address);
        // SAFETY: the block and its neighbours are in the list.
        unsafe {
            let Links { next, previous } = block.read();
            match previous {
                Some(previous) => (*previous.as_ptr()).next = next,
                None => self.heads[zone][order] = next,
            }
            if let Some(next) = next {
                (*next.as_ptr()).previous = previous;
            }
        }
        if self.heads[zone][order].is_none() {
            self.present[zone] &= !(1 << order);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_where_devices_end() {
        let mib = |mib: usize| mib << 20 >> 12;
        assert_eq!([0, 15, 16, 4095, 4096, 100_000].map(|at| zone_of(mib(at))), [0, 0, 1, 1, 2, 2]);
        assert_eq!([1, 15, 16, 17, 4096, 9000].map(|at| zones_below(mib(at))), [0, 0, 1, 1, 2, 2]);
        assert_eq!(zones_below(usize::MAX), 3);
    }
}
