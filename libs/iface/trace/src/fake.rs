//! A recorder that keeps events for a test, and one that must never be asked.

use crate::{Event, Trace};
use core::cell::Cell;

/// Hands every event to a function.
pub struct FakeTrace(pub fn(Event));

impl Trace for FakeTrace {
    const IS_ON: bool = true;

    fn record(&self, event: Event) {
        (self.0)(event);
    }
}

/// Is off: being asked is a bug.
pub struct Off;

impl Trace for Off {
    const IS_ON: bool = false;

    fn record(&self, event: Event) {
        panic!("{event:?} was recorded by what is off");
    }
}

/// Emits one of each event; returns how many there are. What a recorder and its reader must agree on.
pub fn one_of_each(trace: &impl Trace) -> usize {
    let count = Cell::new(0);
    let emit = |event: Event| {
        count.set(count.get() + 1);
        crate::emit(trace, || event);
    };
    emit(Event::Thread { id: 1, name: *b"main\0\0\0\0\0\0\0\0\0\0\0\0" });
    emit(Event::Thread { id: 2, name: *b"exactly-15-byte\0" });
    emit(Event::Run { id: 1 });
    emit(Event::Begin { name: "read", argument: 3 });
    emit(Event::Idle);
    emit(Event::Wake { id: 1 });
    emit(Event::Run { id: 1 });
    emit(Event::FrameIn { bytes: 60 });
    emit(Event::FrameOut { bytes: 1514 });
    emit(Event::Gauge { name: "frames in use", value: 77 });
    emit(Event::End { name: "read", result: u64::MAX });
    emit(Event::Run { id: 2 });
    count.get()
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn what_is_off_makes_no_event() {
        crate::emit(&Off, || unreachable!("an event was made for nobody"));
        let result = crate::span(&Off, "read", || unreachable!(), || 7, |_| unreachable!());
        assert_eq!(result, 7);
    }

    #[test]
    fn a_span_is_a_begin_and_an_end_around_its_body() {
        static SEEN: AtomicUsize = AtomicUsize::new(0);
        let trace = FakeTrace(|event| match (SEEN.fetch_add(1, Ordering::Relaxed), event) {
            (0, Event::Begin { name: "read", argument: 3 }) | (2, Event::End { name: "read", result: 9 }) => {
            }
            other => panic!("{other:?}"),
        });
        let body = || SEEN.fetch_add(1, Ordering::Relaxed);
        assert_eq!(crate::span(&trace, "read", || 3, body, |seen| *seen as u64 + 8), 1);
    }
}
