//! The tap as a [`NetDevice`].

use crate::open::{Opened, open};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};
use kit_iface_irq::{Handler, Irq, Line};
use kit_iface_netdev::{Capabilities, ETHERNET_HEADER_BYTES, NetDevice, NetDeviceError};
use kit_iface_platform::Platform;
use kit_util_linux::{Errno, close, read, write};
use kit_util_sync::{Lazy, SleepLock};

/// A VLAN tag, which the MTU does not count.
const TAG_BYTES: usize = 4;

/// A tap interface of the host.
pub struct Tap<P: 'static, I: 'static> {
    platform: &'static P,
    irq: &'static I,
    name: &'static str,
    cable: Lazy<Cable>,
    /// Its address is the event key.
    key: u8,
}

/// The opened descriptor, and a buffer for each direction: while a frame is looked at, another may be sent.
struct Cable {
    descriptor: i32,
    capabilities: Capabilities,
    signal: &'static Signal,
    receive: SleepLock<Box<[u8]>>,
    transmit: SleepLock<Box<[u8]>>,
}

/// What the interrupt handler and the card share; lives for ever.
struct Signal {
    /// Frames may be there to read. Set by the handler, and by the card until a read has found nothing.
    has_arrived: AtomicBool,
    is_wanted: AtomicBool,
    key: usize,
}

impl Signal {
    fn raise(&self) {
        self.has_arrived.store(true, Ordering::SeqCst);
        if self.is_wanted.load(Ordering::SeqCst) {
            kit_iface_sched::wake(self.key, usize::MAX);
        }
    }
}

fn handle(data: usize) {
    // SAFETY: `attach` leaked the signal before it attached this handler with its address.
    let signal = unsafe { &*(data as *const Signal) };
    signal.raise();
}

impl<P: Platform, I: Irq> Tap<P, I> {
    /// The far end of the interface `name`, unless the command line of `platform` names another. Nothing is touched
    /// before it is started.
    pub const fn new(platform: &'static P, irq: &'static I, name: &'static str) -> Self {
        Self { platform, irq, name, cable: Lazy::new(), key: 0 }
    }

    #[cold]
    fn plug_in(&self) -> Result<Cable, NetDeviceError> {
        let Opened { descriptor, mtu } = open(self.platform.command_line(), self.name)?;
        self.attach(descriptor, mtu).inspect_err(|_| {
            let _ = close(descriptor);
        })
    }

    fn attach(&self, descriptor: i32, mtu: usize) -> Result<Cable, NetDeviceError> {
        let mut mac = [0; 6];
        kit_iface_entropy::fill(&mut mac).map_err(|_| NetDeviceError::Failed)?;
        // Locally administered, not a group.
        mac[0] = mac[0] & 0xfc | 0x02;
        let mut capabilities = Capabilities::ethernet(mac);
        capabilities.mtu = mtu;
        let bytes = mtu + ETHERNET_HEADER_BYTES + TAG_BYTES;
        let (receive, transmit) = (SleepLock::new(buffer(bytes)?), SleepLock::new(buffer(bytes)?));
        let is_wanted = AtomicBool::new(true);
        let signal = Signal { has_arrived: AtomicBool::new(false), is_wanted, key: self.event_key() };
        let signal: &'static Signal = Box::leak(Box::new(signal));
        let handler = Handler { function: handle, data: core::ptr::from_ref(signal) as usize };
        self.irq.attach(Line::Descriptor(descriptor), handler).map_err(|_| NetDeviceError::Failed)?;
        Ok(Cable { descriptor, capabilities, signal, receive, transmit })
    }
}

fn buffer(bytes: usize) -> Result<Box<[u8]>, NetDeviceError> {
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(bytes).map_err(|_| NetDeviceError::OutOfMemory)?;
    buffer.resize(bytes, 0);
    Ok(buffer.into_boxed_slice())
}

impl<P: Platform, I: Irq> NetDevice for Tap<P, I> {
    fn start(&self) -> Result<Capabilities, NetDeviceError> {
        self.cable.get_or_try(|| self.plug_in()).map(|cable| cable.capabilities)
    }

    fn receive<R>(&self, consume: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        let Cable { descriptor, signal, receive, .. } = self.cable.get()?;
        loop {
            // Taken back before the read: what arrives after a read that found nothing raises it anew.
            if !signal.has_arrived.load(Ordering::Relaxed)
                || !signal.has_arrived.swap(false, Ordering::SeqCst)
            {
                return None;
            }
            let mut buffer = receive.lock();
            match read(*descriptor, &mut buffer) {
                Ok(bytes) => {
                    signal.has_arrived.store(true, Ordering::SeqCst);
                    if let Some(frame) = buffer.get_mut(..bytes)
                        && bytes >= ETHERNET_HEADER_BYTES
                    {
                        return Some(consume(frame));
                    }
                    // An empty read is the end of an inherited descriptor: nothing will ever come again.
                    if bytes == 0 {
                        signal.has_arrived.store(false, Ordering::SeqCst);
                        return None;
                    }
                }
                Err(Errno::INTERRUPTED) => signal.has_arrived.store(true, Ordering::SeqCst),
                Err(_) => return None,
            }
        }
    }

    fn transmit<R>(&self, frame_bytes: usize, fill: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        let Cable { descriptor, transmit, .. } = self.cable.get()?;
        let mut buffer = transmit.lock();
        let frame = buffer.get_mut(..frame_bytes)?;
        let result = fill(frame);
        // The host takes every frame, and loses it if its queue is full or the interface is down, as wires do.
        while write(*descriptor, frame) == Err(Errno::INTERRUPTED) {}
        Some(result)
    }

    fn can_transmit(&self) -> bool {
        self.cable.get().is_some()
    }

    fn can_receive(&self) -> bool {
        self.cable.get().is_some_and(|cable| cable.signal.has_arrived.load(Ordering::SeqCst))
    }

    fn set_receive_interrupts(&self, enabled: bool) {
        if let Some(cable) = self.cable.get() {
            cable.signal.is_wanted.store(enabled, Ordering::SeqCst);
        }
    }

    fn event_key(&self) -> usize {
        (&raw const self.key).addr()
    }
}
