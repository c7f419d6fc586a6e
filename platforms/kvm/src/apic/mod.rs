//! The interrupt controllers: `local`, one per processor, and `io`, which has the pins of devices.
//!
//! Neither is touched before the first handler is attached or the first deadline is set.

mod io;
pub(crate) mod local;

use crate::traps::{SPURIOUS_VECTOR, TIMER_VECTOR};
use kit_iface_irq::{Handler, Irq, IrqError, Line, Message};
use kit_util_sync::IrqLock;

/// The first vector of devices.
const FIRST_VECTOR: u8 = TIMER_VECTOR + 1;
/// How many handlers there may be.
const MOST_HANDLERS: usize = (SPURIOUS_VECTOR - FIRST_VECTOR) as usize;

#[derive(Clone, Copy)]
struct Attached {
    line: Line,
    handler: Handler,
}

/// Indexed by vector.
static ATTACHED: IrqLock<[Option<Attached>; MOST_HANDLERS]> = IrqLock::new([None; MOST_HANDLERS]);

/// Runs the handler of `vector`, in its interrupt.
pub(crate) fn dispatch(vector: u8) {
    let index = usize::from(vector).wrapping_sub(usize::from(FIRST_VECTOR));
    let attached = ATTACHED.lock().get(index).copied().flatten();
    if let Some(Attached { handler, .. }) = attached {
        (handler.function)(handler.data);
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
        if line != Line::Message && attached.iter().flatten().any(|other| is_same(other.line, line)) {
            return Err(IrqError::Busy);
        }
        let free = attached.iter_mut().zip(FIRST_VECTOR..).find(|(place, _)| place.is_none());
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
        *place = Some(Attached { line, handler });
        Ok(message)
    }

    fn detach(&self, line: Line) {
        let mut attached = ATTACHED.lock();
        // Messages carry no name: the device's own table is where they are masked.
        let same = |place: &&mut Option<Attached>| place.is_some_and(|other| is_same(other.line, line));
        if let Some(place) = attached.iter_mut().find(same) {
            *place = None;
            if let Line::Pin { number, .. } = line {
                io::mask(number);
            }
        }
    }
}

fn is_same(one: Line, other: Line) -> bool {
    match (one, other) {
        (Line::Pin { number: one, .. }, Line::Pin { number: other, .. }) => one == other,
        _ => one == other,
    }
}
