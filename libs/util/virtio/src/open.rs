//! Finding a device and making its transport and its interrupt work.

use crate::hal::IdentityHal;
use crate::msix;
use crate::pci::Configuration;
use crate::transport::{KitTransport, PciWithMsix};
use core::ptr::NonNull;
use kit_iface_irq::{Handler, Irq};
use kit_iface_platform::{PciFunction, Platform, VirtioDevice};
use virtio_drivers::transport::mmio::MmioTransport;
use virtio_drivers::transport::pci::PciTransport;
use virtio_drivers::transport::pci::bus::{BarInfo, Command, DeviceFunction, PciRoot};

/// Why no device could be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// This machine has no device of that type.
    Absent,
    /// There is one, and it (or its interrupt) could not be set up.
    Failed,
}

/// A device that is ready for feature negotiation.
pub struct Opened {
    /// Its registers.
    pub transport: KitTransport,
    /// What its interrupt handler needs.
    pub acknowledge: Acknowledge,
}

/// Quietens a device from its interrupt handler. One word, so that a driver can keep it in an atomic.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledge(usize);

/// Offsets of virtio 1.2, 4.2.2.
const INTERRUPT_STATUS: usize = 0x60;
const INTERRUPT_ACK: usize = 0x64;

impl Acknowledge {
    /// The word; zero for a device whose interrupts are messages and need no acknowledgement.
    pub const fn to_word(self) -> usize {
        self.0
    }

    /// From the word.
    ///
    /// # Safety
    /// `word` came from [`Acknowledge::to_word`], or is zero.
    pub const unsafe fn from_word(word: usize) -> Self {
        Self(word)
    }

    /// Clears the cause of the interrupt. What the device does from now on raises a new one.
    pub fn acknowledge(self) {
        if self.0 != 0 {
            // SAFETY: the word is the address of a mapped virtio-mmio register block, by construction.
            unsafe {
                let status = ((self.0 + INTERRUPT_STATUS) as *const u32).read_volatile();
                ((self.0 + INTERRUPT_ACK) as *mut u32).write_volatile(status);
            }
        }
    }
}

/// Opens the first device of `device_type` and routes its interrupt to `handler`, which may run at once.
pub fn open<P: Platform, I: Irq>(
    platform: &'static P,
    irq: &'static I,
    device_type: u16,
    handler: Handler,
) -> Result<Opened, OpenError> {
    let mut found = None;
    platform.find_virtio(device_type, &mut |device| {
        found = Some(device);
        true
    });
    match found.ok_or(OpenError::Absent)? {
        VirtioDevice::Mmio { base, bytes, line } => {
            let header = NonNull::new(base as *mut _).ok_or(OpenError::Failed)?;
            // SAFETY: the platform found a virtio register block there, `bytes` long, and mapped it for good.
            let transport = unsafe { MmioTransport::new(header, bytes) }.map_err(|_| OpenError::Failed)?;
            irq.attach(line, handler).map_err(|_| OpenError::Failed)?;
            Ok(Opened { transport: KitTransport::Mmio(transport), acknowledge: Acknowledge(base) })
        }
        VirtioDevice::Pci(function) => open_pci(platform, irq, function, handler).ok_or(OpenError::Failed),
        _ => Err(OpenError::Absent),
    }
}

fn open_pci<P: Platform, I: Irq>(
    platform: &'static P,
    irq: &'static I,
    at: PciFunction,
    handler: Handler,
) -> Option<Opened> {
    let device = DeviceFunction { bus: at.bus, device: at.device, function: at.function };
    let mut root = PciRoot::new(Configuration(platform));
    for bar in root.bars(device).ok()?.into_iter().flatten() {
        if let BarInfo::Memory { address, size, .. } = bar
            && address != 0
            && platform.map_device(address, size as usize) != Some(address as usize)
        {
            return None;
        }
    }
    root.set_command(device, Command::MEMORY_SPACE | Command::BUS_MASTER);
    let inner = PciTransport::new::<IdentityHal, _>(&mut root, device).ok()?;
    let common = msix::common_configuration(platform, at)?;
    msix::enable(platform, irq, at, handler)?;
    Some(Opened { transport: KitTransport::Pci(PciWithMsix { inner, common }), acknowledge: Acknowledge(0) })
}
