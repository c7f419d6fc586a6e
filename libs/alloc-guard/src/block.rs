//! A guarded block in memory: header, zone, the owner's bytes, zone.
//!
//! ```text
//! inner block ─ slack ─┬ Header ┬ zone ┬ the owner's bytes ┬ zone ─ slack
//!                      └ where the owner's bytes begin, less zone and header
//! ```
//!
//! The zone lies between the header and the bytes, so that what runs off the front is found before it reaches the
//! header; and the header has a seal, so that what has jumped over the zone is found too.

use core::alloc::Layout;
use core::ptr::NonNull;
use kit_iface_frames::FRAME_BYTES;

/// What zones are filled with, fresh blocks, and freed ones. Three bytes that are neither text nor small numbers.
const ZONE_BYTE: u8 = 0xFD;
const FRESH_BYTE: u8 = 0xCD;
const FREED_BYTE: u8 = 0xDD;

const LIVE: u32 = 0x4B17_11FE;
const FREED: u32 = 0x4B17_DEAD;

/// What a guarded block aligns its parts to.
const ALIGN: usize = 16;

#[repr(C, align(8))]
struct Header {
    next: Option<Block>,
    previous: Option<Block>,
    bytes: usize,
    number: u64,
    /// From the start of the inner block to the owner's bytes.
    offset: u32,
    /// Alignment that the owner asked for, as a power of two.
    align_shift: u8,
    state: u32,
    /// Says that nobody has written to the header: its numbers, combined. Links are not in it.
    seal: u64,
}

/// A guarded block, by the address of the owner's first byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Block(NonNull<u8>, NonNull<Header>);

// SAFETY: a block is an address; `Books` is who changes headers, under its lock.
unsafe impl Send for Block {}

/// The inner heap's block.
pub struct Place {
    pub start: NonNull<u8>,
    pub layout: Layout,
}

/// What is wrong with a block. Distances are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// A write before the first byte.
    Before { distance: usize },
    /// A write behind the last byte.
    Behind { distance: usize },
    /// The header does not make sense: it was overwritten, or there never was a block.
    Header,
    /// The block was freed already.
    FreedTwice,
    /// A write to a freed block.
    UsedAfterFree { offset: usize },
}

/// The inner block for `layout`; `None` if none can be so long.
pub fn layout_around(layout: Layout, zone: usize) -> Option<Layout> {
    let align = layout.align().max(ALIGN);
    // One step of alignment more than the front needs, to stay off page boundaries.
    let front = front_bytes(zone).next_multiple_of(align) + align;
    let bytes = layout.size().checked_add(front)?.checked_add(zone)?.checked_next_multiple_of(ALIGN)?;
    Layout::from_size_align(bytes, align).ok()
}

fn front_bytes(zone: usize) -> usize {
    size_of::<Header>() + zone
}

impl Block {
    /// Makes a block inside of `place`, which is as [`layout_around`] wants it for `layout`.
    ///
    /// # Safety
    /// The place is the caller's, with that layout.
    pub unsafe fn make(place: Place, layout: Layout, zone: usize) -> Self {
        let align = layout.align().max(ALIGN);
        let mut offset = front_bytes(zone).next_multiple_of(align);
        if (place.start.addr().get() + offset).is_multiple_of(FRAME_BYTES) {
            offset += align;
        }
        // SAFETY: `layout_around` has room for the front, one more step, the bytes and a zone, and the header, which is
        // a multiple of eight before the zone, is aligned if the zone is.
        unsafe {
            let block = Self::of(place.start.add(offset), zone);
            block.1.write(Header {
                next: None,
                previous: None,
                bytes: layout.size(),
                number: 0,
                offset: offset as u32,
                align_shift: layout.align().ilog2() as u8,
                state: LIVE,
                seal: 0,
            });
            block.0.sub(zone).write_bytes(ZONE_BYTE, zone);
            block.0.write_bytes(FRESH_BYTE, layout.size());
            block.end().write_bytes(ZONE_BYTE, zone);
            block
        }
    }

    /// The block whose bytes begin at `start`.
    ///
    /// # Safety
    /// It was made with this zone, and its memory is readable.
    pub unsafe fn of(start: NonNull<u8>, zone: usize) -> Self {
        // Whole words, whatever the zone is.
        let back = front_bytes(zone).next_multiple_of(ALIGN);
        // SAFETY: by the caller's promise the header is there.
        Self(start, unsafe { start.sub(back).cast() })
    }

    fn header(&self) -> &Header {
        // SAFETY: whoever has a block has its memory, readable; headers are written under the lock of the books.
        unsafe { self.1.as_ref() }
    }

    /// The owner's first byte.
    pub fn start(&self) -> NonNull<u8> {
        self.0
    }

    /// How many bytes the owner has.
    pub fn bytes(&self) -> usize {
        self.header().bytes
    }

    /// What the block takes of the inner heap, as far as is known here: the bytes and what guards them.
    pub fn whole_bytes(&self) -> usize {
        self.bytes() + self.header().offset as usize
    }

    /// The how-manieth block it was.
    pub fn number(&self) -> u64 {
        self.header().number
    }

    fn end(&self) -> NonNull<u8> {
        // SAFETY: the bytes lie inside of the inner block.
        unsafe { self.0.add(self.header().bytes) }
    }

    /// Whether `layout` is what the block was allocated with.
    pub fn fits(&self, layout: Layout) -> bool {
        let header = self.header();
        header.bytes == layout.size() && 1 << header.align_shift == layout.align()
    }

    /// What the inner heap gave.
    pub fn place(&self, zone: usize) -> Place {
        let header = self.header();
        // SAFETY: the block was made in a place for this layout, which was legal, at this offset.
        unsafe {
            let layout = Layout::from_size_align_unchecked(header.bytes, 1 << header.align_shift);
            let layout = layout_around(layout, zone).unwrap_unchecked();
            Place { start: self.0.sub(header.offset as usize), layout }
        }
    }

    fn seal(&self) -> u64 {
        let header = self.header();
        let numbers = [
            header.bytes as u64,
            header.number,
            u64::from(header.offset) << 8 | u64::from(header.align_shift),
            u64::from(header.state),
            self.0.addr().get() as u64,
        ];
        numbers.iter().fold(0x9E37_79B9_7F4A_7C15, |seal, number| {
            (seal.rotate_left(23) ^ number).wrapping_mul(0xFF51_AFD7_ED55_8CCD)
        })
    }

    /// Whether the block is in use and nobody has written around it.
    pub fn check_live(&self, zone: usize) -> Result<(), Damage> {
        match self.header().state {
            _ if self.seal() != self.header().seal => {
                Err(self.damage_of_front(zone).unwrap_or(Damage::Header))
            }
            FREED => Err(Damage::FreedTwice),
            _ => self.check_zones(zone),
        }
    }

    /// Whether nobody has written to the block since it was freed.
    pub fn check_freed(&self, zone: usize) -> Result<(), Damage> {
        if self.seal() != self.header().seal {
            return Err(self.damage_of_front(zone).unwrap_or(Damage::Header));
        }
        self.check_zones(zone)?;
        match first_other_than(self.0, self.bytes(), FREED_BYTE) {
            Some(offset) => Err(Damage::UsedAfterFree { offset }),
            None => Ok(()),
        }
    }

    fn damage_of_front(&self, zone: usize) -> Option<Damage> {
        // SAFETY: the zone lies before the bytes.
        let front = unsafe { self.0.sub(zone) };
        let distance = zone - last_other_than(front, zone, ZONE_BYTE)?;
        Some(Damage::Before { distance })
    }

    fn check_zones(&self, zone: usize) -> Result<(), Damage> {
        if let Some(damage) = self.damage_of_front(zone) {
            return Err(damage);
        }
        match first_other_than(self.end(), zone, ZONE_BYTE) {
            Some(offset) => Err(Damage::Behind { distance: offset + 1 }),
            None => Ok(()),
        }
    }

    /// Fills a block that its owner has given up.
    pub fn poison(&self) {
        // SAFETY: the bytes are nobody's now.
        unsafe { self.0.write_bytes(FREED_BYTE, self.bytes()) }
    }
}

/// The books' side of a header: who calls these holds their lock, so that one at a time changes headers.
impl Block {
    fn change(&self, body: impl FnOnce(&mut Header)) {
        // SAFETY: headers change only under the lock of the books, and no reference to one lives across a call.
        body(unsafe { &mut *self.1.as_ptr() });
    }

    /// Gives a new block its number.
    pub fn set_number(&self, number: u64) {
        self.change(|header| header.number = number);
        self.seal_up();
    }

    /// Notes that the owner has given the block up; it was whole a moment ago.
    pub fn set_freed(&self) {
        self.change(|header| header.state = FREED);
        self.seal_up();
    }

    fn seal_up(&self) {
        let seal = self.seal();
        self.change(|header| header.seal = seal);
    }

    /// The next block of its list.
    pub fn next(&self) -> Option<Self> {
        self.header().next
    }

    /// The block before this one in the list of those in use.
    pub fn previous(&self) -> Option<Self> {
        self.header().previous
    }

    // Links are not under the seal: a neighbour's change would hide what somebody else has done.

    /// Sets [`Block::next`].
    pub fn set_next(&self, next: Option<Self>) {
        self.change(|header| header.next = next);
    }

    /// Sets [`Block::previous`].
    pub fn set_previous(&self, previous: Option<Self>) {
        self.change(|header| header.previous = previous);
    }
}

fn bytes_at<'a>(start: NonNull<u8>, bytes: usize) -> &'a [u8] {
    // SAFETY: the callers ask about parts of a block, all of which is initialised and readable.
    unsafe { core::slice::from_raw_parts(start.as_ptr(), bytes) }
}

fn first_other_than(start: NonNull<u8>, bytes: usize, byte: u8) -> Option<usize> {
    bytes_at(start, bytes).iter().position(|found| *found != byte)
}

fn last_other_than(start: NonNull<u8>, bytes: usize, byte: u8) -> Option<usize> {
    bytes_at(start, bytes).iter().rposition(|found| *found != byte)
}
