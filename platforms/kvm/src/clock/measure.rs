//! Measuring the rate against the local APIC's timer, which counts nanoseconds on QEMU and KVM.
//!
//! The first sample is short, so that nobody waits. Each time the timer is set anew, or fires, the stretch since
//! it was last set is a further sample for free; one that is four times longer than the best so far replaces
//! it, until a stretch is as long as the counter counts. Samples that are far off are dropped: on a busy host the
//! processor may have been away between two instructions.

use super::scale::Scale;
use crate::apic::local;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use kit_iface_irq::Masked;
use kit_util_x86::tsc;

/// How long the first measurement takes.
const FIRST_NS: u32 = 20_000;

/// The rate is measured, not known.
static IS_MEASURED: AtomicBool = AtomicBool::new(false);
/// The longest sample so far.
static BEST_NS: AtomicU32 = AtomicU32::new(0);
/// What the timer was last set to, and when; a zero count is no stretch.
static STRETCH_COUNT: AtomicU32 = AtomicU32::new(0);
static STRETCH_TICKS: AtomicU64 = AtomicU64::new(0);

/// A simultaneous reading of both: the narrowest of a few brackets.
struct Reading {
    ticks: u64,
    count: u32,
    /// Ticks between the two readings of the counter around the timer's.
    bracket: u64,
}

impl Reading {
    fn take() -> Self {
        let before = tsc();
        let count = local::reference_count();
        let bracket = tsc() - before;
        Self { ticks: before + bracket / 2, count, bracket }
    }

    fn best_of_three() -> Self {
        let mut best = Self::take();
        for _ in 0..2 {
            let other = Self::take();
            if other.bracket < best.bracket {
                best = other;
            }
        }
        best
    }
}

/// The first measurement.
pub(super) fn first(_masked: &Masked) -> Scale {
    local::start_reference();
    let start = Reading::best_of_three();
    let mut end = Reading::take();
    while start.count.wrapping_sub(end.count) < FIRST_NS {
        end = Reading::take();
    }
    let end = Reading::best_of_three();
    local::stop_reference();
    let ns = start.count - end.count;
    IS_MEASURED.store(true, Ordering::Relaxed);
    BEST_NS.store(ns, Ordering::Relaxed);
    // A TSC that stands still is no TSC; any rate will do.
    Scale::from_sample(ns, end.ticks - start.ticks).unwrap_or(Scale::from_raw(1 << 32))
}

/// The timer was set to `count`. Interrupts are masked.
#[inline]
pub(crate) fn after_arming(count: u32) {
    if IS_MEASURED.load(Ordering::Relaxed) {
        STRETCH_COUNT.store(count, Ordering::Relaxed);
        STRETCH_TICKS.store(tsc(), Ordering::Relaxed);
    }
}

/// The timer is about to be set anew. Interrupts are masked.
#[inline]
pub(crate) fn before_timer_change() {
    let set_to = STRETCH_COUNT.load(Ordering::Relaxed);
    if set_to > BEST_NS.load(Ordering::Relaxed).saturating_mul(4) {
        end_stretch(set_to);
    }
}

#[cold]
fn end_stretch(set_to: u32) {
    let now = Reading::take();
    let ns = set_to.saturating_sub(now.count);
    // At zero it has fired, nobody knows when.
    if now.count > 0 {
        consider(ns, now.ticks - STRETCH_TICKS.load(Ordering::Relaxed), now.bracket);
    }
}

/// The timer has fired: the stretch is what it was set to. Interrupts are masked.
#[inline]
pub(crate) fn timer_fired() {
    let ns = STRETCH_COUNT.swap(0, Ordering::Relaxed);
    // The interrupt's own delay blurs the end by some ten microseconds: long stretches only.
    if ns >= 100_000_000 && ns > BEST_NS.load(Ordering::Relaxed).saturating_mul(4) {
        consider(ns, tsc() - STRETCH_TICKS.load(Ordering::Relaxed), 0);
    }
}

fn consider(ns: u32, ticks: u64, bracket: u64) {
    let is_sharp = bracket.saturating_mul(1000) < ticks;
    if !is_sharp || ns / 4 < BEST_NS.load(Ordering::Relaxed) {
        return;
    }
    if let (Some(scale), Some((_, line))) = (Scale::from_sample(ns, ticks), super::Line::load())
        && line.scale.is_near(scale)
    {
        BEST_NS.store(ns, Ordering::Relaxed);
        super::refine(scale, &Masked::new());
    }
}
