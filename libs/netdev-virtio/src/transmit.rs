//! The transmit ring: buffers are the driver's until they are filled and sent, and are collected when the last
//! one is gone.

use crate::ring::{Ring, Writer};
use kit_iface_netdev::NetDeviceError;
use kit_util_virtio::AnyTransport;

/// Queue number (5.1.2).
pub(crate) const QUEUE: u16 = 1;

/// See the module's description.
pub(crate) struct Transmit<const N: usize> {
    /// Buffers begin with headers, which say "nothing special" for ever: they are zero.
    ring: Ring<N>,
    /// Numbers of the buffers that can be filled: the first `free_count`.
    free: [u16; N],
    free_count: usize,
    header_bytes: usize,
    interrupts: bool,
}

impl<const N: usize> Transmit<N> {
    /// Sets the ring up.
    pub fn new(transport: &mut AnyTransport, header_bytes: usize) -> Result<Self, NetDeviceError> {
        let ring = Ring::new(transport, QUEUE, Writer::Driver)?;
        ring.set_interrupts(false);
        let free = core::array::from_fn(|number| number as u16);
        Ok(Self { ring, free, free_count: N, header_bytes, interrupts: false })
    }

    /// See [`Ring::returned`].
    pub fn returned(&self) -> u16 {
        self.ring.returned()
    }

    /// See [`Ring::is_broken`].
    pub fn is_broken(&self) -> bool {
        self.ring.is_broken()
    }

    /// How many buffers could be filled without collecting any.
    pub fn free_count(&self) -> usize {
        self.free_count
    }

    /// Fills a buffer and sends it.
    #[inline]
    pub fn transmit<R>(&mut self, frame_bytes: usize, fill: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        if self.free_count == 0 {
            self.collect();
        }
        let place = self.free_count.checked_sub(1)?;
        let number = usize::from(*self.free.get(place)?);
        let bytes = self.header_bytes + frame_bytes;
        let result = fill(self.ring.buffer(number)?.get_mut(self.header_bytes..bytes)?);
        self.free_count = place;
        self.ring.lend(number, bytes);
        self.ring.notify();
        if self.free_count == 0 {
            self.set_interrupts(true);
        }
        Some(result)
    }

    /// Takes back what the device has sent.
    fn collect(&mut self) {
        while let Some((number, _)) = self.ring.take() {
            if let Some(place) = self.free.get_mut(self.free_count) {
                *place = number as u16;
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
        self.ring.set_interrupts(enabled);
    }
}
