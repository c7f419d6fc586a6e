//! The trace slot: what happens in an image, as events with a time and a thread.
//!
//! The thread core and the POSIX shim say what happens through [`emit`], wrappers (`netdev-trace`, `block-trace`,
//! `frames-trace`) say what passes other slots, and a [`Trace`] records it: nowhere, on the console, or in a ring in
//! memory that `kit trace` turns into a picture.
//!
//! **Off means absent.** The choice is a type with a constant, [`Trace::IS_ON`]; where it is false `emit` is compiled to
//! nothing and the event is never made. That is why this is no ambient service: the compiler sees a call of an `extern` symbol as something that may change memory, long
//! before the linker finds out that it does nothing.
//!
//! `README.md` has the format of a recording. [`conformance`] checks a recorder, [`fake`] keeps events for tests.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;

/// Something that happened. Whoever records it adds the time and the thread that runs, which it knows from the last
/// [`Event::Run`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A thread exists, or has a new name. The first event of an image; what comes before is not recorded.
    Thread {
        /// Its number.
        id: u32,
        /// Its name, padded with zeroes.
        name: [u8; 16],
    },
    /// The processor goes to this thread.
    Run {
        /// Its number.
        id: u32,
    },
    /// Nobody is runnable: the processor sleeps until the next interrupt.
    Idle,
    /// A thread that waited is runnable again.
    Wake {
        /// Its number.
        id: u32,
    },
    /// The running thread begins something that it will end, such as a call. Begins and ends of a thread nest.
    Begin {
        /// What.
        name: &'static str,
        /// Its first argument.
        argument: u64,
    },
    /// The running thread ends what it began last.
    End {
        /// What.
        name: &'static str,
        /// What came of it.
        result: u64,
    },
    /// A frame arrived.
    FrameIn {
        /// Its length.
        bytes: u64,
    },
    /// A frame was sent.
    FrameOut {
        /// Its length.
        bytes: u64,
    },
    /// A quantity has another value.
    Gauge {
        /// Which, with its unit.
        name: &'static str,
        /// The value.
        value: u64,
    },
}

/// A recorder.
#[diagnostic::on_unimplemented(
    message = "`{Self}` records no trace",
    note = "choose one with `[config] TRACE_… = true`; `kit doctor` lists them"
)]
pub trait Trace: Sync + 'static {
    /// Whether anything is recorded. Where it is false, no event is made.
    const IS_ON: bool;

    /// Records an event. Called from any context: with interrupts masked, in interrupt and fault handlers, inside
    /// the thread core. It takes no lock that such a context could hold, never blocks, allocates nothing.
    fn record(&self, event: Event);
}

/// Records what `event` makes if `trace` is on; else compiles to nothing.
#[inline(always)]
pub fn emit<T: Trace>(trace: &T, event: impl FnOnce() -> Event) {
    if T::IS_ON {
        trace.record(event());
    }
}

/// Runs `body` as something that begins and ends; `argument` is looked at before, the result's `word` after it.
#[inline(always)]
pub fn span<T: Trace, R>(
    trace: &T,
    name: &'static str,
    argument: impl FnOnce() -> u64,
    body: impl FnOnce() -> R,
    word: impl FnOnce(&R) -> u64,
) -> R {
    if !T::IS_ON {
        return body();
    }
    trace.record(Event::Begin { name, argument: argument() });
    let result = body();
    trace.record(Event::End { name, result: word(&result) });
    result
}
