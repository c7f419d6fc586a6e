//! Two network devices joined by a wire, in memory: what tests of network stacks run on.
//!
//! The wire can lose every n-th frame, duplicate or spoil it, and let frames overtake each other, deterministically, so
//! that a failure can be repeated.

extern crate alloc;

use crate::{Capabilities, ETHERNET_HEADER_BYTES, NetDevice, NetDeviceError};
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};

/// Frames that a device holds before its peer finds the ring full.
const RING_FRAMES: usize = 16;

/// What a wire does to frames; 0 for never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// Every so many frames, one is lost.
    pub lose_every: u32,
    /// The one after it comes first.
    pub swap_every: u32,
    /// It comes twice.
    pub duplicate_every: u32,
    /// One bit is another, somewhere behind the Ethernet header. ARP is spared, which has no checksum: Ethernet's own
    /// stands for it.
    pub corrupt_every: u32,
}

impl Faults {
    /// A good wire.
    pub const NONE: Self = Self { lose_every: 0, swap_every: 0, duplicate_every: 0, corrupt_every: 0 };
}

/// A device on one end of a wire.
pub struct FakeDevice {
    mac: [u8; 6],
    peer: AtomicPtr<FakeDevice>,
    arrived: Spin<VecDeque<Vec<u8>>>,
    arrived_frames: AtomicUsize,
    held_back: Spin<Option<Vec<u8>>>,
    sent_frames: AtomicU32,
    faults: Spin<Faults>,
    is_started: AtomicBool,
    interrupts: AtomicBool,
}

impl FakeDevice {
    /// A device that nobody is connected to: [`NetDevice::start`] finds it absent.
    pub const fn new(mac: [u8; 6]) -> Self {
        Self {
            mac,
            peer: AtomicPtr::new(core::ptr::null_mut()),
            arrived: Spin::new(VecDeque::new()),
            arrived_frames: AtomicUsize::new(0),
            held_back: Spin::new(None),
            sent_frames: AtomicU32::new(0),
            faults: Spin::new(Faults::NONE),
            is_started: AtomicBool::new(false),
            interrupts: AtomicBool::new(true),
        }
    }

    /// Joins two devices by a wire.
    pub fn join(a: &'static Self, b: &'static Self) {
        a.peer.store(core::ptr::from_ref(b).cast_mut(), Ordering::Release);
        b.peer.store(core::ptr::from_ref(a).cast_mut(), Ordering::Release);
    }

    /// What happens from now on to the frames that this device sends.
    pub fn set_faults(&self, faults: Faults) {
        self.faults.with(|place| *place = faults);
    }

    /// How many frames this device has sent, the lost ones included.
    pub fn sent_frames(&self) -> u32 {
        self.sent_frames.load(Ordering::Relaxed)
    }

    fn peer(&self) -> Option<&'static Self> {
        // SAFETY: null, or set by `join` from a reference that lives for ever.
        unsafe { self.peer.load(Ordering::Acquire).as_ref() }
    }

    fn take_in(&self, frame: Vec<u8>) {
        self.arrived.with(|arrived| arrived.push_back(frame));
        self.arrived_frames.fetch_add(1, Ordering::Release);
        if self.interrupts.load(Ordering::Acquire) {
            kit_iface_sched::wake(self.event_key(), usize::MAX);
        }
    }
}

fn is_nth(every: u32, count: u32) -> bool {
    every != 0 && count % every == every - 1
}

/// Changes one bit of an IP packet; which one follows from `count`.
fn spoil(frame: &mut [u8], count: u32) {
    let is_arp = frame.get(12..ETHERNET_HEADER_BYTES) == Some(&[0x08, 0x06]);
    if !is_arp
        && let Some(packet) = frame.get_mut(ETHERNET_HEADER_BYTES..).filter(|packet| !packet.is_empty())
    {
        let bit = count.wrapping_mul(0x9e37_79b1) as usize % (packet.len() * 8);
        packet[bit / 8] ^= 1 << (bit % 8);
    }
}

impl NetDevice for FakeDevice {
    fn start(&self) -> Result<Capabilities, NetDeviceError> {
        self.peer().ok_or(NetDeviceError::Absent)?;
        self.is_started.store(true, Ordering::Release);
        Ok(Capabilities::ethernet(self.mac))
    }

    fn receive<R>(&self, consume: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        let mut frame = self.arrived.with(VecDeque::pop_front)?;
        let was_full = self.arrived_frames.fetch_sub(1, Ordering::AcqRel) == RING_FRAMES;
        if was_full && let Some(peer) = self.peer() {
            kit_iface_sched::wake(peer.event_key(), usize::MAX);
        }
        Some(consume(&mut frame))
    }

    fn transmit<R>(&self, frame_bytes: usize, fill: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        assert!(frame_bytes <= 1500 + ETHERNET_HEADER_BYTES, "a frame is at most the MTU and the header");
        if !self.can_transmit() {
            return None;
        }
        // Garbage, as a reused buffer would hold.
        let mut frame = vec![0xa5; frame_bytes];
        let result = fill(&mut frame);
        let count = self.sent_frames.fetch_add(1, Ordering::Relaxed);
        let faults = self.faults.with(|faults| *faults);
        if is_nth(faults.corrupt_every, count) {
            spoil(&mut frame, count);
        }
        if is_nth(faults.lose_every, count) {
            return Some(result);
        }
        if is_nth(faults.swap_every, count) {
            if let (Some(peer), Some(older)) = (self.peer(), self.held_back.with(|held| held.replace(frame)))
            {
                peer.take_in(older);
            }
            return Some(result);
        }
        if let Some(peer) = self.peer() {
            if is_nth(faults.duplicate_every, count) {
                peer.take_in(frame.clone());
            }
            peer.take_in(frame);
            if let Some(late) = self.held_back.with(Option::take) {
                peer.take_in(late);
            }
        }
        Some(result)
    }

    fn can_transmit(&self) -> bool {
        self.is_started.load(Ordering::Acquire)
            && self.peer().is_some_and(|peer| peer.arrived_frames.load(Ordering::Acquire) < RING_FRAMES)
    }

    fn can_receive(&self) -> bool {
        self.is_started.load(Ordering::Acquire) && self.arrived_frames.load(Ordering::Acquire) > 0
    }

    fn set_receive_interrupts(&self, enabled: bool) {
        self.interrupts.store(enabled, Ordering::SeqCst);
    }

    fn event_key(&self) -> usize {
        core::ptr::from_ref(self) as usize
    }
}

/// The smallest lock that works wherever tests run; interfaces know no other crate's.
struct Spin<T> {
    is_held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is only reached through `with`, by one thread at a time.
unsafe impl<T: Send> Sync for Spin<T> {}

impl<T> Spin<T> {
    const fn new(value: T) -> Self {
        Self { is_held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        while self.is_held.swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        // SAFETY: `is_held` was ours to set, so nobody else is here.
        let result = body(unsafe { &mut *self.value.get() });
        self.is_held.store(false, Ordering::Release);
        result
    }
}
