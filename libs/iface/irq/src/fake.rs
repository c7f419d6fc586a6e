//! A controller whose lines a test raises by hand.

use crate::{Handler, Irq, IrqError, Line, Message};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

/// `LINES` lines of any kind; the first that is attached takes the first place, and so on.
pub struct FakeIrq<const LINES: usize> {
    entries: UnsafeCell<[Option<(Line, Handler)>; LINES]>,
    is_busy: AtomicBool,
}

// SAFETY: `entries` is only touched in `with`, which one caller at a time is in.
unsafe impl<const LINES: usize> Sync for FakeIrq<LINES> {}

impl<const LINES: usize> FakeIrq<LINES> {
    /// No line is attached.
    pub const fn new() -> Self {
        Self { entries: UnsafeCell::new([None; LINES]), is_busy: AtomicBool::new(false) }
    }

    /// Runs the handler of `line`, as its interrupt would. Returns whether there was one.
    pub fn raise(&self, line: Line) -> bool {
        let find = |entries: &mut [Option<(Line, Handler)>; LINES]| {
            entries.iter().flatten().find(|(other, _)| *other == line).map(|(_, handler)| *handler)
        };
        let handler = self.with(find);
        if let Some(handler) = handler {
            (handler.function)(handler.data);
        }
        handler.is_some()
    }

    fn with<R>(&self, body: impl FnOnce(&mut [Option<(Line, Handler)>; LINES]) -> R) -> R {
        while self.is_busy.swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        // SAFETY: `is_busy` was clear, and is set until the reference is gone.
        let result = body(unsafe { &mut *self.entries.get() });
        self.is_busy.store(false, Ordering::Release);
        result
    }
}

impl<const LINES: usize> Irq for FakeIrq<LINES> {
    fn attach(&self, line: Line, handler: Handler) -> Result<Message, IrqError> {
        self.with(|entries| {
            let is_taken = entries.iter().flatten().any(|(other, _)| *other == line);
            if is_taken && line != Line::Message {
                return Err(IrqError::Busy);
            }
            let place = entries.iter().position(Option::is_none).ok_or(IrqError::Exhausted)?;
            entries[place] = Some((line, handler));
            let message = Message { address: 0xfee0_0000, data: place as u32 };
            Ok(if line == Line::Message { message } else { Message::default() })
        })
    }

    fn detach(&self, line: Line) {
        self.with(|entries| {
            for entry in entries {
                if entry.is_some_and(|(other, _)| other == line) {
                    *entry = None;
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_the_suite() {
        let irq = FakeIrq::<1>::new();
        let line = Line::Pin { number: 5, level: false };
        let mut raise = || _ = irq.raise(line);
        crate::conformance::check(&irq, crate::conformance::Raisable { line, raise: &mut raise });
        let nothing = Handler { function: |_| {}, data: 0 };
        irq.attach(line, nothing).unwrap();
        assert_eq!(irq.attach(Line::Descriptor(1), nothing), Err(IrqError::Exhausted));
        assert!(!irq.raise(Line::Descriptor(1)));
    }
}
