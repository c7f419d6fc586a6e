//! The clock: the time-stamp counter times a rate.
//!
//! The rate comes, when the time is first asked for, from whoever knows it: kvmclock, then CPUID, else it is
//! measured against the local APIC's timer (`measure`) within 20 µs and made more exact as time passes. The
//! monotonic clock counts from the image's first instruction.
//!
//! Readers take no lock: a sequence number tells them to read again if the rate changed under them. Changing
//! it keeps the present reading and only bends the line, so the clock never steps.

mod known;
mod measure;
mod rtc;
mod scale;
mod wall;

pub(crate) use measure::{after_arming, before_timer_change, timer_fired};

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
use kit_iface_clock::Clock;
use kit_iface_irq::Masked;
use kit_util_x86::tsc;
use scale::Scale;

/// Counts changes of the line below, twice each; odd while one is under way, zero before the first.
static SEQUENCE: AtomicU32 = AtomicU32::new(0);
static START_TICKS: AtomicU64 = AtomicU64::new(0);
static START_NS: AtomicU64 = AtomicU64::new(0);
static NS_PER_TICK: AtomicU64 = AtomicU64::new(0);

/// The line that turns ticks into nanoseconds.
#[derive(Clone, Copy)]
struct Line {
    start_ticks: u64,
    start_ns: u64,
    scale: Scale,
}

impl Line {
    /// The present line; `None` before the first one is set.
    #[inline]
    fn load() -> Option<(u32, Self)> {
        let sequence = SEQUENCE.load(Ordering::Acquire);
        if sequence == 0 {
            return None;
        }
        let line = Self {
            start_ticks: START_TICKS.load(Ordering::Relaxed),
            start_ns: START_NS.load(Ordering::Relaxed),
            scale: Scale::from_raw(NS_PER_TICK.load(Ordering::Relaxed)),
        };
        Some((sequence, line))
    }

    /// Replaces the line. One writer at a time: interrupts are masked.
    fn store(&self, _masked: &Masked) {
        let sequence = SEQUENCE.load(Ordering::Relaxed);
        SEQUENCE.store(sequence.wrapping_add(1) | 1, Ordering::Relaxed);
        fence(Ordering::Release);
        START_TICKS.store(self.start_ticks, Ordering::Relaxed);
        START_NS.store(self.start_ns, Ordering::Relaxed);
        NS_PER_TICK.store(self.scale.to_raw(), Ordering::Relaxed);
        SEQUENCE.store((sequence.wrapping_add(3) & !1).max(2), Ordering::Release);
    }

    #[inline]
    fn at(&self, ticks: u64) -> u64 {
        self.start_ns + self.scale.ns(ticks.saturating_sub(self.start_ticks))
    }
}

/// Nanoseconds since the first instruction.
#[inline]
pub(crate) fn monotonic_ns() -> u64 {
    loop {
        let Some((sequence, line)) = Line::load() else {
            begin();
            continue;
        };
        let now_ns = line.at(tsc());
        fence(Ordering::Acquire);
        if SEQUENCE.load(Ordering::Relaxed) == sequence && sequence & 1 == 0 {
            return now_ns;
        }
    }
}

/// The counter's value at `ns` of the monotonic clock.
pub(crate) fn tsc_at(ns: u64) -> u64 {
    let _masked = Masked::new();
    match Line::load() {
        Some((_, line)) => line.start_ticks + line.scale.ticks(ns.saturating_sub(line.start_ns)),
        None => 0,
    }
}

/// Finds the rate out.
#[cold]
fn begin() {
    let masked = Masked::new();
    if SEQUENCE.load(Ordering::Relaxed) == 0 {
        let scale = known::scale().unwrap_or_else(|| measure::first(&masked));
        Line { start_ticks: crate::boot::entry_tsc(), start_ns: 0, scale }.store(&masked);
    }
}

/// Bends the line from now on.
fn refine(scale: Scale, masked: &Masked) {
    if let Some((_, line)) = Line::load() {
        let now = tsc();
        Line { start_ticks: now, start_ns: line.at(now), scale }.store(masked);
    }
}

/// The time-stamp counter as a clock.
pub struct TscClock(());

impl TscClock {
    /// The machine's clock. One static, made by the composed root.
    pub const fn new() -> Self {
        Self(())
    }
}

impl Clock for TscClock {
    #[inline]
    fn monotonic_ns(&self) -> u64 {
        monotonic_ns()
    }

    fn wall_ns(&self) -> u64 {
        wall::base_ns() + monotonic_ns()
    }
}
