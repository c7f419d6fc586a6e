//! The thread that reminds the stack of frames that are due.
//!
//! A device is called by its stack and by nobody else, so the thread touches no frame: it wakes the key on which the
//! stack waits, and the stack's next call moves what is due.

use alloc::boxed::Box;
use core::sync::atomic::{AtomicU64, Ordering};
use kit_iface_clock::monotonic_ns;
use kit_iface_netdev::NetDeviceError;
use kit_iface_sched::{NO_DEADLINE, Wake, spawn, wait, wake};

const STACK_BYTES: usize = 16 * 1024;

/// When a frame is due next, and who must know.
pub(crate) struct Alarm {
    due_ns: AtomicU64,
    stack_key: usize,
}

impl Alarm {
    /// Starts the thread. Both live for ever.
    pub fn start(stack_key: usize) -> Result<&'static Self, NetDeviceError> {
        let alarm: &'static Self =
            Box::leak(Box::new(Self { due_ns: AtomicU64::new(NO_DEADLINE), stack_key }));
        let argument = core::ptr::from_ref(alarm) as usize;
        spawn("netdev-fault", STACK_BYTES, run, argument).map_err(|_| NetDeviceError::OutOfMemory)?;
        Ok(alarm)
    }

    /// From now on, the next frame is due at `due_ns`; `None`: there is none.
    pub fn set(&self, due_ns: Option<u64>) {
        let due_ns = due_ns.unwrap_or(NO_DEADLINE);
        if self.due_ns.swap(due_ns, Ordering::AcqRel) != due_ns && due_ns != NO_DEADLINE {
            wake(self.key(), 1);
        }
    }

    /// Whether a frame is due.
    pub fn is_due(&self) -> bool {
        let due_ns = self.due_ns.load(Ordering::Acquire);
        due_ns != NO_DEADLINE && due_ns <= monotonic_ns()
    }

    fn key(&self) -> usize {
        self.due_ns.as_ptr() as usize
    }
}

fn run(argument: usize) {
    // SAFETY: `start` leaked the alarm whose address it gave this thread.
    let alarm = unsafe { &*(argument as *const Alarm) };
    loop {
        let due_ns = alarm.due_ns.load(Ordering::Acquire);
        let is_still = || alarm.due_ns.load(Ordering::Acquire) == due_ns;
        if wait(alarm.key(), due_ns, is_still) == Wake::TimedOut && is_still() {
            wake(alarm.stack_key, usize::MAX);
            // Once for each time that is set.
            wait(alarm.key(), NO_DEADLINE, is_still);
        }
    }
}
