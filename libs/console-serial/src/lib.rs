//! A console on COM1, a 16550 (PC16550D data sheet, section 8).
//!
//! Output waits for the transmitter and takes no lock, so that a fault handler can use it in the middle of
//! anything. Input is armed by the first reader: an interrupt per arrival fills a ring.
//!
//! A serial line has no end of file and every byte is data, so the input is framed: 0x04 (EOT) ends it and
//! 0x10 (DLE) makes the next byte plain data. `kit run` encodes what it forwards accordingly; a person who types
//! into a terminal on the line gets Ctrl-D and Ctrl-P.
#![no_std]
#![deny(missing_docs)]

mod input;
mod registers;

use core::sync::atomic::{AtomicBool, Ordering};
use input::Input;
use kit_iface_console::{Console, ConsoleError};
use kit_iface_irq::{Handler, Irq, Line};
use kit_util_sync::IrqLock;

/// COM1's pin at the interrupt controller (ISA IRQ 4, edge-triggered).
const LINE: Line = Line::Pin { number: 4, level: false };

/// The console on COM1.
pub struct Serial<I: Irq> {
    irq: &'static I,
    is_set_up: AtomicBool,
    is_armed: AtomicBool,
    input: IrqLock<Input>,
}

impl<I: Irq> Serial<I> {
    /// COM1, with its interrupt at `irq`. Touches nothing yet.
    pub const fn new(irq: &'static I) -> Self {
        Self {
            irq,
            is_set_up: AtomicBool::new(false),
            is_armed: AtomicBool::new(false),
            input: IrqLock::new(Input::new()),
        }
    }

    #[inline]
    fn set_up(&self) {
        if !self.is_set_up.load(Ordering::Relaxed) {
            self.is_set_up.store(true, Ordering::Relaxed);
            registers::set_up();
        }
    }

    fn key(&self) -> usize {
        &raw const self.input as usize
    }

    /// Interrupt handler; `data` is the address of the lock around the input.
    fn interrupt(data: usize) {
        // SAFETY: `input_key` passes the address of the field `input` of a static.
        let input = unsafe { &*(data as *const IrqLock<Input>) };
        input.lock().take_from(registers::receive);
        kit_iface_sched::wake(data, usize::MAX);
    }
}

impl<I: Irq> Console for Serial<I> {
    fn write(&self, bytes: &[u8]) {
        self.set_up();
        registers::transmit(bytes);
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, ConsoleError> {
        self.set_up();
        let mut input = self.input.lock();
        // Also with interrupts: bytes that found the ring full are still in the device.
        input.take_from(registers::receive);
        let result = input.read(buffer);
        input.take_from(registers::receive);
        result
    }

    fn is_readable(&self) -> bool {
        self.set_up();
        let mut input = self.input.lock();
        input.take_from(registers::receive);
        input.is_readable()
    }

    fn input_key(&self) -> usize {
        if !self.is_armed.swap(true, Ordering::Relaxed) {
            self.set_up();
            let handler = Handler { function: Self::interrupt, data: self.key() };
            if self.irq.attach(LINE, handler).is_ok() {
                registers::enable_receive_interrupt();
            }
        }
        self.key()
    }
}
