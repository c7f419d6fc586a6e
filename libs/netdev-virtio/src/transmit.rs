//! The transmit ring: buffers are the driver's until they are filled and sent, and are collected when the last
//! one is gone.

use crate::buffer::Buffer;
use kit_iface_netdev::NetDeviceError;
use kit_util_virtio::{AnyTransport, Doorbell, KitHal, VirtQueue};

/// Queue number (5.1.2).
pub(crate) const QUEUE: u16 = 1;

/// See the module's description.
pub(crate) struct Transmit<const N: usize> {
    queue: VirtQueue<KitHal, N>,
    /// Buffers to fill, with their headers, which say "nothing special" for ever.
    free: [Option<Buffer>; N],
    free_count: usize,
    /// By the number of the descriptor, with how much of it was lent.
    lent: [Option<(Buffer, usize)>; N],
    doorbell: Doorbell,
    header_bytes: usize,
    interrupts: bool,
    /// Buffers that came back, ever.
    returned: u16,
}

impl<const N: usize> Transmit<N> {
    /// Sets the ring up. Every buffer begins with a header of zeros.
    pub fn new(
        transport: &mut AnyTransport,
        buffers: [Buffer; N],
        header_bytes: usize,
    ) -> Result<Self, NetDeviceError> {
        let mut queue = VirtQueue::new(transport, QUEUE, false, false).map_err(|_| NetDeviceError::Failed)?;
        queue.set_dev_notify(false);
        let doorbell = transport.doorbell(QUEUE).ok_or(NetDeviceError::Failed)?;
        let (free, lent) = (buffers.map(Some), [const { None }; N]);
        Ok(Self { queue, free, free_count: N, lent, doorbell, header_bytes, interrupts: false, returned: 0 })
    }

    /// How many buffers the device has returned so far, modulo 2^16: where the driver is in the used ring.
    pub fn returned(&self) -> u16 {
        self.returned
    }

    /// How many buffers could be filled without collecting any.
    pub fn free_count(&self) -> usize {
        self.free_count
    }

    /// Fills a buffer and sends it.
    pub fn transmit<R>(&mut self, frame_bytes: usize, fill: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        if self.free_count == 0 {
            self.collect();
        }
        let place = self.free_count.checked_sub(1)?;
        let bytes = self.header_bytes + frame_bytes;
        let buffer = self.free.get_mut(place)?;
        let result = fill(buffer.as_mut()?.get_mut(self.header_bytes..bytes)?);
        let buffer = buffer.take()?;
        self.free_count = place;
        // SAFETY: the buffer is kept in `lent`, untouched, until the device has returned it.
        let token = unsafe { self.queue.add(&[&buffer[..bytes]], &mut []) };
        // As many descriptors as buffers: there is one for each.
        if let Ok(token) = token
            && let Some(place) = self.lent.get_mut(usize::from(token))
        {
            *place = Some((buffer, bytes));
        }
        if self.queue.should_notify() {
            self.doorbell.ring();
        }
        if self.free_count == 0 {
            self.set_interrupts(true);
        }
        Some(result)
    }

    /// Takes back what the device has sent.
    fn collect(&mut self) {
        while let Some(token) = self.queue.peek_used() {
            let Some((buffer, bytes)) = self.lent.get_mut(usize::from(token)).and_then(Option::take) else {
                return;
            };
            // SAFETY: `token` names the descriptor that this very buffer was lent by, at this length.
            if unsafe { self.queue.pop_used(token, &[&buffer[..bytes]], &mut []) }.is_err() {
                return;
            }
            self.returned = self.returned.wrapping_add(1);
            if let Some(place) = self.free.get_mut(self.free_count) {
                *place = Some(buffer);
                self.free_count += 1;
            }
        }
        if self.free_count > 0 && self.interrupts {
            self.set_interrupts(false);
        }
    }

    /// Interrupts tell that a buffer came back; wanted only while there is none.
    fn set_interrupts(&mut self, enabled: bool) {
        self.interrupts = enabled;
        self.queue.set_dev_notify(enabled);
        core::sync::atomic::fence(core::sync::atomic::Ordering::SeqCst);
    }
}
