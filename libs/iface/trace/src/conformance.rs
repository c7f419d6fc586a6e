//! What every recorder must pass: it takes every event at any time, and what is off is not asked.

use crate::{Event, Trace, fake};

/// Runs the whole suite over a recorder that is on.
pub fn check(trace: &impl Trace) {
    is_ready_before_the_first_thread(trace);
    fake::one_of_each(trace);
    takes_odd_values(trace);
    takes_more_than_it_holds(trace);
}

/// Events that come before the first thread, when nobody can tell the time, are dropped and do no harm.
pub fn is_ready_before_the_first_thread(trace: &impl Trace) {
    trace.record(Event::Gauge { name: "frames in use", value: 1 });
    trace.record(Event::Idle);
}

/// Ends without a begin, threads that nobody announced, names of every length, extreme values.
pub fn takes_odd_values(trace: &impl Trace) {
    trace.record(Event::End { name: "", result: u64::MAX });
    trace.record(Event::Run { id: u32::MAX });
    trace.record(Event::Thread { id: u32::MAX, name: [0xff; 16] });
    trace.record(Event::Begin {
        name: "a name that is much longer than any that the shim has",
        argument: u64::MAX,
    });
    trace.record(Event::FrameIn { bytes: u64::MAX });
}

/// No number of events fills it: it never blocks and never fails.
pub fn takes_more_than_it_holds(trace: &impl Trace) {
    (0..100_000).for_each(|value| trace.record(Event::Gauge { name: "count", value }));
}
