//! The stack's own thread: frames that nobody else has taken, and timers.
//!
//! It sleeps on the device's key with the nearest deadline as its time-out, and the device interrupts only while
//! it sleeps. After a turn that woke several threads it lets them go first and looks again before it asks for
//! interrupts: under load, frames are then taken in batches, without interrupts, and by whoever asks for data.
//! If the configuration wants that, it watches the ring before it sleeps, as long as frames keep coming soon: where
//! waking a processor is dear, and under emulation it is several trips through the host's scheduler, an answer is then
//! faster than any interrupt. The watch neither pauses (for each PAUSE, QEMU's emulation takes the lock that its device
//! thread needs) nor goes on when the peer is slow.

use crate::engine::{Core, now};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_clock::monotonic_ns;
use kit_iface_netdev::NetDevice;
use kit_iface_sched::{NO_DEADLINE, SpawnError, spawn, wait, wake, yield_now};
use kit_util_sync::SleepLock;

/// smoltcp's deepest path and the observer's, with room to spare. Stacks are backed as they are touched.
const STACK_BYTES: usize = 32 * 1024;
/// Frames that are digested before others may have the lock.
const FRAMES_PER_TURN: u32 = 32;

/// Looks at the ring between two looks at the clock.
const LOOKS: u32 = 16;

/// What the worker and the callers share.
pub(crate) struct Shared<D: NetDevice> {
    pub device: &'static D,
    pub core: SleepLock<Core<D>>,
    /// Changes when a deadline was set that the sleeping worker does not know of.
    kicks: AtomicU32,
    /// How long the worker watches for the next frame; 0: not at all.
    watch_ns: u64,
}

impl<D: NetDevice> Shared<D> {
    /// Starts the worker of a stack.
    pub fn start(device: &'static D, core: Core<D>) -> Result<Arc<Self>, SpawnError> {
        let watch_ns = u64::from(core.config.watch_us) * 1000;
        let shared =
            Arc::new(Self { device, core: SleepLock::new(core), kicks: AtomicU32::new(0), watch_ns });
        let argument = Arc::into_raw(shared.clone()) as usize;
        match spawn("net", STACK_BYTES, run::<D>, argument) {
            Ok(_) => Ok(shared),
            Err(error) => {
                // SAFETY: `argument` came from `into_raw` just now, and no thread has taken it over.
                drop(unsafe { Arc::from_raw(argument as *const Self) });
                Err(error)
            }
        }
    }

    /// Does something with the stack. The worker is woken if that moved the nearest deadline forward.
    #[inline]
    pub fn with<R>(&self, body: impl FnOnce(&mut Core<D>) -> R) -> R {
        let mut core = self.core.lock();
        let before = core.timers.next();
        let result = body(&mut core);
        let after = core.timers.next();
        drop(core);
        if after.is_some_and(|after| before.is_none_or(|before| after < before)) {
            self.kick();
        }
        result
    }

    #[cold]
    fn kick(&self) {
        self.kicks.fetch_add(1, Ordering::Release);
        wake(self.device.event_key(), 1);
    }

    /// Digests what has arrived and what is due, without interrupts from the device. Returns whether there was so
    /// much that more is likely to follow at once.
    fn turn(&self) -> bool {
        let mut core = self.core.lock();
        self.device.set_receive_interrupts(false);
        let now = now();
        let frames = core.receive_frames(now, FRAMES_PER_TURN);
        core.run_timers(now);
        core.retry_blocked(now);
        core.drain_loopback(now);
        frames == FRAMES_PER_TURN || core.take_events() > 1
    }

    /// Watches for the next frame, after all others have had the processor. Returns whether there is something to do.
    #[inline(never)]
    fn watch(&self, seen: u32) -> bool {
        if self.core.lock().is_blocked() {
            return false;
        }
        yield_now();
        let until_ns = monotonic_ns() + self.watch_ns;
        loop {
            for _ in 0..LOOKS {
                if self.device.can_receive() || self.kicks.load(Ordering::Acquire) != seen {
                    return true;
                }
            }
            if monotonic_ns() >= until_ns {
                return false;
            }
            yield_now();
        }
    }

    /// Sleeps until there is something to do, unless there is already. Returns whether a frame came so soon that a watch
    /// would have seen it.
    fn sleep(&self, seen: u32) -> bool {
        let core = self.core.lock();
        self.device.set_receive_interrupts(true);
        let deadline_ns = core.timers.next().map_or(NO_DEADLINE, |at| at.total_micros() as u64 * 1000);
        let is_blocked = core.is_blocked();
        drop(core);
        let watched_until_ns = if self.watch_ns > 0 { monotonic_ns() + self.watch_ns } else { 0 };
        wait(self.device.event_key(), deadline_ns, || {
            self.kicks.load(Ordering::Acquire) == seen
                && !self.device.can_receive()
                && !(is_blocked && self.device.can_transmit())
        });
        self.watch_ns > 0 && self.device.can_receive() && monotonic_ns() < watched_until_ns
    }
}

fn run<D: NetDevice>(argument: usize) {
    // SAFETY: `Shared::start` gave this thread the reference that it made with `into_raw`.
    let shared = unsafe { Arc::from_raw(argument as *const Shared<D>) };
    let mut is_busy = false;
    loop {
        let seen = shared.kicks.load(Ordering::Acquire);
        if shared.turn() {
            yield_now();
        } else if !(is_busy && shared.watch(seen)) {
            is_busy = shared.sleep(seen);
        }
    }
}
