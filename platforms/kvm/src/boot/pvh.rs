//! What the loader left: PVH's `hvm_start_info`.

use super::entry::start_info;
use super::memory::{MapEntry, Range};
use core::sync::atomic::{AtomicUsize, Ordering};
use kit_arch_x86_64::paging::PAGE_BYTES;

/// `hvm_start_info`, version 1. The entry code has checked magic and version.
#[repr(C)]
#[derive(Debug)]
pub(super) struct StartInfo {
    magic: u32,
    version: u32,
    flags: u32,
    modules: u32,
    module_list: u64,
    command_line: u64,
    acpi_root: u64,
    memory_map: u64,
    memory_map_entries: u32,
    reserved: u32,
}

/// Where the command line lies and how long it is; the structure itself does not outlive `start`.
static COMMAND_LINE: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];

fn info() -> &'static StartInfo {
    // SAFETY: the entry code found the magic number there, so the loader wrote a `StartInfo`; memory below 1 MiB
    // is mapped, and still the loader's: both callers run in `start`.
    unsafe { &*start_info() }
}

/// The loader's memory map. In `start` only.
pub(super) fn memory_map() -> &'static [MapEntry] {
    let info = info();
    if info.memory_map == 0 {
        return &[];
    }
    // SAFETY: the loader put that many entries there.
    unsafe {
        core::slice::from_raw_parts(info.memory_map as *const MapEntry, info.memory_map_entries as usize)
    }
}

/// The pages that hold the command line, and must not be given away. In `start` only.
pub(super) fn command_line_pages() -> Range {
    let address = info().command_line as usize;
    // The null page gets unmapped: a line there (no loader does that) would be lost, as is no line at all.
    if address < PAGE_BYTES {
        return Range::default();
    }
    let bytes = length(address as *const u8);
    COMMAND_LINE[0].store(address, Ordering::Relaxed);
    COMMAND_LINE[1].store(bytes, Ordering::Relaxed);
    Range::pages_of(address, bytes)
}

/// The command line, without the final zero.
pub(super) fn command_line() -> &'static [u8] {
    let [address, bytes] = [0, 1].map(|word| COMMAND_LINE[word].load(Ordering::Relaxed));
    if address == 0 {
        return &[];
    }
    // SAFETY: `command_line_pages` measured it, and its pages were never given away.
    unsafe { core::slice::from_raw_parts(address as *const u8, bytes) }
}

/// The length of a zero-terminated string, sixteen bytes at a time: on microvm it names eight devices, and a
/// byte at a time would be a tenth of the instructions of the boot.
fn length(text: *const u8) -> usize {
    use core::arch::x86_64::{__m128i, _mm_cmpeq_epi8, _mm_load_si128, _mm_movemask_epi8, _mm_setzero_si128};
    let skip = text as usize % 16;
    let mut block = text.wrapping_sub(skip).cast::<__m128i>();
    let mut ignore = (1u32 << skip) - 1;
    loop {
        // SAFETY: an aligned block never crosses a page, and the page holds a byte of the string.
        let zeroes = unsafe { _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_load_si128(block), _mm_setzero_si128())) };
        let zeroes = zeroes as u32 & !ignore;
        if zeroes != 0 {
            return block as usize + zeroes.trailing_zeros() as usize - text as usize;
        }
        ignore = 0;
        block = block.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn length_at_every_alignment() {
        #[repr(align(16))]
        struct Line([u8; 80]);
        let mut line = Line([0; 80]);
        for start in 0..20 {
            for bytes in 0..40 {
                line.0.fill(0);
                line.0[start..start + bytes].fill(b'x');
                assert_eq!(length(line.0[start..].as_ptr()), bytes, "at {start}");
            }
        }
    }
}
