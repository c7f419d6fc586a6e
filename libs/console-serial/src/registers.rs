//! The device's registers.

use kit_util_x86::Port;

/// Offsets from the first register.
pub mod offset {
    /// Received byte, or byte to send.
    pub const DATA: u8 = 0;
    /// Which events interrupt.
    pub const INTERRUPT_ENABLE: u8 = 1;
    /// Modem control.
    pub const MODEM_CONTROL: u8 = 4;
    /// State of receiver and transmitter.
    pub const LINE_STATUS: u8 = 5;
}

/// Line status: a received byte is waiting.
pub(crate) const DATA_READY: u8 = 1;
/// Line status: the transmitter takes a byte.
pub(crate) const TRANSMITTER_EMPTY: u8 = 1 << 5;
/// Interrupt enable: when a byte has been received.
pub(crate) const ON_RECEIVE: u8 = 1;
/// Modem control: ready signals, and OUT2, which on a PC connects the device to its interrupt line.
pub(crate) const READY_AND_CONNECTED: u8 = 0b1011;

/// Access to the registers of one device.
pub trait Registers: Sync + 'static {
    /// Reads the register at `offset`.
    fn read(offset: u8) -> u8;
    /// Writes the register at `offset`.
    fn write(offset: u8, value: u8);
}

/// The first serial port of a PC.
pub struct Com1;

const BASE: u16 = 0x3f8;

fn port(offset: u8) -> Port<u8> {
    // SAFETY: the eight ports of the first serial port, or none: the offsets above stay below eight. They
    // touch no memory.
    unsafe { Port::new(BASE + u16::from(offset & 7)) }
}

impl Registers for Com1 {
    #[inline]
    fn read(offset: u8) -> u8 {
        port(offset).read()
    }

    #[inline]
    fn write(offset: u8, value: u8) {
        port(offset).write(value);
    }
}
