//! Where a PCI function's registers are, and giving them a place where firmware has not (PCI Local Bus 3.0, 6.2.5.1).
//!
//! SeaBIOS and OVMF assign addresses; qboot, which boots faster, leaves them zero.

use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_platform::{PciFunction, Platform};

const COMMAND: u16 = 0x04;
const COMMAND_DECODES: u32 = 0b011;
const FIRST_BAR: u16 = 0x10;
const IS_PORT: u32 = 1;
const KIND: u32 = 0b110;
const KIND_64_BIT: u32 = 0b100;

/// The end of the hole that PC chipsets leave for PCI below the I/O APIC. Firmware that assigns addresses at all
/// assigns them all, so what is taken here is nobody else's.
static NEXT: AtomicU32 = AtomicU32::new(0xfe00_0000);
const END: u32 = 0xfec0_0000;

/// The address of memory BAR number `bar`; `None` for a port BAR, or if there is no room for it.
pub(crate) fn address<P: Platform>(platform: &P, function: PciFunction, bar: u8) -> Option<u64> {
    if bar > 5 {
        return None;
    }
    let register = FIRST_BAR + u16::from(bar) * 4;
    let low = platform.pci_read(function, register);
    if low & IS_PORT != 0 {
        return None;
    }
    let is_64_bit = low & KIND == KIND_64_BIT && bar < 5;
    let high = if is_64_bit { platform.pci_read(function, register + 4) } else { 0 };
    match u64::from(high) << 32 | u64::from(low & !0xf) {
        0 => assign(platform, function, register, is_64_bit).map(u64::from),
        address => Some(address),
    }
}

/// Finds a BAR's size and gives it an address.
fn assign<P: Platform>(platform: &P, function: PciFunction, register: u16, is_64_bit: bool) -> Option<u32> {
    // A BAR that shows its size must not answer at it.
    let command = platform.pci_read(function, COMMAND) & 0xffff;
    platform.pci_write(function, COMMAND, command & !COMMAND_DECODES);
    platform.pci_write(function, register, u32::MAX);
    let size = (!(platform.pci_read(function, register) & !0xf)).wrapping_add(1);
    let place = if size == 0 { None } else { take(size) };
    platform.pci_write(function, register, place.unwrap_or(0));
    if is_64_bit {
        platform.pci_write(function, register + 4, 0);
    }
    platform.pci_write(function, COMMAND, command);
    place
}

/// `size` bytes, a power of two, aligned to their size.
fn take(size: u32) -> Option<u32> {
    let align = |at: u32| at.checked_next_multiple_of(size).filter(|start| *start <= END - size);
    let fits = |at| if size <= END { align(at)?.checked_add(size) } else { None };
    NEXT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok().and_then(align)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_aligned_and_do_not_overlap() {
        let (first, second, third) = (take(0x1000).unwrap(), take(0x4000).unwrap(), take(0x1000).unwrap());
        assert!(first.is_multiple_of(0x1000) && second.is_multiple_of(0x4000));
        assert!(first + 0x1000 <= second && second + 0x4000 <= third);
        assert_eq!(take(0x8000_0000), None);
    }
}
