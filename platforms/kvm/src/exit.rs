//! The end of the image, and the channel to `kit run`.
//!
//! The channel is port 0xe9, QEMU's `isa-debugcon`: lines of text, `exit N`, `fault KIND ADDRESS…` and
//! `share NAME ADDRESS BYTES` (hexadecimal). Where there is no such device nobody answers the port. Then the machine is switched off, by
//! whichever of the known ways it has.

use core::arch::asm;
use kit_iface_platform::EXIT_OUT_OF_MEMORY;
use kit_util_x86::Port;

// SAFETY: the debug console; it touches no memory.
const CHANNEL: Port<u8> = unsafe { Port::new(0xe9) };
// SAFETY: QEMU's isa-debug-exit, which ends QEMU.
const DEBUG_EXIT: Port<u32> = unsafe { Port::new(0xf4) };
// SAFETY: the ACPI power control of pc and q35.
const ACPI_PM1_CONTROL: Port<u16> = unsafe { Port::new(0x604) };
// SAFETY: the keyboard controller's command register; the commands written below touch no memory.
const KEYBOARD_CONTROLLER: Port<u8> = unsafe { Port::new(0x64) };
// SAFETY: the first serial port's data register; it touches no memory.
const SERIAL: Port<u8> = unsafe { Port::new(0x3f8) };

fn say(text: &[u8]) {
    for byte in text {
        CHANNEL.write(*byte);
    }
}

fn say_decimal(value: u8) {
    let [hundreds, tens, ones] = [value / 100, value / 10 % 10, value % 10];
    if hundreds > 0 {
        CHANNEL.write(b'0' + hundreds);
    }
    if value >= 10 {
        CHANNEL.write(b'0' + tens);
    }
    CHANNEL.write(b'0' + ones);
}

fn say_hexadecimal(value: usize) {
    let digits = (value.max(1).ilog2() / 4 + 1) as usize;
    for digit in (0..digits).rev() {
        CHANNEL.write(b"0123456789abcdef"[value >> (4 * digit) & 15]);
    }
}

/// See [`kit_iface_platform::Platform::report_fault`].
pub(crate) fn report_fault(kind: &str, addresses: &[usize]) {
    say(b"fault ");
    say(kind.as_bytes());
    for address in addresses {
        say(b" ");
        say_hexadecimal(*address);
    }
    say(b"\n");
}

/// See [`kit_iface_platform::Platform::share`]. The image's memory is where the tool thinks it is: all of it is mapped
/// at its own address. So to say where to look is enough.
pub(crate) fn share(name: &str, address: usize, bytes: usize) {
    say(b"share ");
    say(name.as_bytes());
    for number in [address, bytes] {
        say(b" ");
        say_hexadecimal(number);
    }
    say(b"\n");
}

/// See [`kit_iface_platform::Platform::exit`].
pub(crate) fn exit(status: u8) -> ! {
    say(b"exit ");
    say_decimal(status);
    say(b"\n");
    DEBUG_EXIT.write(status.into());
    // SLP_TYP 0 and SLP_EN: S5 on QEMU's pc and q35. It must be 16 bits wide.
    ACPI_PM1_CONTROL.write(0x2000);
    // Pulses the reset line; `-no-reboot` makes QEMU end.
    KEYBOARD_CONTROLLER.write(0xfe);
    // microvm has none of these: without gates an exception is a triple fault, which resets any machine.
    let no_gates = [0u64; 2];
    // SAFETY: nothing runs after this.
    unsafe { asm!("cli", "lidt [{}]", "int3", in(reg) &no_gates, options(readonly)) };
    kit_arch_x86_64::halt_forever()
}

/// Ends an image that cannot start for want of memory, before there is anything to say it with.
#[cold]
pub(crate) fn without_memory(why: &str) -> ! {
    for part in ["kit: cannot start: ", why, "\n"] {
        for byte in part.as_bytes() {
            SERIAL.write(*byte);
        }
    }
    exit(EXIT_OUT_OF_MEMORY)
}
