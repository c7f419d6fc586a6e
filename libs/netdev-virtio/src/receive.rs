//! The receive ring: all buffers are the device's, except the one being looked at.

use crate::buffer::Buffer;
use kit_iface_netdev::NetDeviceError;
use kit_util_virtio::{AnyTransport, Doorbell, KitHal, VirtQueue};

/// Queue number (5.1.2).
pub(crate) const QUEUE: u16 = 0;

/// See the module's description.
pub(crate) struct Receive<const N: usize> {
    queue: VirtQueue<KitHal, N>,
    /// By the number of the descriptor that lends it to the device.
    buffers: [Option<Buffer>; N],
    doorbell: Doorbell,
    header_bytes: usize,
    /// Buffers that came back, ever.
    returned: u16,
}

impl<const N: usize> Receive<N> {
    /// Sets the ring up and gives it its buffers.
    pub fn new(
        transport: &mut AnyTransport,
        buffers: [Buffer; N],
        header_bytes: usize,
    ) -> Result<Self, NetDeviceError> {
        let queue = VirtQueue::new(transport, QUEUE, false, false).map_err(|_| NetDeviceError::Failed)?;
        let doorbell = transport.doorbell(QUEUE).ok_or(NetDeviceError::Failed)?;
        let mut receive = Self { queue, buffers: [const { None }; N], doorbell, header_bytes, returned: 0 };
        for buffer in buffers {
            receive.lend(buffer);
        }
        Ok(receive)
    }

    /// The device may look for buffers.
    pub fn start(&self) {
        self.doorbell.ring();
    }

    /// How many buffers the device has returned so far, modulo 2^16: where the driver is in the used ring.
    pub fn returned(&self) -> u16 {
        self.returned
    }

    /// Hands the oldest frame to `consume`. Frames that are shorter than their header are the device's mistake
    /// and are dropped.
    pub fn receive<R>(&mut self, consume: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        loop {
            let token = self.queue.peek_used()?;
            let mut buffer = self.buffers.get_mut(usize::from(token))?.take()?;
            // SAFETY: `token` names the descriptor that this very buffer was lent by.
            let used = unsafe { self.queue.pop_used(token, &[], &mut [&mut buffer]) };
            self.returned = self.returned.wrapping_add(1);
            let frame = used.ok().and_then(|bytes| buffer.get_mut(self.header_bytes..bytes as usize));
            let Some(frame) = frame else {
                self.lend(buffer);
                continue;
            };
            let result = consume(frame);
            self.lend(buffer);
            return Some(result);
        }
    }

    /// Asks for interrupts, or asks for none.
    pub fn set_interrupts(&mut self, enabled: bool) {
        self.queue.set_dev_notify(enabled);
        // The caller looks at the ring next; the device must not miss the wish in between.
        core::sync::atomic::fence(core::sync::atomic::Ordering::SeqCst);
    }

    fn lend(&mut self, mut buffer: Buffer) {
        // SAFETY: the buffer is kept in `buffers`, untouched, until the device has returned it.
        if let Ok(token) = unsafe { self.queue.add(&[], &mut [&mut buffer]) }
            && let Some(place) = self.buffers.get_mut(usize::from(token))
        {
            *place = Some(buffer);
            if self.queue.should_notify() {
                self.doorbell.ring();
            }
        }
    }
}
