//! Finding a device, and the first steps that all devices share.

use crate::pci::{self, NO_VECTOR};
use crate::registers::Registers;
use crate::transport::{AnyTransport, Bus};
use core::ptr::NonNull;
use kit_iface_irq::{Handler, Irq, Line};
use kit_iface_platform::{PciFunction, Platform, VirtioDevice};
use virtio_drivers::transport::mmio::MmioTransport;
use virtio_drivers::transport::{DeviceStatus, DeviceType, Transport};

// 4.2.2: the two MMIO registers that are used after initialisation.
const MMIO_QUEUE_NOTIFY: usize = 0x050;
const MMIO_INTERRUPT_ACK: usize = 0x064;
/// Both reasons for an interrupt: a used buffer and a change of configuration.
const ALL_REASONS: u32 = 0b11;
/// VIRTIO_F_VERSION_1 (6).
const VERSION_1: u64 = 1 << 32;

/// Why there is no device to work with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The machine has none.
    Absent,
    /// It is there and is not what the standard says, or cannot interrupt.
    Failed,
}

/// A device between discovery and work.
pub struct Device {
    /// Its registers.
    pub transport: AnyTransport,
    interrupt: Interrupt,
}

enum Interrupt {
    Mmio(Line, Registers),
    Pci(PciFunction),
}

/// How to quieten an interrupt: what its handler does first.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledge(Option<Registers>);

impl Acknowledge {
    /// Tells the device that its interrupt has been seen. Nothing to do for messages.
    #[inline]
    pub fn acknowledge(self) {
        if let Some(registers) = self.0 {
            // One write and no read: whatever the reason was, the queues tell.
            registers.write(0, ALL_REASONS);
        }
    }
}

/// How to tell the device that a queue has new buffers.
#[derive(Clone, Copy, Debug)]
pub struct Doorbell {
    registers: Registers,
    queue: u16,
}

impl Doorbell {
    pub(crate) fn mmio(registers: Registers, queue: u16) -> Option<Self> {
        Some(Self { registers: registers.part(MMIO_QUEUE_NOTIFY, 4)?, queue })
    }

    pub(crate) fn pci(registers: Registers, queue: u16) -> Option<Self> {
        Some(Self { registers, queue })
    }

    /// Tells it.
    #[inline]
    pub fn ring(self) {
        match self.registers.bytes() {
            4 => self.registers.write(0, u32::from(self.queue)),
            _ => self.registers.write(0, self.queue),
        }
    }
}

impl Device {
    /// Opens the first device of `device_type` (section 5) that the platform knows and that answers.
    pub fn open<P: Platform>(platform: &P, device_type: DeviceType) -> Result<Self, OpenError> {
        let mut found = Err(OpenError::Absent);
        platform.find_virtio(device_type as u16, &mut |place| {
            found = Self::open_at(platform, place, device_type);
            found.is_ok()
        });
        found
    }

    /// Opens the device at `place`, where the platform has found one of `device_type`. For drivers of several
    /// devices; each opens a place once.
    pub fn open_at<P: Platform>(
        platform: &P,
        place: VirtioDevice,
        device_type: DeviceType,
    ) -> Result<Self, OpenError> {
        match place {
            VirtioDevice::Mmio { base, bytes, line } => Self::open_mmio(base, bytes, line, device_type),
            VirtioDevice::Pci(function) => Self::open_pci(platform, function, device_type),
            _ => Err(OpenError::Failed),
        }
    }

    fn open_mmio(base: usize, bytes: usize, line: Line, device_type: DeviceType) -> Result<Self, OpenError> {
        let header = NonNull::new(base as *mut _).ok_or(OpenError::Failed)?;
        // SAFETY: the platform found a virtio register block of this size here and mapped it for good; this is
        // the only driver for its device type, and it opens each device once.
        let (transport, registers) =
            unsafe { (MmioTransport::new(header, bytes), Registers::new(base, bytes)) };
        let transport = transport.map_err(|_| OpenError::Failed)?;
        if transport.device_type() as u16 != device_type as u16 {
            return Err(OpenError::Failed);
        }
        let transport = AnyTransport::new(Bus::Mmio { transport, registers });
        Ok(Self { transport, interrupt: Interrupt::Mmio(line, registers) })
    }

    fn open_pci<P: Platform>(
        platform: &P,
        function: PciFunction,
        device_type: DeviceType,
    ) -> Result<Self, OpenError> {
        let parts = pci::parts(platform, function).ok_or(OpenError::Failed)?;
        let transport = AnyTransport::new(Bus::Pci { device_type, parts, vector: NO_VECTOR });
        Ok(Self { transport, interrupt: Interrupt::Pci(function) })
    }

    /// Resets the device and agrees on features (3.1.1, steps 1 to 6): those of `wanted` that it offers.
    pub fn negotiate(&mut self, wanted: u64) -> Result<u64, OpenError> {
        let transport = &mut self.transport;
        transport.set_status(DeviceStatus::empty());
        let known = DeviceStatus::ACKNOWLEDGE | DeviceStatus::DRIVER;
        transport.set_status(known);
        let features = transport.read_device_features() & (wanted | VERSION_1);
        transport.write_driver_features(features);
        transport.set_guest_page_size(virtio_drivers::PAGE_SIZE as u32);
        // Devices older than the standard know no agreement to ask for.
        if features & VERSION_1 != 0 {
            transport.set_status(known | DeviceStatus::FEATURES_OK);
            if !transport.get_status().contains(DeviceStatus::FEATURES_OK) {
                return Err(OpenError::Failed);
            }
        }
        Ok(features)
    }

    /// Routes the device's interrupt to what `handler` makes of the way to acknowledge it. Before its queues are
    /// set up; queues that are set up afterwards interrupt there.
    pub fn attach<P: Platform, I: Irq>(
        &mut self,
        platform: &P,
        irq: &I,
        handler: impl FnOnce(Acknowledge) -> Handler,
    ) -> Result<(), OpenError> {
        match self.interrupt {
            Interrupt::Mmio(line, registers) => {
                let acknowledge = registers.part(MMIO_INTERRUPT_ACK, 4).ok_or(OpenError::Failed)?;
                irq.attach(line, handler(Acknowledge(Some(acknowledge)))).map_err(|_| OpenError::Failed)?;
            }
            Interrupt::Pci(function) => {
                let Bus::Pci { parts, .. } = &self.transport.bus else { return Err(OpenError::Failed) };
                let msix = parts.msix.ok_or(OpenError::Failed)?;
                let message =
                    irq.attach(Line::Message, handler(Acknowledge(None))).map_err(|_| OpenError::Failed)?;
                msix.enable(platform, function, message);
                self.transport.bus.use_vector_0();
            }
        }
        Ok(())
    }

    /// The last step (3.1.1, step 8): the device may work.
    pub fn finish(&mut self) {
        let known = DeviceStatus::ACKNOWLEDGE | DeviceStatus::DRIVER | DeviceStatus::FEATURES_OK;
        self.transport.set_status(known | DeviceStatus::DRIVER_OK);
    }
}
