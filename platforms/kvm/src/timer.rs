//! The tickless timer: one deadline, programmed when it changes.

use crate::apic::{self, local};
use crate::clock;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use kit_iface_irq::Masked;
use kit_iface_platform::hooks;

/// "No deadline".
const NEVER: u64 = u64::MAX;

static DEADLINE_NS: AtomicU64 = AtomicU64::new(NEVER);

/// See [`kit_iface_platform::Platform::set_timer`].
pub(crate) fn set(deadline_ns: u64) {
    static IS_ATTACHED: AtomicBool = AtomicBool::new(false);
    let _masked = Masked::new();
    if !IS_ATTACHED.swap(true, Ordering::Relaxed) {
        apic::attach_timer(expired);
    }
    let last = DEADLINE_NS.swap(deadline_ns, Ordering::Relaxed);
    if deadline_ns != NEVER {
        local::arm_timer(deadline_ns, clock::monotonic_ns());
    } else if last != NEVER {
        local::disarm_timer();
    }
}

/// The timer's interrupt. It comes early if the deadline is farther away than the timer can count, or if the
/// clock has been refined meanwhile.
fn expired(_data: usize) {
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
