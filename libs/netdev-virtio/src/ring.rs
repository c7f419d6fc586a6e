//! A split virtqueue (virtio 1.2, 2.7) whose buffers never move: descriptor *n* names buffer *n* for ever.
//!
//! A network card lends and takes back the same buffers all its life. So a descriptor is written once, lending writes
//! two half-words, and nothing is looked up: the general queue of crate virtio-drivers, for chains of any shape, took 750
//! of the 9,750 instructions of a small request and 6 KB of the image.
//!
//! The device is not trusted: a number that it returns must be that of a buffer which is lent; if not, the ring is
//! given up. The memory that it writes is only looked at while the driver has it.

use core::ptr::NonNull;
use core::sync::atomic::{AtomicU16, Ordering, fence};
use kit_iface_netdev::NetDeviceError;
use kit_util_virtio::{AnyTransport, Doorbell, KitHal};
use virtio_drivers::transport::Transport;
use virtio_drivers::{BufferDirection, Hal, PAGE_SIZE};

/// Room for a virtio header and the largest Ethernet frame; two make a page.
pub(crate) const BUFFER_BYTES: usize = 2048;

// 2.7.5: a descriptor is an address, a length, flags and a link that is not used.
const DESCRIPTOR_BYTES: usize = 16;
const DEVICE_WRITES: u16 = 2;
// 2.7.6 and 2.7.8: both rings begin with flags and an index.
const RING_HEADER_BYTES: usize = 4;
const AVAILABLE_BYTES: usize = 2;
const USED_BYTES: usize = 8;
/// In the available ring's flags: no interrupts. In the used ring's: no notifications.
const SUPPRESS: u16 = 1;

/// Who writes the buffers of a ring.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writer {
    Device,
    Driver,
}

/// A queue of `N` buffers. Never dropped: the device keeps the addresses.
pub(crate) struct Ring<const N: usize> {
    descriptors: NonNull<u8>,
    available: NonNull<u8>,
    used: NonNull<u8>,
    buffers: NonNull<u8>,
    doorbell: Doorbell,
    /// How many buffers were lent, and how many came back, ever.
    lent: u16,
    returned: u16,
    /// By number: whether the device has it.
    is_lent: [bool; N],
    is_broken: bool,
}

// SAFETY: the ring owns the memory that its pointers name, and shares it with the device alone.
unsafe impl<const N: usize> Send for Ring<N> {}

impl<const N: usize> Ring<N> {
    /// Sets queue `number` up, with no buffer lent.
    pub fn new(transport: &mut AnyTransport, number: u16, writer: Writer) -> Result<Self, NetDeviceError> {
        const { assert!(N.is_power_of_two() && N <= 1 << 15) };
        if transport.queue_used(number) || (transport.max_queue_size(number) as usize) < N {
            return Err(NetDeviceError::Failed);
        }
        // The layout of devices older than the standard (2.7.2), which newer ones take as well: the used ring begins
        // a page behind the others.
        let before_used = N * DESCRIPTOR_BYTES + RING_HEADER_BYTES + N * AVAILABLE_BYTES + size_of::<u16>();
        let before_used = before_used.next_multiple_of(PAGE_SIZE);
        let ring = pages(before_used + RING_HEADER_BYTES + N * USED_BYTES + size_of::<u16>())?;
        let buffers = pages(N * BUFFER_BYTES)?;
        // SAFETY: both offsets are inside of the block that was just asked for.
        let (available, used) = unsafe { (ring.add(N * DESCRIPTOR_BYTES), ring.add(before_used)) };
        for buffer in 0..N {
            // SAFETY: buffer `buffer` and descriptor `buffer` are inside of their blocks, and nobody else knows of
            // them yet. Memory of the heap is identity-mapped, see `KitHal`.
            unsafe {
                let descriptor = ring.add(buffer * DESCRIPTOR_BYTES);
                descriptor.cast::<u64>().write(buffers.add(buffer * BUFFER_BYTES).as_ptr() as u64);
                descriptor.add(8).cast::<u32>().write(BUFFER_BYTES as u32);
                let flags = if writer == Writer::Device { DEVICE_WRITES } else { 0 };
                descriptor.add(12).cast::<u16>().write(flags);
            }
        }
        let address = |place: NonNull<u8>| place.as_ptr() as u64;
        transport.queue_set(number, N as u32, address(ring), address(available), address(used));
        Ok(Self {
            descriptors: ring,
            available,
            used,
            buffers,
            doorbell: transport.doorbell(number).ok_or(NetDeviceError::Failed)?,
            lent: 0,
            returned: 0,
            is_lent: [false; N],
            is_broken: false,
        })
    }

    /// How many buffers have come back, ever, modulo 2^16: where the driver is in the used ring.
    pub fn returned(&self) -> u16 {
        self.returned
    }

    /// The device has returned what it did not have. It is not asked for anything any more.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Gives the ring up.
    pub fn give_up(&mut self) {
        self.is_broken = true;
    }

    /// A buffer that the driver has; `None` if the device has it.
    #[inline]
    pub fn buffer(&mut self, number: usize) -> Option<&mut [u8; BUFFER_BYTES]> {
        if *self.is_lent.get(number)? {
            return None;
        }
        // SAFETY: there are `N` buffers, and this one is not the device's, which leaves it alone until it is lent; the
        // reference borrows the ring, so it is the only one.
        Some(unsafe { self.buffers.add(number * BUFFER_BYTES).cast().as_mut() })
    }

    /// Lends the first `bytes` of a buffer that the driver has.
    #[inline]
    pub fn lend(&mut self, number: usize, bytes: usize) {
        let Some(is_lent) = self.is_lent.get_mut(number) else { return };
        *is_lent = true;
        let slot = usize::from(self.lent) % N;
        self.lent = self.lent.wrapping_add(1);
        // SAFETY: the descriptor of a buffer that was not lent, and the slot behind the last that the device has been
        // told of (there are as many slots as buffers): the device reads neither before it sees the index.
        unsafe {
            let length = self.descriptors.add(number * DESCRIPTOR_BYTES + 8).cast::<u32>();
            length.write(bytes.min(BUFFER_BYTES) as u32);
            let slot = self.available.add(RING_HEADER_BYTES + slot * AVAILABLE_BYTES).cast::<u16>();
            slot.write(number as u16);
        }
        half(self.available, 2).store(self.lent, Ordering::Release);
    }

    /// Tells the device of what was lent, if it wants to know.
    #[inline]
    pub fn notify(&self) {
        // 2.7.13.4: the index must be seen before the device's wish is looked at.
        fence(Ordering::SeqCst);
        if half(self.used, 0).load(Ordering::Relaxed) & SUPPRESS == 0 {
            self.doorbell.ring();
        }
    }

    /// Tells the device of what was lent, whether it wants to know or not.
    pub fn ring(&self) {
        self.doorbell.ring();
    }

    /// Takes the next buffer that the device has returned: its number, and how many bytes the device says that it
    /// wrote.
    #[inline]
    pub fn take(&mut self) -> Option<(usize, usize)> {
        if self.is_broken || half(self.used, 2).load(Ordering::Acquire) == self.returned {
            return None;
        }
        let place = RING_HEADER_BYTES + usize::from(self.returned) % N * USED_BYTES;
        // SAFETY: inside of the used ring; the device does not write an element behind its index.
        let [number, bytes] = unsafe { self.used.add(place).cast::<[u32; 2]>().read_volatile() };
        let (number, bytes) = (number as usize, bytes as usize);
        match self.is_lent.get_mut(number) {
            Some(is_lent) if *is_lent => *is_lent = false,
            _ => {
                self.is_broken = true;
                return None;
            }
        }
        self.returned = self.returned.wrapping_add(1);
        Some((number, bytes))
    }

    /// Asks for interrupts, or for none. The caller looks at the ring next: the wish is seen before that.
    pub fn set_interrupts(&self, enabled: bool) {
        half(self.available, 0).store(if enabled { 0 } else { SUPPRESS }, Ordering::Relaxed);
        fence(Ordering::SeqCst);
    }
}

/// A half-word of a ring's header.
#[inline]
fn half(ring: NonNull<u8>, offset: usize) -> &'static AtomicU16 {
    // SAFETY: rings are at least this long, aligned, live for ever, and their headers are only accessed like this.
    unsafe { AtomicU16::from_ptr(ring.add(offset).cast().as_ptr()) }
}

/// Zeroed pages that are never freed: a device may write to them until the machine ends.
fn pages(bytes: usize) -> Result<NonNull<u8>, NetDeviceError> {
    match KitHal::dma_alloc(bytes.div_ceil(PAGE_SIZE), BufferDirection::Both) {
        (0, _) => Err(NetDeviceError::OutOfMemory),
        (_, block) => Ok(block),
    }
}
