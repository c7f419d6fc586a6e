//! The PCI transport (4.1).
//!
//! virtio-drivers has one, but it neither routes interrupts nor lets others do it, and it reads two registers for
//! each notification, each of them a trip to the hypervisor; this one looks doorbells up once.

use crate::bars;
use crate::registers::Registers;
use kit_iface_irq::Message;
use kit_iface_platform::{PciFunction, Platform};

const COMMAND: u16 = 0x04;
const COMMAND_MEMORY_AND_MASTER: u32 = 0x06;
const STATUS_HAS_CAPABILITIES: u32 = 0x10_0000;
const CAPABILITIES: u16 = 0x34;
const CAPABILITY_VENDOR: u8 = 0x09;
const CAPABILITY_MSIX: u8 = 0x11;
const MSIX_ENABLE: u32 = 1 << 31;
const MSIX_MASK_ALL: u32 = 1 << 30;
/// No interrupt for this queue or event (4.1.5.1.2).
pub(crate) const NO_VECTOR: u16 = 0xffff;
/// 4.1.4: more than any device has; bounds the walk over a broken list.
const MOST_CAPABILITIES: usize = 48;

/// The parts of a virtio PCI function, mapped.
pub(crate) struct Parts {
    pub common: Registers,
    pub notify: Registers,
    pub notify_multiplier: u32,
    pub device: Option<Registers>,
    pub msix: Option<Msix>,
}

/// Its MSI-X capability (PCI Local Bus 3.0, 6.8.2).
#[derive(Clone, Copy)]
pub(crate) struct Msix {
    table: Registers,
    capability: u16,
}

/// Finds and maps everything; `None` if something that the standard demands is not there.
pub(crate) fn parts<P: Platform>(platform: &P, function: PciFunction) -> Option<Parts> {
    let command = platform.pci_read(function, COMMAND);
    if command & STATUS_HAS_CAPABILITIES == 0 {
        return None;
    }
    platform.pci_write(function, COMMAND, (command & 0xffff) | COMMAND_MEMORY_AND_MASTER);

    let (mut common, mut notify, mut device, mut msix) = (None, None, None, None);
    let mut at = platform.pci_read(function, CAPABILITIES) as u16 & 0xfc;
    for _ in 0..MOST_CAPABILITIES {
        if at == 0 {
            break;
        }
        let head = platform.pci_read(function, at);
        let word = |offset: u16| platform.pci_read(function, at + offset);
        match (head as u8, (head >> 24) as u8) {
            (CAPABILITY_VENDOR, kind) => {
                let part = || region(platform, function, word(4) as u8, word(8), word(12));
                match kind {
                    1 if common.is_none() => common = part(),
                    2 if notify.is_none() => notify = part().map(|registers| (registers, word(16))),
                    4 if device.is_none() => device = part(),
                    _ => {}
                }
            }
            (CAPABILITY_MSIX, _) => {
                let (place, entries) = (word(4), ((head >> 16) & 0x7ff) + 1);
                let table = region(platform, function, place as u8 & 7, place & !7, entries * 16);
                msix = table.map(|table| Msix { table, capability: at });
            }
            _ => {}
        }
        at = (head >> 8) as u16 & 0xfc;
    }
    let (notify, notify_multiplier) = notify?;
    Some(Parts { common: common?, notify, notify_multiplier, device, msix })
}

/// Maps `bytes` at `offset` of a memory BAR.
fn region<P: Platform>(
    platform: &P,
    function: PciFunction,
    bar: u8,
    offset: u32,
    bytes: u32,
) -> Option<Registers> {
    let address = bars::address(platform, function, bar)?;
    let base = platform.map_device(address + u64::from(offset), bytes as usize)?;
    // SAFETY: the platform maps device memory for good, and these bytes belong to this function alone.
    Some(unsafe { Registers::new(base, bytes as usize) })
}

impl Msix {
    /// Makes vector 0 send `message`, and turns MSI-X on.
    pub fn enable<P: Platform>(self, platform: &P, function: PciFunction, message: Message) {
        self.table.write(0, message.address as u32);
        self.table.write(4, (message.address >> 32) as u32);
        self.table.write(8, message.data);
        self.table.write(12, 0u32);
        let head = platform.pci_read(function, self.capability);
        platform.pci_write(function, self.capability, (head & !MSIX_MASK_ALL) | MSIX_ENABLE);
    }
}
