//! The device as an [`Entropy`] source.

use alloc::boxed::Box;
use alloc::vec;
use kit_iface_clock::monotonic_ns;
use kit_iface_entropy::{Entropy, EntropyError};
use kit_iface_irq::Irq;
use kit_iface_platform::Platform;
use kit_util_sync::{Lazy, SleepLock};
use kit_util_virtio::{Bell, Device, Doorbell, KitHal, OpenError, VirtQueue};
use virtio_drivers::transport::DeviceType;

const QUEUE: u16 = 0;
/// Bytes asked for at a time: two SHA-512 states, more than any seed.
const BUFFER_BYTES: usize = 128;
/// A host that has not answered by then will not.
const PATIENCE_NS: u64 = 5_000_000_000;

/// The first virtio entropy device of a platform.
pub struct VirtioEntropy<P: 'static, I: 'static> {
    platform: &'static P,
    irq: &'static I,
    source: Lazy<SleepLock<Source>>,
}

struct Source {
    queue: VirtQueue<KitHal, 2>,
    buffer: Box<[u8]>,
    doorbell: Doorbell,
    bell: &'static Bell,
}

impl<P: Platform, I: Irq> VirtioEntropy<P, I> {
    /// The first such device of `platform`. Nothing is touched before the first byte is wanted.
    pub const fn new(platform: &'static P, irq: &'static I) -> Self {
        Self { platform, irq, source: Lazy::new() }
    }

    #[cold]
    fn bring_up(&self) -> Result<SleepLock<Source>, EntropyError> {
        let mut device = Device::open(self.platform, DeviceType::EntropySource).map_err(failure)?;
        device.negotiate(0).map_err(failure)?;
        let bell = Bell::hang(&mut device, self.platform, self.irq).map_err(failure)?;
        let queue =
            VirtQueue::new(&mut device.transport, QUEUE, false, false).map_err(|_| EntropyError::Failed)?;
        let doorbell = device.transport.doorbell(QUEUE).ok_or(EntropyError::Failed)?;
        device.finish();
        // Dropping the transport would reset the device.
        core::mem::forget(device);
        Ok(SleepLock::new(Source { queue, buffer: vec![0; BUFFER_BYTES].into(), doorbell, bell }))
    }
}

fn failure(error: OpenError) -> EntropyError {
    match error {
        OpenError::Absent => EntropyError::Absent,
        OpenError::Failed => EntropyError::Failed,
    }
}

impl Source {
    /// Fills the beginning of `buffer` and returns how much of it.
    fn fill_some(&mut self, buffer: &mut [u8]) -> Result<usize, EntropyError> {
        // A request that was given up on must come back before its buffer may be lent again.
        let token = match self.queue.available_desc() {
            // SAFETY: the buffer is part of `self`, which lives in a static, and is untouched until it is back.
            2 => unsafe { self.queue.add(&[], &mut [&mut self.buffer]) }.map_err(|_| EntropyError::Failed)?,
            _ => 0,
        };
        if self.queue.should_notify() {
            self.doorbell.ring();
        }
        let queue = &mut self.queue;
        if !self.bell.wait_until(monotonic_ns() + PATIENCE_NS, || queue.can_pop()) {
            return Err(EntropyError::Failed);
        }
        // SAFETY: this very buffer was lent under this token.
        let used = unsafe { self.queue.pop_used(token, &[], &mut [&mut self.buffer]) };
        let bytes = (used.map_err(|_| EntropyError::Failed)? as usize).min(BUFFER_BYTES).min(buffer.len());
        buffer[..bytes].copy_from_slice(&self.buffer[..bytes]);
        // Nobody gets the same bytes twice.
        self.buffer.fill(0);
        if bytes == 0 && !buffer.is_empty() { Err(EntropyError::Failed) } else { Ok(bytes) }
    }
}

impl<P: Platform, I: Irq> Entropy for VirtioEntropy<P, I> {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        let source = self.source.get_or_try(|| self.bring_up())?;
        let mut source = source.lock();
        let mut filled = 0;
        while filled < buffer.len() {
            filled += source.fill_some(&mut buffer[filled..])?;
        }
        Ok(())
    }
}
