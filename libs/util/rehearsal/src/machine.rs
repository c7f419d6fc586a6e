//! The machine: virtual time, one timer, and events at moments that a test names.
//!
//! Time stands still but for [`compute`] and for an idle processor, which goes on to the next interrupt at once.

use crate::processor::{Processor, interrupt};
use crate::stage;
use kit_iface_clock::Clock;
use kit_iface_frames::Frames;
use kit_iface_platform::{PciFunction, Platform, VirtioDevice};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

static NOW_NS: AtomicU64 = AtomicU64::new(0);
static TIMER_NS: AtomicU64 = AtomicU64::new(u64::MAX);
static IS_MASKED: AtomicBool = AtomicBool::new(true);

type Event = Box<dyn FnOnce() + Send>;
/// What happens at which moment; of those at one moment the first that was asked for.
static EVENTS: Mutex<BTreeMap<(u64, u64), Event>> = Mutex::new(BTreeMap::new());

fn events() -> MutexGuard<'static, BTreeMap<(u64, u64), Event>> {
    EVENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A fresh machine.
pub(crate) fn reset() {
    NOW_NS.store(0, Ordering::Relaxed);
    TIMER_NS.store(u64::MAX, Ordering::Relaxed);
    IS_MASKED.store(true, Ordering::Relaxed);
    events().clear();
}

/// The time.
pub fn now_ns() -> u64 {
    NOW_NS.load(Ordering::Relaxed)
}

/// Has a device interrupt at `ns`, whose handler is `event`.
pub fn at(ns: u64, event: impl FnOnce() + Send + 'static) {
    let mut events = events();
    let number = events.len() as u64;
    let key = (ns, events.range((ns, 0)..=(ns, u64::MAX)).next_back().map_or(number, |(key, _)| key.1 + 1));
    events.insert(key, Box::new(event));
}

fn next_ns() -> u64 {
    let event_ns = events().first_key_value().map_or(u64::MAX, |(key, _)| key.0);
    event_ns.min(TIMER_NS.load(Ordering::Relaxed))
}

/// Runs the handlers of what is due. Interrupts are masked.
fn serve() {
    if TIMER_NS.load(Ordering::Relaxed) <= now_ns() {
        TIMER_NS.store(u64::MAX, Ordering::Relaxed);
        stage::core().timer_expired();
    }
    loop {
        let event = {
            let mut events = events();
            match events.first_entry() {
                Some(entry) if entry.key().0 <= now_ns() => entry.remove(),
                _ => return,
            }
        };
        event();
    }
}

/// Interrupts the running thread if something is due. Interrupts are enabled.
fn interrupt_if_due() {
    while next_ns() <= now_ns() {
        IS_MASKED.store(true, Ordering::Relaxed);
        serve();
        interrupt(|| stage::core().interrupt_return());
        IS_MASKED.store(false, Ordering::Relaxed);
    }
}

/// The calling thread computes for so long, not counting the time in which others do. Interrupts are enabled.
pub fn compute(ns: u64) {
    let mut left = ns;
    loop {
        interrupt_if_due();
        if left == 0 {
            return;
        }
        let step = left.min(next_ns() - now_ns());
        NOW_NS.fetch_add(step, Ordering::Relaxed);
        stage::note_time(step);
        left -= step;
    }
}

pub(crate) fn mask() -> usize {
    usize::from(IS_MASKED.swap(true, Ordering::Relaxed))
}

pub(crate) unsafe fn restore(state: usize) {
    if was_enabled(state) {
        IS_MASKED.store(false, Ordering::Relaxed);
        interrupt_if_due();
    }
}

pub(crate) fn was_enabled(state: usize) -> bool {
    state != 1
}

kit_iface_irq::use_irq_mask!(mask, restore, was_enabled);

/// The clock of the machine.
pub(crate) struct Time;

impl Clock for Time {
    fn monotonic_ns(&self) -> u64 {
        now_ns()
    }

    fn wall_ns(&self) -> u64 {
        now_ns()
    }
}

static TIME: Time = Time;
kit_iface_clock::use_clock!(TIME);

/// The platform of the machine.
pub(crate) struct Machine;

impl Platform for Machine {
    type Arch = Processor;
    const NAME: &'static str = "rehearsal";
    const HAS_PREEMPTION: bool = true;

    fn start(&'static self, _frames: &'static dyn Frames) {}

    fn command_line(&self) -> &'static [u8] {
        b""
    }

    fn set_timer(&self, deadline_ns: u64) {
        TIMER_NS.store(deadline_ns, Ordering::Relaxed);
    }

    fn idle(&self) {
        let next_ns = next_ns();
        assert!(next_ns != u64::MAX, "every thread sleeps, and nothing will wake one: a wake-up was lost");
        NOW_NS.fetch_max(next_ns, Ordering::Relaxed);
        serve();
    }

    fn exit(&self, status: u8) -> ! {
        panic!("the image exited with status {status}")
    }

    fn report_fault(&self, _kind: &str, _addresses: &[usize]) {}

    fn find_virtio(&self, _device_type: u16, _visit: &mut dyn FnMut(VirtioDevice) -> bool) {}

    fn map_device(&self, _address: u64, _bytes: usize) -> Option<usize> {
        None
    }

    fn pci_read(&self, _function: PciFunction, _register: u16) -> u32 {
        u32::MAX
    }

    fn pci_write(&self, _function: PciFunction, _register: u16, _value: u32) {}
}
