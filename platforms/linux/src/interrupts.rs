//! Descriptors as interrupt lines: an epoll instance is the interrupt controller.
//!
//! Lines are edge-triggered, like messages: a handler runs once for each arrival and need not drain the
//! descriptor. They are looked at when the processor would sleep and, while threads run, at each alarm.

use crate::alarm;
use core::sync::atomic::{AtomicI32, Ordering};
use kit_iface_irq::{Handler, Irq, IrqError, Line, Message};
use kit_util_linux::{EpollEvent, create_epoll, epoll_add, epoll_remove, epoll_wait_until, poll};
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
            alarm::begin_looks();
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

/// Waits until a line fires, an alarm comes, or `timeout_ns` passes (`None`: for ever). The caller runs the
/// handlers of the lines that have fired.
pub(crate) fn wait(timeout_ns: Option<u64>) -> Fired {
    let mut fired = Fired { events: [EpollEvent::default(); MOST_LINES], count: 0 };
    // An error (an alarm) is as good a reason to look around as an event.
    match controller() {
        Some(controller) => {
            fired.count = epoll_wait_until(controller, &mut fired.events, timeout_ns).unwrap_or(0);
        }
        None => _ = poll(&mut [], timeout_ns),
    }
    fired
}

/// Lines that have fired and whose handlers have not run yet.
pub(crate) struct Fired {
    events: [EpollEvent; MOST_LINES],
    count: usize,
}

impl Fired {
    /// Runs the handlers.
    pub(crate) fn serve(self) {
        for event in &self.events[..self.count] {
            let entry = LINES.lock()[event.data as usize % MOST_LINES];
            if let Some((_, handler)) = entry {
                (handler.function)(handler.data);
            }
        }
    }
}

/// Lines that have fired by now.
pub(crate) fn fired() -> Fired {
    if controller().is_some() { wait(Some(0)) } else { Fired { events: Default::default(), count: 0 } }
}

fn controller() -> Option<i32> {
    Some(CONTROLLER.load(Ordering::Relaxed)).filter(|controller| *controller >= 0)
}
