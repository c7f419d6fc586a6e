//! The tickless timer: one deadline, programmed when it changes.

use crate::{apic::local, clock};
use core::sync::atomic::{AtomicU64, Ordering};
use kit_iface_irq::Masked;
use kit_iface_platform::hooks;

/// "No deadline".
const NEVER: u64 = u64::MAX;

static DEADLINE_NS: AtomicU64 = AtomicU64::new(NEVER);

/// See [`kit_iface_platform::Platform::set_timer`].
pub(crate) fn set(deadline_ns: u64) {
    let _masked = Masked::new();
    let last = DEADLINE_NS.swap(deadline_ns, Ordering::Relaxed);
    if deadline_ns != NEVER {
        local::arm_timer(deadline_ns, clock::monotonic_ns());
    } else if last != NEVER {
        local::disarm_timer();
    }
}

/// The timer's interrupt. It comes early if the deadline is farther away than the timer can count, or if the
/// clock has been refined meanwhile.
pub(crate) fn expired() {
    clock::timer_fired();
    let deadline_ns = DEADLINE_NS.load(Ordering::Relaxed);
    if deadline_ns == NEVER {
        return;
    }
    let now_ns = clock::monotonic_ns();
    if now_ns < deadline_ns {
        local::arm_timer(deadline_ns, now_ns);
    } else {
        DEADLINE_NS.store(NEVER, Ordering::Relaxed);
        hooks::timer_expired();
    }
}
