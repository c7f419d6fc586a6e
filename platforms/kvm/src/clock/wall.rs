//! Unix time at the zero of the monotonic clock.

use super::{monotonic_ns, rtc};
use core::sync::atomic::{AtomicU64, Ordering};
use kit_util_cmdline::option;

/// Zero before the first caller.
static BASE_NS: AtomicU64 = AtomicU64::new(0);

/// From `kit.epoch_ns=` on the command line, the host's time when it started the machine, else from the
/// battery-backed clock, which counts whole seconds.
pub(super) fn base_ns() -> u64 {
    match BASE_NS.load(Ordering::Relaxed) {
        0 => find(),
        base_ns => base_ns,
    }
}

#[cold]
fn find() -> u64 {
    let told = option(crate::boot::command_line(), "epoch_ns").and_then(|value| value.number());
    let base_ns = told.unwrap_or_else(|| rtc::unix_ns().saturating_sub(monotonic_ns())).max(1);
    // Two threads may get here: the first one's answer holds.
    match BASE_NS.compare_exchange(0, base_ns, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => base_ns,
        Err(first) => first,
    }
}
