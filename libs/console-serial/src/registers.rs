//! The registers of the 16550 at COM1, and the only `unsafe` of this library beside the handler's pointer.

use kit_util_x86::Port;

const BASE: u16 = 0x3f8;
/// Bytes that the transmitter takes once it says that it is empty.
const FIFO_BYTES: usize = 16;
const LSR_DATA_READY: u8 = 1 << 0;
const LSR_TRANSMITTER_EMPTY: u8 = 1 << 5;

fn register(offset: u16) -> Port<u8> {
    // SAFETY: the ports of COM1 only move bytes and set modes; they touch no memory.
    unsafe { Port::new(BASE + offset) }
}

/// 115200 baud, 8 data bits, no parity, FIFOs on, interrupts off.
pub(crate) fn set_up() {
    const LCR_DIVISOR: u8 = 1 << 7;
    const LCR_8N1: u8 = 3;
    const FCR_ENABLE: u8 = 1;
    register(3).write(LCR_DIVISOR);
    register(0).write(1);
    register(1).write(0);
    register(3).write(LCR_8N1);
    register(2).write(FCR_ENABLE);
    register(1).write(0);
}

/// Sends `bytes`, a FIFO's worth at a time.
pub(crate) fn transmit(bytes: &[u8]) {
    for part in bytes.chunks(FIFO_BYTES) {
        while register(5).read() & LSR_TRANSMITTER_EMPTY == 0 {
            core::hint::spin_loop();
        }
        for byte in part {
            register(0).write(*byte);
        }
    }
}

/// The oldest byte that has arrived.
pub(crate) fn receive() -> Option<u8> {
    (register(5).read() & LSR_DATA_READY != 0).then(|| register(0).read())
}

/// Interrupts on arrival. OUT2 connects the device to the line on PCs.
pub(crate) fn enable_receive_interrupt() {
    const MCR_DTR_RTS_OUT2: u8 = 0b1011;
    const IER_RECEIVED: u8 = 1;
    register(4).write(MCR_DTR_RTS_OUT2);
    register(1).write(IER_RECEIVED);
}
