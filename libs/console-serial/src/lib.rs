//! The console on a PC's first serial port, a 16550.
//!
//! * Output is written as it is, byte by byte, each as soon as the transmitter takes it; no lock, so fault
//!   handlers may print.
//! * Input is a ring that the receive interrupt fills. The interrupt is armed when somebody first waits for
//!   input; before that, a read looks at the device.
//! * The wire also says where input ends, in the two codes of [`kit_util_wire`].
//!
//! Reference: National Semiconductor PC16550D datasheet, section 8.
#![no_std]
#![deny(missing_docs)]

mod input;
mod registers;

pub use registers::{Com1, Registers};

use core::marker::PhantomData;
use input::Input;
use kit_iface_console::{Console, ConsoleError};
use kit_iface_irq::{Handler, Irq, Line};
use kit_util_sync::IrqLock;
use registers::{TRANSMITTER_EMPTY, offset};

/// The interrupt of the first serial port: pin 4 on every PC, edge-triggered.
const LINE: Line = Line::Pin { number: 4, level: false };

/// What has been received. One, as there is one first serial port; also the key that readers wait on.
static INPUT: IrqLock<Input> = IrqLock::new(Input::new());

/// The console. `R` is where its registers are; tests put a pretended device there.
pub struct Serial<I: Irq, R: Registers = Com1> {
    irq: &'static I,
    registers: PhantomData<R>,
}

impl<I: Irq, R: Registers> Serial<I, R> {
    /// The console, whose input will interrupt through `irq`. One static, made by the composed root.
    pub const fn new(irq: &'static I) -> Self {
        Self { irq, registers: PhantomData }
    }
}

impl<I: Irq, R: Registers> Console for Serial<I, R> {
    fn write(&self, bytes: &[u8]) {
        for byte in bytes {
            while R::read(offset::LINE_STATUS) & TRANSMITTER_EMPTY == 0 {
                core::hint::spin_loop();
            }
            R::write(offset::DATA, *byte);
        }
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, ConsoleError> {
        let mut input = INPUT.lock();
        let count = input.read(buffer);
        // Taking bytes has made room for what the device still holds.
        input.receive::<R>();
        match count {
            0 if buffer.is_empty() => Ok(0),
            0 => match input.read(buffer) {
                0 if input.has_ended() => Err(ConsoleError::EndOfInput),
                0 => Err(ConsoleError::WouldBlock),
                count => Ok(count),
            },
            count => Ok(count),
        }
    }

    fn is_readable(&self) -> bool {
        let mut input = INPUT.lock();
        input.receive::<R>();
        input.is_readable()
    }

    fn input_key(&self) -> usize {
        let is_first = INPUT.lock().arm();
        if is_first {
            // Without an interrupt line readers would wait for ever; every PC has this one, and it is ours.
            let attached = self.irq.attach(LINE, Handler { function: received::<R>, data: 0 });
            debug_assert!(attached.is_ok());
            INPUT.lock().receive::<R>();
        }
        key()
    }
}

fn key() -> usize {
    &raw const INPUT as usize
}

/// The receive interrupt.
fn received<R: Registers>(_data: usize) {
    INPUT.lock().receive::<R>();
    kit_iface_sched::wake(key(), usize::MAX);
}
