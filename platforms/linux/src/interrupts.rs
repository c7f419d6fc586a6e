//! Descriptors as interrupt lines: an epoll instance is the interrupt controller.
//!
//! Lines are edge-triggered, like messages: a handler runs once for each arrival and need not drain the
//! descriptor. They are looked at when the processor would sleep and, while threads run, at each alarm.

use core::sync::atomic::{AtomicI32, Ordering};
use kit_iface_irq::{Handler, Irq, IrqError, Line, Message};
use kit_util_linux::{EpollEvent, create_epoll, epoll_add, epoll_remove, epoll_wait};
use kit_util_sync::IrqLock;

const MOST_LINES: usize = 16;

/// The epoll instance, made when the first line is attached; −1 until then.
static CONTROLLER: AtomicI32 = AtomicI32::new(-1);
static LINES: IrqLock<[Option<(i32, Handler)>; MOST_LINES]> = IrqLock::new([None; MOST_LINES]);

/// The interrupt controller of the process: lines of kind [`Line::Descriptor`].
pub struct Interrupts;

impl Interrupts {
    /// The controller.
    pub const fn new() -> Self {
        Self
    }
}

impl Irq for Interrupts {
    fn attach(&self, line: Line, handler: Handler) -> Result<Message, IrqError> {
        let Line::Descriptor(descriptor) = line else { return Err(IrqError::NoSuchLine) };
        let mut lines = LINES.lock();
        if lines.iter().flatten().any(|(other, _)| *other == descriptor) {
            return Err(IrqError::Busy);
        }
        let Some(slot) = lines.iter().position(Option::is_none) else { return Err(IrqError::Exhausted) };
        if CONTROLLER.load(Ordering::Relaxed) < 0 {
            CONTROLLER.store(create_epoll().map_err(|_| IrqError::Exhausted)?, Ordering::Relaxed);
        }
        let event = EpollEvent { events: (libc::EPOLLIN | libc::EPOLLET) as u32, data: slot as u64 };
        epoll_add(CONTROLLER.load(Ordering::Relaxed), descriptor, event).map_err(|_| IrqError::NoSuchLine)?;
        lines[slot] = Some((descriptor, handler));
        Ok(Message::default())
    }

    fn detach(&self, line: Line) {
        let Line::Descriptor(descriptor) = line else { return };
        let mut lines = LINES.lock();
        let is_it = |entry: &&mut Option<(i32, Handler)>| entry.is_some_and(|(other, _)| other == descriptor);
        if let Some(entry) = lines.iter_mut().find(is_it) {
            *entry = None;
            let _ = epoll_remove(CONTROLLER.load(Ordering::Relaxed), descriptor);
        }
    }
}

/// The descriptor that becomes readable when a line fires, if any line was ever attached.
pub(crate) fn controller() -> Option<i32> {
    Some(CONTROLLER.load(Ordering::Relaxed)).filter(|controller| *controller >= 0)
}

/// Runs the handlers of all lines that have fired.
pub(crate) fn serve() {
    let Some(controller) = controller() else { return };
    let mut events = [EpollEvent::default(); MOST_LINES];
    let count = epoll_wait(controller, &mut events).unwrap_or(0);
    for event in &events[..count] {
        let entry = LINES.lock()[event.data as usize % MOST_LINES];
        if let Some((_, handler)) = entry {
            (handler.function)(handler.data);
        }
    }
}
