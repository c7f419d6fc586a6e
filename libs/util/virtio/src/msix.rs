//! MSI-X: one message for all queues of a function (PCI 3.0, 6.8.2; virtio 1.2, 4.1.5.1.2).

use kit_iface_irq::{Handler, Irq, Line};
use kit_iface_platform::{PciFunction, Platform};

const STATUS_AND_COMMAND: u16 = 0x04;
const CAPABILITIES: u16 = 0x34;
const BAR0: u16 = 0x10;
const ID_VENDOR: u8 = 0x09;
const ID_MSIX: u8 = 0x11;
const HAS_CAPABILITIES: u32 = 1 << 20;
const MSIX_ENABLE: u32 = 1 << 31;
const MSIX_MASK_ALL: u32 = 1 << 30;
const TABLE_ENTRY_BYTES: usize = 16;

/// Offset of the capability `id` for which `accept` holds.
fn capability<P: Platform>(
    platform: &P,
    at: PciFunction,
    id: u8,
    accept: impl Fn(u16) -> bool,
) -> Option<u16> {
    if platform.pci_read(at, STATUS_AND_COMMAND) & HAS_CAPABILITIES == 0 {
        return None;
    }
    let mut offset = (platform.pci_read(at, CAPABILITIES) & 0xfc) as u16;
    // A well-formed list has at most 48 entries: the space behind the header, in units of four bytes.
    for _ in 0..48 {
        if offset == 0 {
            return None;
        }
        let header = platform.pci_read(at, offset);
        if header as u8 == id && accept(offset) {
            return Some(offset);
        }
        offset = (header >> 8 & 0xfc) as u16;
    }
    None
}

/// Address of a memory BAR.
fn bar_address<P: Platform>(platform: &P, at: PciFunction, index: u32) -> u64 {
    let register = BAR0 + 4 * index as u16;
    let low = platform.pci_read(at, register);
    let is_64_bit = low & 0b110 == 0b100;
    let high = if is_64_bit { platform.pci_read(at, register + 4) } else { 0 };
    u64::from(high) << 32 | u64::from(low & !0xf)
}

/// Routes entry 0 of the function's MSI-X table to `handler` and enables MSI-X.
pub(crate) fn enable<P: Platform, I: Irq>(
    platform: &P,
    irq: &I,
    at: PciFunction,
    handler: Handler,
) -> Option<()> {
    let offset = capability(platform, at, ID_MSIX, |_| true)?;
    let table = platform.pci_read(at, offset + 4);
    let address = bar_address(platform, at, table & 7) + u64::from(table & !7);
    let entry = platform.map_device(address, TABLE_ENTRY_BYTES)? as *mut u32;
    let message = irq.attach(Line::Message, handler).ok()?;
    // SAFETY: the table lies in a BAR of this function and was mapped on the lines above; an entry is four words.
    unsafe {
        entry.write_volatile(message.address as u32);
        entry.add(1).write_volatile((message.address >> 32) as u32);
        entry.add(2).write_volatile(message.data);
        entry.add(3).write_volatile(0);
    }
    let control = platform.pci_read(at, offset);
    platform.pci_write(at, offset, control & !MSIX_MASK_ALL | MSIX_ENABLE);
    Some(())
}

/// The mapped common configuration structure (virtio 1.2, 4.1.4.3): where queues learn their MSI-X entry.
pub(crate) fn common_configuration<P: Platform>(platform: &P, at: PciFunction) -> Option<usize> {
    const COMMON: u32 = 1;
    let offset = capability(platform, at, ID_VENDOR, |offset| platform.pci_read(at, offset) >> 24 == COMMON)?;
    let bar = platform.pci_read(at, offset + 4) & 0xff;
    let address = bar_address(platform, at, bar) + u64::from(platform.pci_read(at, offset + 8));
    platform.map_device(address, platform.pci_read(at, offset + 12) as usize)
}
