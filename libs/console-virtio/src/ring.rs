//! A split virtqueue (virtio 1.2, 2.7) of one buffer, in memory that the console owns.
//!
//! A console has one piece of text under way in each direction, and must print when there is no heap. So a queue
//! has one descriptor, which is always number 0, and all of it is part of a static.
//!
//! The device is not trusted: what it says it wrote is cut to the buffer, and the buffer is only looked at while the
//! driver has it.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering, fence};
use kit_util_virtio::{AnyTransport, Doorbell};
use virtio_drivers::transport::Transport;

/// Bytes under way at a time.
pub(crate) const BUFFER_BYTES: usize = 2048;

/// In a descriptor's flags: the device writes the buffer (2.7.5).
const DEVICE_WRITES: u16 = 2;
/// In the available ring's flags: no interrupts (2.7.6).
const NO_INTERRUPT: u16 = 1;

/// What device and driver share. The used ring begins a page behind the others, as devices older than the standard
/// want it (2.7.2).
#[repr(C, align(4096))]
pub(crate) struct Shared {
    address: AtomicU64,
    length: AtomicU32,
    flags: AtomicU16,
    next: AtomicU16,
    available: [AtomicU16; 4],
    buffer: UnsafeCell<[u8; BUFFER_BYTES]>,
    used: Used,
}

#[repr(C, align(4096))]
struct Used {
    flags: AtomicU16,
    index: AtomicU16,
    number: AtomicU32,
    length: AtomicU32,
}

// SAFETY: everything but the buffer is atomic; the buffer is touched through the one `Ring` of this memory alone.
unsafe impl Sync for Shared {}

impl Shared {
    /// Nothing lent.
    pub const fn new() -> Self {
        Self {
            address: AtomicU64::new(0),
            length: AtomicU32::new(0),
            flags: AtomicU16::new(0),
            next: AtomicU16::new(0),
            available: [const { AtomicU16::new(0) }; 4],
            buffer: UnsafeCell::new([0; BUFFER_BYTES]),
            used: Used {
                flags: AtomicU16::new(0),
                index: AtomicU16::new(0),
                number: AtomicU32::new(0),
                length: AtomicU32::new(0),
            },
        }
    }
}

/// The driver's side of a queue.
pub(crate) struct Ring {
    shared: &'static Shared,
    doorbell: Doorbell,
    /// How often the buffer was lent.
    lent: u16,
}

impl Ring {
    /// Sets queue `number` up in `shared`, which becomes this ring's: no other one is ever made of it while the device
    /// runs. Without interrupts the driver polls.
    pub fn new(
        transport: &mut AnyTransport,
        number: u16,
        shared: &'static Shared,
        is_input: bool,
    ) -> Option<Self> {
        if transport.max_queue_size(number) == 0 {
            return None;
        }
        let address = |place: *const u8| place.addr() as u64;
        shared.address.store(address(shared.buffer.get().cast_const().cast()), Ordering::Relaxed);
        shared.flags.store(if is_input { DEVICE_WRITES } else { 0 }, Ordering::Relaxed);
        shared.available[0].store(if is_input { 0 } else { NO_INTERRUPT }, Ordering::Relaxed);
        let descriptors = address(shared.address.as_ptr().cast_const().cast());
        let available = address(shared.available.as_ptr().cast());
        let used = address(core::ptr::from_ref(&shared.used).cast());
        transport.queue_set(number, 1, descriptors, available, used);
        Some(Self { shared, doorbell: transport.doorbell(number)?, lent: 0 })
    }

    /// Whether the device has returned every buffer that it was lent.
    pub fn is_back(&self) -> bool {
        self.shared.used.index.load(Ordering::Acquire) == self.lent
    }

    /// The buffer and how much of it the device says it wrote, unless the device has it.
    pub fn buffer(&mut self) -> Option<(&mut [u8; BUFFER_BYTES], usize)> {
        if !self.is_back() {
            return None;
        }
        let length = (self.shared.used.length.load(Ordering::Relaxed) as usize).min(BUFFER_BYTES);
        // SAFETY: the device has given the buffer back and leaves it alone until it is lent; the reference borrows the
        // only ring of this memory.
        Some((unsafe { &mut *self.shared.buffer.get() }, length))
    }

    /// Lends the first `bytes` of the buffer, which the driver has, and tells the device.
    pub fn lend(&mut self, bytes: usize) {
        debug_assert!(self.is_back());
        self.shared.length.store(bytes.min(BUFFER_BYTES) as u32, Ordering::Relaxed);
        self.lent = self.lent.wrapping_add(1);
        // The slot of the only descriptor says 0 from the start.
        self.shared.available[1].store(self.lent, Ordering::Release);
        fence(Ordering::SeqCst);
        if self.shared.used.flags.load(Ordering::Relaxed) & 1 == 0 {
            self.doorbell.ring();
        }
    }
}
