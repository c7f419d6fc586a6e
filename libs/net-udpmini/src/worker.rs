//! The stack's memory, and its thread: frames that nobody else has taken, and timers.
//!
//! It sleeps on the device's key with the nearest deadline as its time-out, and the device interrupts only while it
//! sleeps. After a turn that told several sockets it lets their threads go first and looks again before it asks for
//! interrupts: under load, datagrams are taken in batches by whoever asks for them.

use crate::engine::Engine;
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_clock::monotonic_ns;
use kit_iface_netdev::NetDevice;
use kit_iface_sched::{NO_DEADLINE, SpawnError, spawn, wait, wake, yield_now};
use kit_util_sync::{Lazy, SleepLock};

/// The deepest path, a kept datagram that is sent at last, and an observer's.
const STACK_BYTES: usize = 16 * 1024;
/// Frames that are digested before others may have the lock.
const FRAMES_PER_TURN: u32 = 32;

/// The memory of a stack: tables of fixed size. All zero at first, so that a static of it takes no bytes of an image.
pub struct Room<D: 'static, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize> {
    engine: SleepLock<Engine<D, SOCKETS, DATAGRAMS, NEIGHBOURS>>,
    /// Set once the stack runs.
    device: Lazy<&'static D>,
    /// Changes when a deadline was set that the sleeping worker does not know of.
    kicks: AtomicU32,
}

impl<D: NetDevice, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize>
    Room<D, SOCKETS, DATAGRAMS, NEIGHBOURS>
{
    /// Empty tables.
    pub const fn new() -> Self {
        Self { engine: SleepLock::new(Engine::new()), device: Lazy::new(), kicks: AtomicU32::new(0) }
    }

    /// The device of the running stack.
    #[inline]
    pub(crate) fn running(&self) -> Option<&'static D> {
        self.device.get().copied()
    }

    /// Lets `prepare` bring the stack up if it is not, and starts its thread.
    pub(crate) fn start<E: From<SpawnError>>(
        &'static self,
        device: &'static D,
        prepare: impl FnOnce(&mut Engine<D, SOCKETS, DATAGRAMS, NEIGHBOURS>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = || {
            prepare(&mut self.engine.lock())?;
            spawn("net", STACK_BYTES, run::<D, SOCKETS, DATAGRAMS, NEIGHBOURS>, address_of(self))?;
            Ok(device)
        };
        self.device.get_or_try(start).map(drop)
    }

    /// Does something with the stack. The worker is woken if it has to look sooner than it meant to.
    #[inline]
    pub(crate) fn with<R>(
        &self,
        body: impl FnOnce(&mut Engine<D, SOCKETS, DATAGRAMS, NEIGHBOURS>) -> R,
    ) -> R {
        let mut engine = self.engine.lock();
        let result = body(&mut engine);
        let wants_worker = core::mem::take(&mut engine.wants_worker);
        drop(engine);
        if wants_worker {
            self.kick();
        }
        result
    }

    #[cold]
    fn kick(&self) {
        self.kicks.fetch_add(1, Ordering::Release);
        if let Some(device) = self.running() {
            wake(device.event_key(), 1);
        }
    }

    /// Digests what has arrived and what is due, without interrupts from the device. Returns whether there was so
    /// much that more is likely to follow at once.
    fn turn(&self, device: &'static D) -> bool {
        let mut engine = self.engine.lock();
        device.set_receive_interrupts(false);
        let now = monotonic_ns();
        let frames = engine.receive_frames(device, now, FRAMES_PER_TURN);
        engine.run_timers(now);
        engine.unblock();
        engine.wants_worker = false;
        frames == FRAMES_PER_TURN || engine.take_told() > 1
    }

    /// Sleeps until there is something to do, unless there is already.
    fn sleep(&self, device: &'static D, seen: u32) {
        let engine = self.engine.lock();
        device.set_receive_interrupts(true);
        let deadline_ns = engine.deadline_ns(monotonic_ns()).unwrap_or(NO_DEADLINE);
        let is_blocked = engine.is_blocked;
        drop(engine);
        wait(device.event_key(), deadline_ns, || {
            self.kicks.load(Ordering::Acquire) == seen
                && !device.can_receive()
                && !(is_blocked && device.can_transmit())
        });
    }
}

fn address_of<T>(place: &'static T) -> usize {
    core::ptr::from_ref(place) as usize
}

#[allow(unsafe_code, reason = "a thread is handed one word, here the address of its room")]
fn run<D: NetDevice, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize>(argument: usize) {
    // SAFETY: `start` gave this thread the address of a `&'static Room` of this very type.
    let room = unsafe { &*(argument as *const Room<D, SOCKETS, DATAGRAMS, NEIGHBOURS>) };
    // Until the stack has started, which takes no longer than `start` needs to return.
    let device = loop {
        match room.running() {
            Some(device) => break device,
            None => yield_now(),
        }
    };
    loop {
        let seen = room.kicks.load(Ordering::Acquire);
        if room.turn(device) {
            yield_now();
        } else {
            room.sleep(device, seen);
        }
    }
}
