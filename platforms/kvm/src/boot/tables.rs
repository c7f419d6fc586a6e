//! The page tables of memory and devices: everything at its own address, nothing writable and executable.
//!
//! The image is mapped by 4 KiB pages with the rights of its segments, all other memory by the largest pages
//! that fit, without execution. The null page and the guards below the stacks are not mapped. Devices are
//! mapped uncached, when first asked for. The second half of the address space's first TiB and what lies above
//! belong to `space`.

use super::memory::{self, HIGHEST, MapEntry, Range};
use super::stacks;
use crate::reserve;
use core::sync::atomic::{AtomicU64, Ordering};
use kit_arch_x86_64::paging::{
    self, ENTRIES, LARGE, NO_EXECUTE, PAGE_BYTES, PRESENT, Table, UNCACHED, WRITABLE, index, span,
};
use kit_util_sync::IrqLock;

/// The tables that every image needs, in `.bss`; the entry code knows the order and starts on them.
#[repr(C, align(4096))]
pub(super) struct Tables {
    /// Level 3, the root.
    root: Table,
    /// Level 2: the first 512 GiB.
    gibibytes: Table,
    /// Level 1: the first GiB.
    first_gibibyte: Table,
    /// Level 0: the first 2 MiB, where the image starts.
    first_pages: Table,
}

pub(super) static TABLES: Tables = Tables {
    root: Table::new(),
    gibibytes: Table::new(),
    first_gibibyte: Table::new(),
    first_pages: Table::new(),
};

unsafe extern "C" {
    safe static __executable_start: u8;
    safe static __etext: u8;
    safe static __data_start: u8;
    safe static __image_end: u8;
}

/// Loads and stores, no execution.
const DATA: u64 = PRESENT | WRITABLE | NO_EXECUTE;
const READ_ONLY: u64 = PRESENT | NO_EXECUTE;
const CODE: u64 = PRESENT;
const NOTHING: u64 = 0;
/// An entry that refers to a table: the leaves decide about rights.
pub(crate) const TO_TABLE: u64 = PRESENT | WRITABLE;

const LARGE_PAGE: usize = span(1);
const GIBIBYTE: usize = span(2);

/// The memory of the image, `.bss` included.
pub(super) fn image() -> Range {
    let end = &raw const __image_end as usize;
    Range { start: &raw const __executable_start as usize, end: end.next_multiple_of(PAGE_BYTES) }
}

/// The entry of the root table for `address`.
pub(crate) fn root_entry(address: usize) -> &'static AtomicU64 {
    &TABLES.root.0[index(address, 3)]
}

/// Maps the image and all RAM of the loader's map for good. Further tables are taken from the start of `room`; returns
/// where they end, or `None` if they do not fit.
///
/// # Safety
/// Once, on the tables of the entry code. `room` begins at the end of the image, is RAM, and nobody uses it.
pub(super) unsafe fn build(map: &[MapEntry], room: core::ops::Range<usize>) -> Option<usize> {
    // The entry code has mapped the image and 2 to 4 MiB above.
    let early_end = (room.start + 2 * LARGE_PAGE - 1) & !(LARGE_PAGE - 1);
    let mut tables = NewTables { next: room.start, end: room.end.min(early_end) };
    let pages = &TABLES.first_gibibyte;
    for chunk in (0..early_end).step_by(LARGE_PAGE) {
        let entry = if chunk < room.start {
            let table = if chunk == 0 { &raw const TABLES.first_pages } else { tables.take()? };
            // SAFETY: a table of ours that nothing refers to yet.
            unsafe { fill(table.cast_mut().cast(), chunk) };
            table as u64 | TO_TABLE
        } else {
            chunk as u64 | DATA | LARGE
        };
        pages.0[index(chunk, 1)].store(entry, Ordering::Relaxed);
    }
    for region in memory::regions(map) {
        // SAFETY: as promised to this function.
        unsafe { map_memory(&region, early_end, &mut tables)? };
    }
    paging::flush_all();
    Some(tables.next)
}

/// Fills the level-0 table of the 2 MiB at `chunk` with the rights of the image's segments.
///
/// # Safety
/// `table` is a table that nobody else uses.
unsafe fn fill(table: *mut u64, chunk: usize) {
    // SAFETY: a table has this many entries, and this one is the caller's.
    let table = unsafe { &mut *table.cast::<[u64; ENTRIES]>() };
    fill_with_data(table, chunk as u64 | DATA);
    let mut protect = |start: usize, end: usize, rights: u64| {
        let first = start.max(chunk);
        for address in (first..end.min(chunk + LARGE_PAGE)).step_by(PAGE_BYTES) {
            table[index(address, 0)] = if rights == NOTHING { 0 } else { address as u64 | rights };
        }
    };
    let text = &raw const __executable_start as usize;
    let rodata = (&raw const __etext as usize).next_multiple_of(PAGE_BYTES);
    protect(text, rodata, CODE);
    protect(rodata, &raw const __data_start as usize, READ_ONLY);
    for guard in stacks::guards() {
        protect(guard, guard + PAGE_BYTES, NOTHING);
    }
}

/// Writes consecutive pages from `first` on, two a store: these are most of the instructions of `start`.
fn fill_with_data(table: &mut [u64; ENTRIES], first: u64) {
    use core::arch::x86_64::{__m128i, _mm_add_epi64, _mm_set_epi64x, _mm_set1_epi64x, _mm_storeu_si128};
    // SAFETY: SSE2 is part of x86-64; the four stores cover one piece of eight entries.
    unsafe {
        let step = _mm_set1_epi64x(2 * PAGE_BYTES as i64);
        let twice = _mm_add_epi64(step, step);
        let mut entries = _mm_set_epi64x((first + PAGE_BYTES as u64) as i64, first as i64);
        let (pieces, _) = table.as_chunks_mut::<8>();
        for piece in pieces {
            let place = piece.as_mut_ptr().cast::<__m128i>();
            let (second, third) = (_mm_add_epi64(entries, step), _mm_add_epi64(entries, twice));
            let last = _mm_add_epi64(second, twice);
            _mm_storeu_si128(place, entries);
            _mm_storeu_si128(place.add(1), second);
            _mm_storeu_si128(place.add(2), third);
            _mm_storeu_si128(place.add(3), last);
            entries = _mm_add_epi64(last, step);
        }
    }
}

/// Takes the null page away. The last step of `start`.
pub(super) fn unmap_null_page() {
    TABLES.first_pages.0[0].store(0, Ordering::Relaxed);
    paging::flush_page(0);
}

/// Maps a region of RAM from `early_end` on.
///
/// # Safety
/// As [`build`].
unsafe fn map_memory(region: &Range, early_end: usize, tables: &mut NewTables) -> Option<()> {
    let mut address = region.start.max(early_end) & !(LARGE_PAGE - 1);
    while address < region.end {
        let gibibyte = &TABLES.gibibytes.0[index(address, 2)];
        let is_whole = address.is_multiple_of(GIBIBYTE) && region.end - address >= GIBIBYTE;
        if is_whole && gibibyte.load(Ordering::Relaxed) == 0 && has_gibibyte_pages() {
            gibibyte.store(address as u64 | DATA | LARGE, Ordering::Relaxed);
            address += GIBIBYTE;
            continue;
        }
        if gibibyte.load(Ordering::Relaxed) == 0 {
            let table = tables.take()?;
            // SAFETY: fresh memory of ours.
            unsafe { reserve::clear(table as usize) };
            gibibyte.store(table as u64 | TO_TABLE, Ordering::Relaxed);
        }
        let pages = (gibibyte.load(Ordering::Relaxed) & paging::ADDRESS) as *const Table;
        let end = region.end.min((address | (GIBIBYTE - 1)) + 1);
        while address < end {
            // SAFETY: either the static table or one made above; both live for ever.
            unsafe { &(*pages).0[index(address, 1)] }.store(address as u64 | DATA | LARGE, Ordering::Relaxed);
            address += LARGE_PAGE;
        }
    }
    Some(())
}

/// CPUID.80000001H:EDX bit 26. Asked only on machines of more than 1 GiB.
#[cold]
fn has_gibibyte_pages() -> bool {
    kit_util_x86::cpuid(0x8000_0001, 0).edx & 1 << 26 != 0
}

/// Memory for tables before there is a frame allocator.
struct NewTables {
    next: usize,
    end: usize,
}

impl NewTables {
    fn take(&mut self) -> Option<*const Table> {
        let table = self.next;
        self.next += PAGE_BYTES;
        (self.next <= self.end).then_some(table as *const Table)
    }
}

/// See [`kit_iface_platform::Platform::map_device`]. Devices are mapped at their own addresses, so one above
/// [`HIGHEST`] cannot be.
pub(crate) fn map_device(address: u64, bytes: usize) -> Option<usize> {
    static LOCK: IrqLock<()> = IrqLock::new(());
    let start = usize::try_from(address).ok()?;
    let end = start.checked_add(bytes).filter(|end| *end <= HIGHEST)?;
    let _lock = LOCK.lock();
    for page in (start & !(LARGE_PAGE - 1)..end).step_by(LARGE_PAGE) {
        let gibibyte = &TABLES.gibibytes.0[index(page, 2)];
        let mut table = gibibyte.load(Ordering::Relaxed);
        if table == 0 {
            table = reserve::allocate_table()? as u64 | TO_TABLE;
            gibibyte.store(table, Ordering::Relaxed);
        }
        if table & LARGE == 0 {
            // SAFETY: a present entry without LARGE refers to a table, and these are never freed.
            let entry = unsafe { &(*((table & paging::ADDRESS) as *const Table)).0[index(page, 1)] };
            if entry.load(Ordering::Relaxed) == 0 {
                entry.store(page as u64 | DATA | LARGE | UNCACHED, Ordering::Relaxed);
            }
        }
    }
    Some(start)
}
