//! The device as a [`NetDevice`].

use crate::receive::{self, Receive};
use crate::ring::BUFFER_BYTES;
use crate::transmit::{self, Transmit};
use alloc::boxed::Box;
use core::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use kit_iface_console::log_str;
use kit_iface_irq::{Handler, Irq};
use kit_iface_netdev::{Capabilities, ETHERNET_HEADER_BYTES, NetDevice, NetDeviceError};
use kit_iface_platform::Platform;
use kit_util_sync::{Lazy, SleepLock};
use kit_util_virtio::{Acknowledge, AnyTransport, Device, OpenError, UsedIndex};
use virtio_drivers::transport::{DeviceType, Transport as _};

// 5.1.3: feature bits.
const FEATURE_MTU: u64 = 1 << 3;
const FEATURE_MAC: u64 = 1 << 5;
/// 6: any layout of headers and data, before version 1.
const FEATURE_ANY_LAYOUT: u64 = 1 << 27;
const FEATURE_VERSION_1: u64 = 1 << 32;
// 5.1.4: the configuration structure.
const CONFIG_MAC: usize = 0;
const CONFIG_MTU: usize = 10;
// 5.1.6: the header, which before version 1 lacks `num_buffers`.
const HEADER_BYTES: usize = 12;
const LEGACY_HEADER_BYTES: usize = 10;

/// A virtio network device. `RX` and `TX` are the numbers of buffers, powers of two.
pub struct VirtioNet<P: 'static, I: 'static, const RX: usize = 16, const TX: usize = 16> {
    platform: &'static P,
    irq: &'static I,
    rings: Lazy<Rings<RX, TX>>,
    /// Its address is the event key.
    interrupts: AtomicBool,
}

struct Rings<const RX: usize, const TX: usize> {
    capabilities: Capabilities,
    receive: SleepLock<Receive<RX>>,
    transmit: SleepLock<Transmit<TX>>,
    received: Seen,
    transmitted: Seen,
    /// As [`Transmit::free_count`], for who does not hold the lock.
    free: AtomicUsize,
}

/// How far the device is in a ring, and how far the driver: readable without a lock.
struct Seen {
    device: UsedIndex,
    driver: AtomicU16,
    /// The device has broken the rules: nothing that it says counts any more.
    is_over: AtomicBool,
}

impl Seen {
    fn is_behind(&self) -> bool {
        self.device.load() != self.driver.load(Ordering::Relaxed) && !self.is_over.load(Ordering::Relaxed)
    }

    /// The driver is here now.
    #[inline]
    fn advance(&self, returned: u16, is_broken: bool) {
        self.driver.store(returned, Ordering::Relaxed);
        if is_broken {
            self.end();
        }
    }

    #[cold]
    fn end(&self) {
        if !self.is_over.swap(true, Ordering::Relaxed) {
            log_str("kit: netdev: the network card breaks the rules of virtio and is not used any more\n");
        }
    }
}

/// What the interrupt handler needs; lives for ever.
struct Interrupt {
    acknowledge: Acknowledge,
    key: usize,
}

fn handle(data: usize) {
    // SAFETY: `start` leaked it before it attached this handler.
    let interrupt = unsafe { &*(data as *const Interrupt) };
    interrupt.acknowledge.acknowledge();
    kit_iface_sched::wake(interrupt.key, usize::MAX);
}

impl<P: Platform, I: Irq, const RX: usize, const TX: usize> VirtioNet<P, I, RX, TX> {
    /// The first virtio network device of `platform`. Nothing is touched before it is started.
    pub const fn new(platform: &'static P, irq: &'static I) -> Self {
        Self { platform, irq, rings: Lazy::new(), interrupts: AtomicBool::new(true) }
    }

    #[cold]
    fn bring_up(&self) -> Result<Rings<RX, TX>, NetDeviceError> {
        let mut device = Device::open(self.platform, DeviceType::Network).map_err(failure)?;
        let wanted = FEATURE_MAC | FEATURE_MTU | FEATURE_ANY_LAYOUT | FEATURE_VERSION_1;
        let features = device.negotiate(wanted).map_err(failure)?;
        let is_modern = features & FEATURE_VERSION_1 != 0;
        let header_bytes = if is_modern { HEADER_BYTES } else { LEGACY_HEADER_BYTES };
        let key = self.event_key();
        let handler = |acknowledge| {
            let interrupt = Box::leak(Box::new(Interrupt { acknowledge, key }));
            Handler { function: handle, data: core::ptr::from_ref(interrupt) as usize }
        };
        device.attach(self.platform, self.irq, handler).map_err(failure)?;

        let capabilities = capabilities(&device.transport, features)?;
        let receive = Receive::new(&mut device.transport, header_bytes)?;
        let transmit = Transmit::new(&mut device.transport, header_bytes)?;
        let (received, transmitted) =
            (seen(&device.transport, receive::QUEUE)?, seen(&device.transport, transmit::QUEUE)?);
        device.finish();
        receive.start();
        // Dropping the transport would reset the device.
        core::mem::forget(device);
        Ok(Rings {
            capabilities,
            received,
            transmitted,
            free: AtomicUsize::new(transmit.free_count()),
            receive: SleepLock::new(receive),
            transmit: SleepLock::new(transmit),
        })
    }
}

fn seen(transport: &AnyTransport, queue: u16) -> Result<Seen, NetDeviceError> {
    // SAFETY: the queues go into a static that is never dropped.
    let device = unsafe { transport.used_index(queue) }.ok_or(NetDeviceError::Failed)?;
    Ok(Seen { device, driver: AtomicU16::new(0), is_over: AtomicBool::new(false) })
}

fn failure(error: OpenError) -> NetDeviceError {
    match error {
        OpenError::Absent => NetDeviceError::Absent,
        OpenError::Failed => NetDeviceError::Failed,
    }
}

fn capabilities(transport: &AnyTransport, features: u64) -> Result<Capabilities, NetDeviceError> {
    let mut mac = [0; 6];
    if features & FEATURE_MAC != 0 {
        let read = || transport.read_config_space::<[u8; 6]>(CONFIG_MAC);
        mac = transport.read_consistent(read).map_err(|_| NetDeviceError::Failed)?;
    } else {
        kit_iface_entropy::fill(&mut mac).map_err(|_| NetDeviceError::Failed)?;
        // Locally administered, not a group.
        mac[0] = mac[0] & 0xfc | 0x02;
    }
    let mut capabilities = Capabilities::ethernet(mac);
    if features & FEATURE_MTU != 0 {
        let mtu = transport.read_config_space::<u16>(CONFIG_MTU).map_err(|_| NetDeviceError::Failed)?;
        let largest = BUFFER_BYTES - HEADER_BYTES - ETHERNET_HEADER_BYTES;
        capabilities.mtu = usize::from(mtu).min(largest);
    }
    Ok(capabilities)
}

impl<P: Platform, I: Irq, const RX: usize, const TX: usize> NetDevice for VirtioNet<P, I, RX, TX> {
    fn start(&self) -> Result<Capabilities, NetDeviceError> {
        self.rings.get_or_try(|| self.bring_up()).map(|rings| rings.capabilities)
    }

    #[inline]
    fn receive<R>(&self, consume: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        let rings = self.rings.get()?;
        if !rings.received.is_behind() {
            return None;
        }
        let mut receive = rings.receive.lock();
        let result = receive.receive(consume);
        rings.received.advance(receive.returned(), receive.is_broken());
        result
    }

    #[inline]
    fn transmit<R>(&self, frame_bytes: usize, fill: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        let rings = self.rings.get()?;
        let mut transmit = rings.transmit.lock();
        let result = transmit.transmit(frame_bytes, fill);
        rings.transmitted.advance(transmit.returned(), transmit.is_broken());
        rings.free.store(transmit.free_count(), Ordering::Release);
        result
    }

    #[inline]
    fn can_transmit(&self) -> bool {
        let Some(rings) = self.rings.get() else { return false };
        rings.free.load(Ordering::Acquire) > 0 || rings.transmitted.is_behind()
    }

    #[inline]
    fn can_receive(&self) -> bool {
        self.rings.get().is_some_and(|rings| rings.received.is_behind())
    }

    fn set_receive_interrupts(&self, enabled: bool) {
        if let Some(rings) = self.rings.get()
            && self.interrupts.swap(enabled, Ordering::Relaxed) != enabled
        {
            rings.receive.lock().set_interrupts(enabled);
        }
    }

    fn event_key(&self) -> usize {
        self.interrupts.as_ptr() as usize
    }
}
