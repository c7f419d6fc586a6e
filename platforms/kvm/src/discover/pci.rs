//! PCI by the two configuration ports (PCI Local Bus 3.0, 3.2.2.3.2), and the virtio functions on it.

use kit_iface_irq::masked;
use kit_iface_platform::{PciFunction, VirtioDevice};
use kit_util_x86::Port;

// SAFETY: the address of a configuration register; writing it has no other effect.
const ADDRESS: Port<u32> = unsafe { Port::new(0xcf8) };
// SAFETY: the configuration register that was addressed. Writing one can make a device read or write memory;
// drivers, who alone do that, own the memory that they name.
const DATA: Port<u32> = unsafe { Port::new(0xcfc) };

const ENABLE: u32 = 1 << 31;
const VIRTIO_VENDOR: u32 = 0x1af4;
/// Virtio 1.2, 4.1.2: the device of a modern function is this plus its type.
const FIRST_MODERN: u32 = 0x1040;
/// Header types: multi-function flag, and a bridge to another bus.
const MULTI_FUNCTION: u32 = 1 << 23;
const BRIDGE: u32 = 1;

fn select(function: PciFunction, register: u16) {
    let PciFunction { bus, device, function } = function;
    let place = u32::from(bus) << 16 | u32::from(device & 31) << 11 | u32::from(function & 7) << 8;
    ADDRESS.write(ENABLE | place | u32::from(register) & 0xfc);
}

/// See [`kit_iface_platform::Platform::pci_read`].
pub(crate) fn read(function: PciFunction, register: u16) -> u32 {
    masked(|| {
        select(function, register);
        DATA.read()
    })
}

/// See [`kit_iface_platform::Platform::pci_write`].
pub(crate) fn write(function: PciFunction, register: u16, value: u32) {
    masked(|| {
        select(function, register);
        DATA.write(value);
    });
}

/// Visits the functions of `device_type`, as [`super::mmio::find`] does.
pub(super) fn find(device_type: u16, visit: &mut dyn FnMut(VirtioDevice) -> bool) -> bool {
    // A machine without PCI has no register that remembers what was written.
    let is_there = masked(|| {
        ADDRESS.write(ENABLE);
        ADDRESS.read() == ENABLE
    });
    is_there && find_on_bus(0, device_type, visit)
}

fn find_on_bus(bus: u8, device_type: u16, visit: &mut dyn FnMut(VirtioDevice) -> bool) -> bool {
    for device in 0..32 {
        let mut functions = 1;
        let mut function = 0;
        while function < functions {
            let place = PciFunction { bus, device, function };
            function += 1;
            let identity = read(place, 0);
            if identity == u32::MAX {
                continue;
            }
            let header = read(place, 12);
            if header & MULTI_FUNCTION != 0 {
                functions = 8;
            }
            if header >> 16 & 0x7f == BRIDGE {
                let secondary = (read(place, 24) >> 8) as u8;
                // Firmware numbers the buses behind a bridge upwards; zero means that it has not.
                if secondary > bus && find_on_bus(secondary, device_type, visit) {
                    return true;
                }
            } else if is_virtio(place, identity, device_type) {
                super::bars::place(place);
                if visit(VirtioDevice::Pci(place)) {
                    return true;
                }
            }
        }
    }
    false
}

fn is_virtio(place: PciFunction, identity: u32, device_type: u16) -> bool {
    let (vendor, device) = (identity & 0xffff, identity >> 16);
    if vendor != VIRTIO_VENDOR {
        return false;
    }
    // A transitional function has an older number; its subsystem is the type (virtio 1.2, 4.1.2.3).
    let found = if device >= FIRST_MODERN { device - FIRST_MODERN } else { read(place, 44) >> 16 };
    found == device_type.into()
}
