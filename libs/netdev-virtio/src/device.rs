//! The device: start, receive, transmit.

use crate::ring::{BUFFER_BYTES, BUFFERS, Buffer, Direction, Ring};
use core::sync::atomic::{AtomicUsize, Ordering, fence};
use kit_iface_irq::{Handler, Irq};
use kit_iface_netdev::{Capabilities, ETHERNET_HEADER_BYTES, NetDevice, NetDeviceError};
use kit_iface_platform::Platform;
use kit_util_sync::SleepLock;
use kit_util_virtio::{Acknowledge, KitTransport, OpenError, device_type, open};
use virtio_drivers::transport::Transport;

const RECEIVE: u16 = 0;
const TRANSMIT: u16 = 1;
/// `struct virtio_net_hdr` with `num_buffers` (virtio 1.2, 5.1.6); all zero: no offload, no segmentation.
const HEADER_BYTES: usize = 12;
/// The same without `num_buffers`, for devices before virtio 1.0.
const LEGACY_HEADER_BYTES: usize = 10;

bitflags::bitflags! {
    /// What this driver negotiates (virtio 1.2, 5.1.3 and 6).
    #[derive(Clone, Copy, Debug)]
    struct Features: u64 {
        /// The device has an address of its own.
        const MAC = 1 << 5;
        /// It follows virtio 1.0 or later.
        const VERSION_1 = 1 << 32;
    }
}

/// A virtio network card, found on first use.
pub struct VirtioNet<P: Platform, I: Irq> {
    platform: &'static P,
    irq: &'static I,
    /// Apart from the rings: `receive` may call `transmit` from inside.
    transport: SleepLock<Option<KitTransport>>,
    receive: SleepLock<Option<Receive>>,
    transmit: SleepLock<Option<Transmit>>,
    acknowledge: AtomicUsize,
}

struct Receive {
    ring: Ring,
    header_bytes: usize,
}

struct Transmit {
    ring: Ring,
    header_bytes: usize,
    /// Buffers that are the driver's.
    free: [Buffer; BUFFERS],
    free_count: usize,
    /// Somebody was refused: the device interrupts when it has finished a buffer.
    is_awaited: bool,
}

impl<P: Platform, I: Irq> VirtioNet<P, I> {
    /// The first network card that `platform` finds, with its interrupt at `irq`. Touches nothing yet.
    pub const fn new(platform: &'static P, irq: &'static I) -> Self {
        Self {
            platform,
            irq,
            transport: SleepLock::new(None),
            receive: SleepLock::new(None),
            transmit: SleepLock::new(None),
            acknowledge: AtomicUsize::new(0),
        }
    }

    /// Interrupt handler; `data` is the address of the key.
    fn interrupt(data: usize) {
        // SAFETY: `start` passes the address of the field `acknowledge` of a static.
        let word = unsafe { &*(data as *const AtomicUsize) };
        // SAFETY: the field holds zero or what `start` stored.
        unsafe { Acknowledge::from_word(word.load(Ordering::Relaxed)) }.acknowledge();
        kit_iface_sched::wake(data, usize::MAX);
    }

    fn notify(&self, ring: &Ring) {
        if let Some(transport) = &mut *self.transport.lock() {
            ring.notify(transport);
        }
    }
}

impl Transmit {
    /// Collects what the device has sent.
    fn collect(&mut self) {
        while let Some((buffer, _)) = self.ring.take_used(BUFFER_BYTES) {
            self.free[self.free_count] = buffer;
            self.free_count += 1;
        }
    }

    fn has_buffer(&mut self) -> bool {
        if self.free_count == 0 {
            self.collect();
        }
        let is_awaited = self.free_count == 0;
        if is_awaited != self.is_awaited {
            self.is_awaited = is_awaited;
            self.ring.set_interrupts(is_awaited);
            if is_awaited {
                // The device may have finished one before it could see that it should say so.
                fence(Ordering::SeqCst);
                self.collect();
            }
        }
        self.free_count > 0
    }
}

impl<P: Platform, I: Irq> NetDevice for VirtioNet<P, I> {
    fn start(&self) -> Result<Capabilities, NetDeviceError> {
        let handler = Handler { function: Self::interrupt, data: self.event_key() };
        let opened =
            open(self.platform, self.irq, device_type::NETWORK, handler).map_err(|error| match error {
                OpenError::Absent => NetDeviceError::Absent,
                OpenError::Failed => NetDeviceError::Failed,
            })?;
        self.acknowledge.store(opened.acknowledge.to_word(), Ordering::Relaxed);
        let mut transport = opened.transport;
        let features = transport.begin_init(Features::all());
        let mac = transport.read_config_space::<[u8; 6]>(0).map_err(|_| NetDeviceError::Failed)?;
        let header_bytes =
            if features.contains(Features::VERSION_1) { HEADER_BYTES } else { LEGACY_HEADER_BYTES };

        let mut ring = Ring::new(&mut transport, RECEIVE, Direction::FromDevice)?;
        for buffer in 0..BUFFERS {
            ring.submit(buffer as Buffer, BUFFER_BYTES);
        }
        let mut transmit = Transmit {
            ring: Ring::new(&mut transport, TRANSMIT, Direction::ToDevice)?,
            header_bytes,
            free: core::array::from_fn(|index| index as Buffer),
            free_count: BUFFERS,
            is_awaited: false,
        };
        transmit.ring.set_interrupts(false);
        transport.finish_init();
        ring.notify(&mut transport);
        *self.transmit.lock() = Some(transmit);
        *self.receive.lock() = Some(Receive { ring, header_bytes });
        *self.transport.lock() = Some(transport);
        Ok(Capabilities::ethernet(mac))
    }

    fn receive<R>(&self, consume: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        let mut guard = self.receive.lock();
        let receive = guard.as_mut()?;
        let (buffer, written) = receive.ring.take_used(BUFFER_BYTES)?;
        let header_bytes = receive.header_bytes;
        let end = written.clamp(header_bytes, BUFFER_BYTES);
        let result = consume(&mut receive.ring.bytes(buffer)[header_bytes..end]);
        if receive.ring.submit(buffer, BUFFER_BYTES) {
            self.notify(&receive.ring);
        }
        Some(result)
    }

    fn transmit<R>(&self, frame_bytes: usize, fill: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        let mut guard = self.transmit.lock();
        let transmit = guard.as_mut()?;
        let bytes = transmit.header_bytes + frame_bytes;
        if bytes > BUFFER_BYTES || !transmit.has_buffer() {
            return None;
        }
        transmit.free_count -= 1;
        let buffer = transmit.free[transmit.free_count];
        let (header, frame) = transmit.ring.bytes(buffer)[..bytes].split_at_mut(transmit.header_bytes);
        header.fill(0);
        let result = fill(frame);
        if transmit.ring.submit(buffer, bytes) {
            self.notify(&transmit.ring);
        }
        Some(result)
    }

    fn can_transmit(&self) -> bool {
        self.transmit.lock().as_mut().is_some_and(Transmit::has_buffer)
    }

    fn can_receive(&self) -> bool {
        self.receive.lock().as_ref().is_some_and(|receive| receive.ring.has_used())
    }

    fn set_receive_interrupts(&self, enabled: bool) {
        if let Some(receive) = &mut *self.receive.lock() {
            receive.ring.set_interrupts(enabled);
            // The store must be visible before the caller's look at `can_receive`.
            fence(Ordering::SeqCst);
        }
    }

    fn event_key(&self) -> usize {
        &raw const self.acknowledge as usize
    }
}

// A frame of the largest MTU that `Capabilities::ethernet` promises fits into a buffer.
const _: () = assert!(HEADER_BYTES + ETHERNET_HEADER_BYTES + 1500 <= BUFFER_BYTES);
