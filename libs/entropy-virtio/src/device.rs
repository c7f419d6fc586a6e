//! The device as an [`Entropy`] source.

use alloc::boxed::Box;
use alloc::vec;
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_clock::monotonic_ns;
use kit_iface_entropy::{Entropy, EntropyError};
use kit_iface_irq::{Handler, Irq};
use kit_iface_platform::Platform;
use kit_iface_sched::wait;
use kit_util_sync::{Lazy, SleepLock};
use kit_util_virtio::{Acknowledge, Device, Doorbell, KitHal, OpenError, VirtQueue};
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
    interrupt: &'static Interrupt,
}

/// What the interrupt handler needs; lives for ever.
struct Interrupt {
    acknowledge: Acknowledge,
    count: AtomicU32,
}

fn handle(data: usize) {
    // SAFETY: `bring_up` leaked it before it attached this handler.
    let interrupt = unsafe { &*(data as *const Interrupt) };
    interrupt.acknowledge.acknowledge();
    interrupt.count.fetch_add(1, Ordering::Release);
    kit_iface_sched::wake(interrupt.count.as_ptr() as usize, 1);
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
        let mut interrupt = None;
        let handler = |acknowledge| {
            let leaked: &'static Interrupt =
                Box::leak(Box::new(Interrupt { acknowledge, count: AtomicU32::new(0) }));
            interrupt = Some(leaked);
            Handler { function: handle, data: core::ptr::from_ref(leaked) as usize }
        };
        device.attach(self.platform, self.irq, handler).map_err(failure)?;
        let queue =
            VirtQueue::new(&mut device.transport, QUEUE, false, false).map_err(|_| EntropyError::Failed)?;
        let doorbell = device.transport.doorbell(QUEUE).ok_or(EntropyError::Failed)?;
        device.finish();
        // Dropping the transport would reset the device.
        core::mem::forget(device);
        let interrupt = interrupt.ok_or(EntropyError::Failed)?;
        Ok(SleepLock::new(Source { queue, buffer: vec![0; BUFFER_BYTES].into(), doorbell, interrupt }))
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
        let deadline_ns = monotonic_ns() + PATIENCE_NS;
        while !self.queue.can_pop() {
            if monotonic_ns() >= deadline_ns {
                return Err(EntropyError::Failed);
            }
            let count = &self.interrupt.count;
            let seen = count.load(Ordering::Acquire);
            if !self.queue.can_pop() {
                wait(count.as_ptr() as usize, deadline_ns, || count.load(Ordering::Acquire) == seen);
            }
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
