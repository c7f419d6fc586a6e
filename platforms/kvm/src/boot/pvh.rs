//! What the loader left: PVH's `hvm_start_info`.

use super::entry::start_info;
use super::memory::{MapEntry, Range};
use core::sync::atomic::{AtomicUsize, Ordering};
use kit_arch_x86_64::paging::PAGE_BYTES;

/// `hvm_start_info`, version 1. The entry code has checked magic and version.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct StartInfo {
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

/// A view of the loader's information that outlives it.
pub(crate) struct Info(());

/// The loader's information.
pub(crate) fn info() -> Info {
    Info(())
}

impl Info {
    /// The loader's memory map. Valid until memory has been given to the frame allocator.
    pub(crate) fn memory_map(&self) -> &'static [MapEntry] {
        // SAFETY: the entry code found the magic number there, so the loader wrote a `StartInfo`; memory below
        // 1 MiB is mapped, and still the loader's.
        let info = unsafe { &*start_info() };
        if info.memory_map == 0 {
            return &[];
        }
        // SAFETY: the loader put that many entries there.
        unsafe {
            core::slice::from_raw_parts(info.memory_map as *const MapEntry, info.memory_map_entries as usize)
        }
    }

    /// The pages that hold the command line, and must not be given away. Looks at the loader's information.
    pub(crate) fn command_line_range(&self) -> Range {
        // SAFETY: as in `memory_map`.
        let address = unsafe { &*start_info() }.command_line as usize;
        // The null page gets unmapped: a line there (no loader does that) would be lost, as is no line at all.
        if address < PAGE_BYTES {
            return Range::default();
        }
        let bytes = length(address as *const u8);
        COMMAND_LINE[0].store(address, Ordering::Relaxed);
        COMMAND_LINE[1].store(bytes, Ordering::Relaxed);
        let end = (address + bytes).next_multiple_of(PAGE_BYTES);
        Range { start: address & !(PAGE_BYTES - 1), end }
    }

    /// The command line, without the final zero.
    pub(crate) fn command_line(&self) -> &'static [u8] {
        let address = COMMAND_LINE[0].load(Ordering::Relaxed);
        if address == 0 {
            return &[];
        }
        // SAFETY: `command_line_range` measured it, and its pages were never given away.
        unsafe { core::slice::from_raw_parts(address as *const u8, COMMAND_LINE[1].load(Ordering::Relaxed)) }
    }
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
