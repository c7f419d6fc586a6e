//! Which memory is free: the loader's map, less what is in use.

use kit_arch_x86_64::paging::PAGE_BYTES;

/// Memory above this is ignored: the first of the root table's entries maps no more.
pub(crate) const HIGHEST: usize = 512 << 30;

/// A range of physical addresses, the end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Range {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Range {
    pub(crate) fn contains(&self, address: usize) -> bool {
        self.start <= address && address < self.end
    }

    /// The pages that hold these bytes.
    pub(crate) fn pages_of(start: usize, bytes: usize) -> Self {
        Self { start: start & !(PAGE_BYTES - 1), end: (start + bytes).next_multiple_of(PAGE_BYTES) }
    }
}

/// The extended BIOS data area and firmware's ROM, whatever the map says of them.
pub(crate) const FIRMWARE: Range = Range { start: 0x9_f000, end: 0x10_0000 };

/// One entry of PVH's memory map (`hvm_memmap_table_entry`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct MapEntry {
    pub(crate) address: u64,
    pub(crate) bytes: u64,
    /// As in ACPI's E820: 1 is RAM.
    pub(crate) kind: u32,
    pub(crate) reserved: u32,
}

const RAM: u32 = 1;

/// The regions of RAM in a loader's map. The map is not copied: its pages are never given away.
pub(crate) fn regions(map: &[MapEntry]) -> impl Iterator<Item = Range> {
    map.iter().filter(|entry| entry.kind == RAM && entry.address < HIGHEST as u64).map(|entry| {
        let end = entry.address.saturating_add(entry.bytes).min(HIGHEST as u64);
        Range { start: entry.address as usize, end: end as usize }
    })
}

/// Calls `visit(start, end)` for the parts of `region` outside of all `taken` ranges, lowest first. The null page
/// is never among them.
pub(crate) fn carve(region: Range, taken: &[Range], visit: &mut dyn FnMut(usize, usize)) {
    let mut start = region.start.max(PAGE_BYTES);
    while start < region.end {
        // The taken range that `start` lies in, or else the nearest one above.
        let next = taken.iter().filter(|range| range.end > start).min_by_key(|range| range.start);
        let end = next.map_or(region.end, |range| range.start.min(region.end));
        if start < end {
            visit(start, end);
        }
        let Some(next) = next else { return };
        start = next.end;
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn range(start: usize, end: usize) -> Range {
        Range { start, end }
    }

    fn carved(region: Range, taken: &[Range]) -> Vec<(usize, usize)> {
        let mut parts = Vec::new();
        carve(region, taken, &mut |start, end| parts.push((start, end)));
        parts
    }

    #[test]
    fn what_is_taken_is_left_out_in_any_order() {
        let taken = [range(0x2_0000, 0x2_1000), FIRMWARE, range(0x8000, 0x9000)];
        assert_eq!(
            carved(range(0, 0x9_fc00), &taken),
            [(0x1000, 0x8000), (0x9000, 0x2_0000), (0x2_1000, 0x9_f000)]
        );
    }

    #[test]
    fn overlapping_and_covering_ranges() {
        assert_eq!(carved(range(0x1000, 0x4000), &[range(0, 0x8000)]), []);
        assert_eq!(
            carved(range(0x1000, 0x9000), &[range(0x2000, 0x5000), range(0x3000, 0x6000)]),
            [(0x1000, 0x2000), (0x6000, 0x9000)]
        );
        assert_eq!(carved(range(0x10_0000, 0x20_0000), &[FIRMWARE]), [(0x10_0000, 0x20_0000)]);
        assert_eq!(carved(range(0x1000, 0x1000), &[]), []);
    }

    #[test]
    fn regions_are_ram_below_the_limit() {
        let entry = |address, bytes, kind| MapEntry { address, bytes, kind, reserved: 0 };
        let map = [
            entry(0, 0x9_fc00, 1),
            entry(0x9_fc00, 0x400, 2),
            entry(0x10_0000, 0xf0_0000, 1),
            entry(HIGHEST as u64 - 4096, u64::MAX, 1),
            entry(HIGHEST as u64, 4096, 1),
        ];
        assert!(regions(&map).eq([
            range(0, 0x9_fc00),
            range(0x10_0000, 0x100_0000),
            range(HIGHEST - 4096, HIGHEST)
        ]));
    }
}
