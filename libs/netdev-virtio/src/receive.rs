//! The receive ring: all buffers are the device's, except the one being looked at.

use crate::ring::{BUFFER_BYTES, Ring, Writer};
use kit_iface_netdev::{ETHERNET_HEADER_BYTES, NetDeviceError};
use kit_util_virtio::AnyTransport;

/// Queue number (5.1.2).
pub(crate) const QUEUE: u16 = 0;
/// A device that returns this many buffers in a row without a frame in them is given up.
const MOST_BAD: u32 = 1000;

/// See the module's description.
pub(crate) struct Receive<const N: usize> {
    ring: Ring<N>,
    header_bytes: usize,
    /// Buffers without a frame since the last frame.
    bad: u32,
}

impl<const N: usize> Receive<N> {
    /// Sets the ring up and gives it its buffers.
    pub fn new(transport: &mut AnyTransport, header_bytes: usize) -> Result<Self, NetDeviceError> {
        let mut ring = Ring::new(transport, QUEUE, Writer::Device)?;
        (0..N).for_each(|buffer| ring.lend(buffer, BUFFER_BYTES));
        Ok(Self { ring, header_bytes, bad: 0 })
    }

    /// The device may look for buffers.
    pub fn start(&self) {
        self.ring.ring();
    }

    /// See [`Ring::returned`].
    pub fn returned(&self) -> u16 {
        self.ring.returned()
    }

    /// See [`Ring::is_broken`].
    pub fn is_broken(&self) -> bool {
        self.ring.is_broken()
    }

    /// Hands the oldest frame to `consume`. What cannot be a frame, by its length, is the device's mistake and dropped.
    #[inline]
    pub fn receive<R>(&mut self, consume: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        loop {
            let (number, bytes) = self.ring.take()?;
            let frame = self.ring.buffer(number).and_then(|buffer| buffer.get_mut(self.header_bytes..bytes));
            if let Some(frame) = frame
                && frame.len() >= ETHERNET_HEADER_BYTES
            {
                self.bad = 0;
                let result = consume(frame);
                self.lend(number);
                return Some(result);
            }
            self.bad += 1;
            if self.bad > MOST_BAD {
                self.ring.give_up();
            }
            self.lend(number);
        }
    }

    #[inline]
    fn lend(&mut self, number: usize) {
        self.ring.lend(number, BUFFER_BYTES);
        self.ring.notify();
    }

    /// Asks for interrupts, or asks for none.
    pub fn set_interrupts(&mut self, enabled: bool) {
        self.ring.set_interrupts(enabled);
    }
}
