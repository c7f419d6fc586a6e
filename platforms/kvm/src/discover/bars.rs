//! Giving registers an address where firmware has not: qboot, which starts q35 fifty times faster than SeaBIOS,
//! leaves the base address registers (BARs) of PCI functions empty (PCI Local Bus 3.0, 6.2.5).

use super::pci::{read, write};
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_platform::PciFunction;

/// Where the hole for devices begins on pc and q35, however much memory they have, and where to stop.
const HOLE: u32 = 0xe000_0000;
const HOLE_END: u32 = 0xfe00_0000;

const FIRST: u16 = 0x10;
const COUNT: u16 = 6;
const IS_IO: u32 = 1;
const IS_64_BIT: u32 = 1 << 2;
/// The bits of a memory BAR that are no address.
const FLAGS: u32 = 0xf;

/// The next free address.
static NEXT: AtomicU32 = AtomicU32::new(HOLE);

/// Places those memory BARs of `function` that firmware has left empty.
pub(super) fn place(function: PciFunction) {
    let mut number = 0;
    while number < COUNT {
        let register = FIRST + 4 * number;
        let value = read(function, register);
        let is_memory = value & IS_IO == 0;
        let is_wide = is_memory && value & IS_64_BIT != 0;
        number += if is_wide { 2 } else { 1 };
        let is_high = is_wide && read(function, register + 4) != 0;
        if !is_memory || value & !FLAGS != 0 || is_high {
            continue;
        }
        // The bits that can be set tell the size; an absent BAR has none.
        write(function, register, u32::MAX);
        let bytes = size(read(function, register));
        let start = bytes.and_then(|bytes| place_at(NEXT.load(Ordering::Relaxed), bytes));
        if let (Some(start), Some(bytes)) = (start, bytes) {
            NEXT.store(start + bytes, Ordering::Relaxed);
        }
        write(function, register, start.unwrap_or(0));
    }
}

/// The size that a BAR tells after all ones were written to it.
fn size(answer: u32) -> Option<u32> {
    let mask = answer & !FLAGS;
    (mask != 0).then(|| mask & mask.wrapping_neg())
}

/// The lowest aligned place from `next` on.
fn place_at(next: u32, bytes: u32) -> Option<u32> {
    let start = next.checked_next_multiple_of(bytes)?;
    (start.checked_add(bytes)? <= HOLE_END).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_devices_tell_them() {
        assert_eq!(size(0xffff_f000), Some(0x1000));
        assert_eq!(size(0xffff_c00c), Some(0x4000));
        assert_eq!(size(0), None);
        assert_eq!(size(0xc), None);
    }

    #[test]
    fn places_are_aligned_and_in_the_hole() {
        assert_eq!(place_at(HOLE, 0x4000), Some(HOLE));
        assert_eq!(place_at(HOLE + 0x1000, 0x4000), Some(HOLE + 0x4000));
        assert_eq!(place_at(HOLE_END - 0x1000, 0x4000), None);
        assert_eq!(place_at(HOLE_END - 0x1000, 0x1000), Some(HOLE_END - 0x1000));
        assert_eq!(place_at(0xffff_f000, 0x8000_0000), None);
    }
}
