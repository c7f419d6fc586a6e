//! The trace as lines on the console, each written in one piece.
//!
//! The texts are put together by hand: `core::fmt` would weigh more than everything else here.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod line;

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use kit_iface_clock::monotonic_ns;
use kit_iface_console::Console;
use kit_iface_trace::{Event, Trace};
use line::Line;

/// Lines on a console.
pub struct Lines<C: Console> {
    console: &'static C,
    /// A thread exists, so there is a clock.
    has_begun: AtomicBool,
    /// A line is being written: what the console's own driver does now is not traced, since that would never end.
    is_busy: AtomicBool,
    running: AtomicU32,
}

impl<C: Console> Lines<C> {
    /// Lines on `console`. One static, made by the composed root.
    pub const fn new(console: &'static C) -> Self {
        Self {
            console,
            has_begun: AtomicBool::new(false),
            is_busy: AtomicBool::new(false),
            running: AtomicU32::new(0),
        }
    }

    fn write(&self, event: Event) {
        let now_ns = monotonic_ns();
        let mut line = Line::new();
        line.text("[").padded(now_ns / 1_000_000_000, 5, b' ').text(".");
        line.padded(now_ns / 1000 % 1_000_000, 6, b'0').text("] ");
        line.number(self.running.load(Ordering::Relaxed).into());
        match event {
            Event::Thread { id, name } => line.text(" thread ").number(id.into()).text(" is ").name(&name),
            Event::Run { id } => line.text(" run ").number(id.into()),
            Event::Idle => line.text(" idle"),
            Event::Wake { id } => line.text(" wake ").number(id.into()),
            Event::Begin { name, argument } => line.text(" begin ").text(name).text(" ").number(argument),
            Event::End { name, result } => line.text(" end ").text(name).text(" ").signed(result as i64),
            Event::FrameIn { bytes } => line.text(" frame in, bytes: ").number(bytes),
            Event::FrameOut { bytes } => line.text(" frame out, bytes: ").number(bytes),
            Event::Gauge { name, value } => line.text(" ").text(name).text(": ").number(value),
            _ => line.text(" something else"),
        };
        self.console.write(line.end());
    }
}

impl<C: Console> Trace for Lines<C> {
    const IS_ON: bool = true;

    fn record(&self, event: Event) {
        if matches!(event, Event::Thread { .. }) {
            self.has_begun.store(true, Ordering::Relaxed);
        }
        if !self.has_begun.load(Ordering::Relaxed) || self.is_busy.swap(true, Ordering::Acquire) {
            return;
        }
        self.write(event);
        if let Event::Run { id } = event {
            self.running.store(id, Ordering::Relaxed);
        }
        self.is_busy.store(false, Ordering::Release);
    }
}
