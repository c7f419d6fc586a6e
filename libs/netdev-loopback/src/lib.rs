//! Network device: a card that gives back what is sent to it.
//!
//! A ring of frames in a static: no heap, no driver, no interrupt but its own. Transmission fills the slot behind the
//! last frame, reception lends the first. Two counters that only grow say how many frames ever went in and out; their
//! difference is what is on its way, and each is moved by one side only.
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use kit_iface_netdev::{Capabilities, ETHERNET_HEADER_BYTES, NetDevice, NetDeviceError};
use kit_util_sync::SleepLock;

const MTU: usize = 1500;

/// Locally administered: there is one card of this kind on its network.
const MAC: [u8; 6] = [0x02, 0, 0, 0, 0, 0x01];

/// A card whose cable leads back to itself, with room for `FRAMES` on their way.
pub struct Loopback<const FRAMES: usize> {
    slots: [SleepLock<Frame>; FRAMES],
    sent: AtomicUsize,
    taken: AtomicUsize,
    is_started: AtomicBool,
    /// Its address is the event key.
    interrupts: AtomicBool,
}

struct Frame {
    bytes: [u8; MTU + ETHERNET_HEADER_BYTES],
    length: usize,
}

impl<const FRAMES: usize> Loopback<FRAMES> {
    /// A card with an empty ring.
    pub const fn new() -> Self {
        Self {
            slots: [const { SleepLock::new(Frame { bytes: [0; MTU + ETHERNET_HEADER_BYTES], length: 0 }) };
                FRAMES],
            sent: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
            is_started: AtomicBool::new(false),
            interrupts: AtomicBool::new(true),
        }
    }

    fn wake(&self) {
        kit_iface_sched::wake(self.event_key(), usize::MAX);
    }

    fn on_the_way(&self) -> usize {
        self.sent.load(Ordering::Acquire).wrapping_sub(self.taken.load(Ordering::Acquire))
    }
}

impl<const FRAMES: usize> NetDevice for Loopback<FRAMES> {
    fn start(&self) -> Result<Capabilities, NetDeviceError> {
        self.is_started.store(true, Ordering::Release);
        Ok(Capabilities::ethernet(MAC))
    }

    fn receive<R>(&self, consume: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        if !self.can_receive() {
            return None;
        }
        let taken = self.taken.load(Ordering::Relaxed);
        let mut frame = self.slots[taken % FRAMES].lock();
        let Frame { bytes, length } = &mut *frame;
        let result = consume(&mut bytes[..*length]);
        drop(frame);
        let was_full = self.on_the_way() == FRAMES;
        self.taken.store(taken.wrapping_add(1), Ordering::Release);
        if was_full {
            self.wake();
        }
        Some(result)
    }

    fn transmit<R>(&self, frame_bytes: usize, fill: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        if !self.can_transmit() {
            return None;
        }
        let sent = self.sent.load(Ordering::Relaxed);
        let mut frame = self.slots[sent % FRAMES].lock();
        let result = fill(frame.bytes.get_mut(..frame_bytes)?);
        frame.length = frame_bytes;
        drop(frame);
        self.sent.store(sent.wrapping_add(1), Ordering::Release);
        if self.interrupts.load(Ordering::SeqCst) {
            self.wake();
        }
        Some(result)
    }

    fn can_transmit(&self) -> bool {
        self.is_started.load(Ordering::Acquire) && self.on_the_way() < FRAMES
    }

    fn can_receive(&self) -> bool {
        self.on_the_way() > 0
    }

    fn set_receive_interrupts(&self, enabled: bool) {
        self.interrupts.store(enabled, Ordering::SeqCst);
    }

    fn event_key(&self) -> usize {
        self.interrupts.as_ptr().addr()
    }
}
