//! Virtio devices with registers in memory, as the loader names them on the command line:
//! `virtio_mmio.device=512@0xfeb00e00:12` (Linux, Documentation/admin-guide/kernel-parameters.txt). QEMU's microvm
//! names all its slots, empty ones too; an empty slot's device type is zero.

use crate::boot;
use kit_iface_irq::Line;
use kit_iface_platform::VirtioDevice;
use kit_util_cmdline::{Token, tokens};

/// "virt", the first register (virtio 1.2, 4.2.2).
const MAGIC: u32 = 0x7472_6976;
const DEVICE_TYPE: usize = 8;

/// Visits the devices of `device_type`; true if a visit said that it is enough.
pub(super) fn find(device_type: u16, visit: &mut dyn FnMut(VirtioDevice) -> bool) -> bool {
    tokens(boot::command_line()).any(|token| {
        let Token::Device(specification) = token else { return false };
        let Some(Slot { bytes, address, pin }) = parse(specification) else { return false };
        let Some(base) = boot::map_device(address, bytes) else { return false };
        // SAFETY: `map_device` mapped the registers; reading these two has no effect.
        let (magic, found) = unsafe {
            ((base as *const u32).read_volatile(), ((base + DEVICE_TYPE) as *const u32).read_volatile())
        };
        // Level-triggered: the device holds the pin until its interrupt status is acknowledged.
        let line = Line::Pin { number: pin, level: true };
        magic == MAGIC && found == device_type.into() && visit(VirtioDevice::Mmio { base, bytes, line })
    })
}

#[derive(Debug, PartialEq, Eq)]
struct Slot {
    bytes: usize,
    address: u64,
    pin: u32,
}

/// `SIZE@ADDRESS:PIN[:ID]`; numbers may be hexadecimal, the size may end in K or M.
fn parse(specification: &[u8]) -> Option<Slot> {
    let (bytes, rest) = number(specification)?;
    let (unit, rest) = match rest.first()? {
        b'K' => (1 << 10, &rest[1..]),
        b'M' => (1 << 20, &rest[1..]),
        _ => (1, rest),
    };
    let (address, rest) = number(rest.strip_prefix(b"@")?)?;
    let (pin, _id) = number(rest.strip_prefix(b":")?)?;
    let bytes = usize::try_from(bytes.checked_mul(unit)?).ok().filter(|bytes| *bytes >= 0x100)?;
    Some(Slot { bytes, address, pin: pin.try_into().ok()? })
}

/// The number at the front of `text`, and what follows it.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let (base, text) = match text.strip_prefix(b"0x") {
        Some(rest) => (16, rest),
        None => (10, text),
    };
    let digit = |byte: &u8| (*byte as char).to_digit(base);
    let end = text.iter().position(|byte| digit(byte).is_none()).unwrap_or(text.len());
    let mut value = (end > 0).then_some(0u64)?;
    for byte in &text[..end] {
        value = value.checked_mul(base.into())?.checked_add(digit(byte)?.into())?;
    }
    Some((value, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_qemu_and_firecracker_write() {
        assert_eq!(parse(b"512@0xfeb00e00:12"), Some(Slot { bytes: 512, address: 0xfeb0_0e00, pin: 12 }));
        assert_eq!(parse(b"4K@0xd0000000:5"), Some(Slot { bytes: 4096, address: 0xd000_0000, pin: 5 }));
        assert_eq!(parse(b"0x200@3489660928:5:1"), Some(Slot { bytes: 512, address: 3_489_660_928, pin: 5 }));
    }

    #[test]
    fn what_is_not_a_slot() {
        for text in [
            &b""[..],
            b"512",
            b"512@",
            b"512@0x:5",
            b"512@0xfeb00e00",
            b"512@0xfeb00e00:",
            b"@0xfeb00e00:5",
            b"512K",
            b"4@0xfeb00e00:5",
            b"99999999999999999999@0:5",
            b"512@0xfeb00e00:99999999999",
            b"18446744073709551615M@0:1",
        ] {
            assert_eq!(parse(text), None, "{:?}", core::str::from_utf8(text));
        }
    }
}
