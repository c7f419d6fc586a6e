//! A device's interrupt as something that threads wait for.

use crate::device::{Acknowledge, Device, OpenError};
use alloc::boxed::Box;
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_irq::{Handler, Irq};
use kit_iface_platform::Platform;
use kit_iface_sched::{NO_DEADLINE, Wake, wait, wake};

/// Counts interrupts and wakes whoever waits for one. Lives for ever, as what a handler needs must.
pub struct Bell {
    acknowledge: Acknowledge,
    count: AtomicU32,
}

fn ring(data: usize) {
    // SAFETY: `hang` leaked it before it attached this handler.
    let bell = unsafe { &*(data as *const Bell) };
    bell.acknowledge.acknowledge();
    bell.count.fetch_add(1, Ordering::Release);
    wake(bell.key(), usize::MAX);
}

impl Bell {
    /// Makes the interrupt of `device` ring a new bell; see [`Device::attach`].
    pub fn hang<P: Platform, I: Irq>(
        device: &mut Device,
        platform: &P,
        irq: &I,
    ) -> Result<&'static Self, OpenError> {
        let mut hung = None;
        let handler = |acknowledge| {
            let bell: &'static Self = Box::leak(Box::new(Self { acknowledge, count: AtomicU32::new(0) }));
            hung = Some(bell);
            Handler { function: ring, data: core::ptr::from_ref(bell) as usize }
        };
        device.attach(platform, irq, handler)?;
        hung.ok_or(OpenError::Failed)
    }

    fn key(&self) -> usize {
        self.count.as_ptr() as usize
    }

    /// Sleeps until `is_done`, which is asked after each interrupt. False if `deadline_ns` passes before.
    pub fn wait_until(&self, deadline_ns: u64, mut is_done: impl FnMut() -> bool) -> bool {
        loop {
            let seen = self.count.load(Ordering::Acquire);
            if is_done() {
                return true;
            }
            // The count is looked at once more with the key locked, so no interrupt is slept through.
            let woken = wait(self.key(), deadline_ns, || self.count.load(Ordering::Acquire) == seen);
            if woken == Wake::TimedOut && deadline_ns != NO_DEADLINE {
                return is_done();
            }
        }
    }
}
