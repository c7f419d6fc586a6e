//! One virtqueue whose descriptors each own a buffer for the life of the device.

use core::alloc::Layout;
use core::ptr::NonNull;
use kit_iface_netdev::NetDeviceError;
use kit_util_virtio::{IdentityHal, KitTransport};
use virtio_drivers::queue::VirtQueue;
use virtio_drivers::transport::Transport;

/// Descriptors, hence buffers, in a ring: a power of two. 16 frames of 1.5 KB cover the window of the sockets
/// that fit into the smallest images; more would only take memory from them.
pub(crate) const BUFFERS: usize = 16;
/// Bytes of one buffer: header and frame, rounded so that two fill a page.
pub(crate) const BUFFER_BYTES: usize = 2048;

/// Which way the device moves bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ToDevice,
    FromDevice,
}

/// A virtqueue and its buffers. A buffer is the device's between `submit` and `take_used`, else the driver's.
pub(crate) struct Ring {
    queue: VirtQueue<IdentityHal, BUFFERS>,
    number: u16,
    direction: Direction,
    memory: NonNull<u8>,
    /// Which buffer the descriptor of a token was given.
    buffer_of_token: [u8; BUFFERS],
}

// SAFETY: the buffers belong to the ring; the pointer is never shared.
unsafe impl Send for Ring {}

/// A buffer's index.
pub(crate) type Buffer = u8;

impl Ring {
    pub(crate) fn new(
        transport: &mut KitTransport,
        number: u16,
        direction: Direction,
    ) -> Result<Self, NetDeviceError> {
        let layout = Layout::from_size_align(BUFFERS * BUFFER_BYTES, BUFFER_BYTES)
            .map_err(|_| NetDeviceError::OutOfMemory)?;
        let memory = kit_iface_alloc::allocate(layout).map_err(|_| NetDeviceError::OutOfMemory)?;
        let queue = VirtQueue::new(transport, number, false, false).map_err(|error| match error {
            virtio_drivers::Error::DmaError => NetDeviceError::OutOfMemory,
            _ => NetDeviceError::Failed,
        })?;
        Ok(Self { queue, number, direction, memory, buffer_of_token: [0; BUFFERS] })
    }

    /// The bytes of a buffer that is the driver's.
    pub(crate) fn bytes(&mut self, buffer: Buffer) -> &mut [u8] {
        // SAFETY: `memory` is `BUFFERS` buffers long; `&mut self` makes this the only reference.
        unsafe {
            let start = self.memory.add(usize::from(buffer) % BUFFERS * BUFFER_BYTES);
            core::slice::from_raw_parts_mut(start.as_ptr(), BUFFER_BYTES)
        }
    }

    /// Gives the first `bytes` of a buffer to the device; says whether it wants to be notified.
    pub(crate) fn submit(&mut self, buffer: Buffer, bytes: usize) -> bool {
        let start = self.bytes(buffer)[..bytes].as_mut_ptr();
        // SAFETY: the slice is part of the buffer, which lives as long as the queue and is not touched again
        // before `take_used` returns it.
        let token = unsafe {
            match self.direction {
                Direction::ToDevice => self.queue.add(&[core::slice::from_raw_parts(start, bytes)], &mut []),
                Direction::FromDevice => {
                    self.queue.add(&[], &mut [core::slice::from_raw_parts_mut(start, bytes)])
                }
            }
        };
        // There are as many descriptors as buffers, so `add` finds one.
        let Ok(token) = token else { return false };
        self.buffer_of_token[usize::from(token) % BUFFERS] = buffer;
        self.queue.should_notify()
    }

    /// Takes back the oldest buffer that the device has finished with, and how many bytes it wrote. `submitted`
    /// tells how many bytes of a buffer were given to it.
    pub(crate) fn take_used(&mut self, submitted: usize) -> Option<(Buffer, usize)> {
        let token = self.queue.peek_used()?;
        let buffer = self.buffer_of_token[usize::from(token) % BUFFERS];
        let start = self.bytes(buffer)[..submitted].as_mut_ptr();
        // SAFETY: this is the slice that `submit` added under this token; its length matters to nobody: an
        // identity-mapped buffer needs no unsharing.
        let written = unsafe {
            match self.direction {
                Direction::ToDevice => {
                    self.queue.pop_used(token, &[core::slice::from_raw_parts(start, submitted)], &mut [])
                }
                Direction::FromDevice => {
                    self.queue.pop_used(token, &[], &mut [core::slice::from_raw_parts_mut(start, submitted)])
                }
            }
        };
        Some((buffer, written.ok()? as usize))
    }

    pub(crate) fn has_used(&self) -> bool {
        self.queue.can_pop()
    }

    pub(crate) fn set_interrupts(&mut self, enabled: bool) {
        self.queue.set_dev_notify(enabled);
    }

    pub(crate) fn notify(&self, transport: &mut KitTransport) {
        transport.notify(self.number);
    }
}
