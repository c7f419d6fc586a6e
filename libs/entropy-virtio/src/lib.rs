//! Randomness from the host through a virtio entropy device (virtio 1.2, 5.4).
//!
//! The device fills one buffer at a time and interrupts when it has; the caller sleeps meanwhile. The buffer is
//! the driver's own, because a caller's may lie on a stack, which is not identity-mapped.
#![no_std]
#![deny(missing_docs)]

use core::alloc::Layout;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};
use kit_iface_entropy::{Entropy, EntropyError};
use kit_iface_irq::{Handler, Irq};
use kit_iface_platform::Platform;
use kit_util_sync::SleepLock;
use kit_util_virtio::{Acknowledge, IdentityHal, KitTransport, OpenError, device_type, open};
use virtio_drivers::queue::VirtQueue;
use virtio_drivers::transport::Transport;

const QUEUE: u16 = 0;
const BUFFER_BYTES: usize = 256;
/// A device that has not answered by then has failed: QEMU's answers within microseconds.
const PATIENCE_NS: u64 = 5_000_000_000;

bitflags::bitflags! {
    #[derive(Clone, Copy, Debug)]
    struct Features: u64 {
        const VERSION_1 = 1 << 32;
    }
}

struct Device {
    transport: KitTransport,
    queue: VirtQueue<IdentityHal, 2>,
    buffer: NonNull<u8>,
}

// SAFETY: the device and its buffer are used under one lock.
unsafe impl Send for Device {}

/// The first virtio entropy device of a platform, found on first use.
pub struct VirtioEntropy<P: Platform, I: Irq> {
    platform: &'static P,
    irq: &'static I,
    device: SleepLock<Option<Device>>,
    acknowledge: AtomicUsize,
}

impl<P: Platform, I: Irq> VirtioEntropy<P, I> {
    /// The first entropy device that `platform` finds, with its interrupt at `irq`. Touches nothing yet.
    pub const fn new(platform: &'static P, irq: &'static I) -> Self {
        Self { platform, irq, device: SleepLock::new(None), acknowledge: AtomicUsize::new(0) }
    }

    fn interrupt(data: usize) {
        // SAFETY: `start` passes the address of the field `acknowledge` of a static.
        let word = unsafe { &*(data as *const AtomicUsize) };
        // SAFETY: the field holds zero or what `start` stored.
        unsafe { Acknowledge::from_word(word.load(Ordering::Relaxed)) }.acknowledge();
        kit_iface_sched::wake(data, usize::MAX);
    }

    fn key(&self) -> usize {
        &raw const self.acknowledge as usize
    }

    fn start(&self) -> Result<Device, EntropyError> {
        let handler = Handler { function: Self::interrupt, data: self.key() };
        let opened =
            open(self.platform, self.irq, device_type::ENTROPY, handler).map_err(|error| match error {
                OpenError::Absent => EntropyError::Absent,
                OpenError::Failed => EntropyError::Failed,
            })?;
        self.acknowledge.store(opened.acknowledge.to_word(), Ordering::Relaxed);
        let mut transport = opened.transport;
        transport.begin_init(Features::all());
        let queue = VirtQueue::new(&mut transport, QUEUE, false, false).map_err(|_| EntropyError::Failed)?;
        let buffer = kit_iface_alloc::allocate(Layout::new::<[u8; BUFFER_BYTES]>())
            .map_err(|_| EntropyError::Failed)?;
        transport.finish_init();
        Ok(Device { transport, queue, buffer })
    }

    fn fill_part(&self, device: &mut Device, part: &mut [u8]) -> Result<usize, EntropyError> {
        let wanted = part.len().min(BUFFER_BYTES);
        // SAFETY: the buffer is `BUFFER_BYTES` long, the driver's, and lent to the device until `pop_used`.
        let answer = unsafe { core::slice::from_raw_parts_mut(device.buffer.as_ptr(), wanted) };
        // SAFETY: `answer` is not touched before it is popped below; if it never is, the device keeps the
        // buffer, and the driver reports failure for good (the queue stays full).
        let token = unsafe { device.queue.add(&[], &mut [answer]) }.map_err(|_| EntropyError::Failed)?;
        if device.queue.should_notify() {
            device.transport.notify(QUEUE);
        }
        let deadline_ns = kit_iface_clock::monotonic_ns() + PATIENCE_NS;
        while !device.queue.can_pop() {
            kit_iface_sched::wait(self.key(), deadline_ns, || !device.queue.can_pop());
            if kit_iface_clock::monotonic_ns() >= deadline_ns && !device.queue.can_pop() {
                return Err(EntropyError::Failed);
            }
        }
        // SAFETY: the same slice that was added under this token.
        let written = unsafe { device.queue.pop_used(token, &[], &mut [answer]) };
        let count = written.map_err(|_| EntropyError::Failed)? as usize;
        let count = count.min(wanted);
        part[..count].copy_from_slice(&answer[..count]);
        // What was handed out must not be readable by the next caller.
        answer.fill(0);
        Ok(count)
    }
}

impl<P: Platform, I: Irq> Entropy for VirtioEntropy<P, I> {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        let mut guard = self.device.lock();
        if guard.is_none() {
            *guard = Some(self.start()?);
        }
        let device = guard.as_mut().ok_or(EntropyError::Absent)?;
        let mut rest = buffer;
        while !rest.is_empty() {
            match self.fill_part(device, rest)? {
                0 => return Err(EntropyError::Failed),
                count => rest = &mut rest[count..],
            }
        }
        Ok(())
    }
}
