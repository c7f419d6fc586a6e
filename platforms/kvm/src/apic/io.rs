//! The I/O APIC: pins to vectors (Intel 82093AA datasheet, 3.1 and 3.2).
//!
//! Machines without ACPI tables cannot tell where it is; on every PC it is at the address below.

use crate::boot;
use kit_iface_irq::IrqError;

const BASE: usize = 0xfec0_0000;
const SELECT: usize = 0x00;
const WINDOW: usize = 0x10;

const VERSION: u32 = 1;
/// The low word of pin 0's entry; two words per pin.
const ENTRIES: u32 = 0x10;
const LEVEL: u32 = 1 << 15;
const MASKED: u32 = 1 << 16;

fn read(register: u32) -> u32 {
    // SAFETY: `route` has mapped the registers; callers hold the lock of `super`, so select and window pair.
    unsafe {
        ((BASE + SELECT) as *mut u32).write_volatile(register);
        ((BASE + WINDOW) as *const u32).read_volatile()
    }
}

fn write(register: u32, value: u32) {
    // SAFETY: as above; a redirection entry has no effect on memory.
    unsafe {
        ((BASE + SELECT) as *mut u32).write_volatile(register);
        ((BASE + WINDOW) as *mut u32).write_volatile(value);
    }
}

/// Routes `pin` to `vector` on `processor`, active high, and unmasks it.
pub(super) fn route(pin: u32, vector: u8, is_level: bool, processor: u8) -> Result<(), IrqError> {
    boot::map_device(BASE as u64, 4096).ok_or(IrqError::Exhausted)?;
    let highest_pin = read(VERSION) >> 16 & 0xff;
    // All ones: nobody answers.
    if pin > highest_pin || highest_pin == 0xff {
        return Err(IrqError::NoSuchLine);
    }
    let trigger = if is_level { LEVEL } else { 0 };
    write(ENTRIES + 2 * pin + 1, u32::from(processor) << 24);
    write(ENTRIES + 2 * pin, u32::from(vector) | trigger);
    Ok(())
}

/// Masks `pin`, which was routed.
pub(super) fn mask(pin: u32) {
    write(ENTRIES + 2 * pin, MASKED);
}
