//! The interrupt controllers: `local`, one per processor, and `io`, which has the pins of devices.
//!
//! Neither is touched, and no interrupt code is even linked, before the first handler is attached or the first
//! deadline is set.

mod io;
pub(crate) mod local;

use kit_arch_x86_64::InterruptFrame;
use kit_arch_x86_64::traps::{self, FIRST_INTERRUPT, VECTORS};
use kit_iface_irq::{Handler, Irq, IrqError, Line, Message};
use kit_iface_platform::hooks;
use kit_util_sync::IrqLock;

/// Vector of the timer; devices follow.
pub(crate) const TIMER_VECTOR: u8 = FIRST_INTERRUPT;
/// Vector that a controller raises when an interrupt vanished meanwhile; wants no acknowledgement. Its low four
/// bits are ones, as old controllers fix them (SDM volume 3, 11.9).
pub(crate) const SPURIOUS_VECTOR: u8 = VECTORS as u8 - 1;

/// How many handlers there may be: one per vector below the spurious one.
const MOST_HANDLERS: usize = (SPURIOUS_VECTOR - FIRST_INTERRUPT) as usize;

/// A vector's line and handler. Free ones are all zero, so that the table needs no room in the image's file.
#[derive(Clone, Copy)]
struct Attached {
    function: Option<fn(usize)>,
    data: usize,
    line: Line,
}

const FREE: Attached = Attached { function: None, data: 0, line: Line::Pin { number: 0, level: false } };

/// Indexed by vector; the first is the timer's.
static ATTACHED: IrqLock<[Attached; MOST_HANDLERS]> = IrqLock::new([FREE; MOST_HANDLERS]);

/// Gives the timer's vector to `function`.
pub(crate) fn attach_timer(function: fn(usize)) {
    let [timer, ..] = &mut *ATTACHED.lock();
    timer.function = Some(function);
}

/// The platform's handler of interrupts.
pub(crate) struct Controllers;

impl traps::Interrupts for Controllers {
    extern "C" fn interrupt(frame: &mut InterruptFrame) {
        if frame.vector as u8 != SPURIOUS_VECTOR {
            let index = frame.vector.wrapping_sub(FIRST_INTERRUPT.into());
            let attached = ATTACHED.lock().get(index).copied();
            if let Some(Attached { function: Some(function), data, .. }) = attached {
                function(data);
            }
            local::end_of_interrupt();
        }
        // SAFETY: this is the frame that the entry code saved; interrupts are masked, and acknowledged.
        unsafe { hooks::interrupt_return((&raw mut *frame).cast()) }
    }
}

/// Local APIC and I/O APIC.
pub struct Interrupts(());

impl Interrupts {
    /// The machine's controllers. One static, made by the composed root.
    pub const fn new() -> Self {
        Self(())
    }
}

impl Irq for Interrupts {
    fn attach(&self, line: Line, handler: Handler) -> Result<Message, IrqError> {
        if !matches!(line, Line::Pin { .. } | Line::Message) {
            return Err(IrqError::NoSuchLine);
        }
        let mut attached = ATTACHED.lock();
        let (_timer, devices) = attached.split_at_mut(1);
        if line != Line::Message && devices.iter().any(|other| other.serves(line)) {
            return Err(IrqError::Busy);
        }
        let free = devices.iter_mut().zip(TIMER_VECTOR + 1..).find(|(place, _)| place.function.is_none());
        let (place, vector) = free.ok_or(IrqError::Exhausted)?;
        let processor = local::enable();
        let mut message = Message::default();
        match line {
            Line::Pin { number, level } => io::route(number, vector, level, processor)?,
            // SDM volume 3, 11.11: fixed delivery, edge-triggered.
            _ => {
                message = Message {
                    address: local::BASE as u64 | u64::from(processor) << 12,
                    data: u32::from(vector),
                }
            }
        }
        *place = Attached { function: Some(handler.function), data: handler.data, line };
        Ok(message)
    }

    fn detach(&self, line: Line) {
        let mut attached = ATTACHED.lock();
        let (_timer, devices) = attached.split_at_mut(1);
        // Messages carry no name: the device's own table is where they are masked.
        if let Line::Pin { number, .. } = line
            && let Some(place) = devices.iter_mut().find(|place| place.serves(line))
        {
            io::mask(number);
            *place = FREE;
        }
    }
}

impl Attached {
    fn serves(&self, line: Line) -> bool {
        let is_same = match (self.line, line) {
            (Line::Pin { number: one, .. }, Line::Pin { number: other, .. }) => one == other,
            (one, other) => one == other,
        };
        self.function.is_some() && is_same
    }
}
