//! One type for both transports, so that a driver is compiled once.

use core::fmt::Debug;
use core::ops::BitAnd;
use virtio_drivers::transport::mmio::MmioTransport;
use virtio_drivers::transport::pci::PciTransport;
use virtio_drivers::transport::{DeviceStatus, DeviceType, InterruptStatus, Transport};
use virtio_drivers::{PhysAddr, Result};

/// A transport of either kind.
pub enum KitTransport {
    /// Registers in memory.
    Mmio(MmioTransport<'static>),
    /// A PCI function with MSI-X.
    Pci(PciWithMsix),
}

/// `virtio-drivers`' PCI transport, plus the one thing that it leaves out: queues announce events by MSI-X.
pub struct PciWithMsix {
    pub(crate) inner: PciTransport,
    /// Address of the common configuration structure.
    pub(crate) common: usize,
}

/// Offsets in the common configuration structure (virtio 1.2, 4.1.4.3).
const QUEUE_SELECT: usize = 22;
const QUEUE_MSIX_VECTOR: usize = 26;
/// The only entry that is used.
const ENTRY: u16 = 0;

impl PciWithMsix {
    fn announce_by_msix(&self, queue: u16) {
        // SAFETY: `common` is the mapped structure of this function; both fields are 16 bits wide.
        unsafe {
            ((self.common + QUEUE_SELECT) as *mut u16).write_volatile(queue);
            ((self.common + QUEUE_MSIX_VECTOR) as *mut u16).write_volatile(ENTRY);
        }
    }
}

macro_rules! either {
    ($self:expr, $transport:ident => $body:expr) => {
        match $self {
            KitTransport::Mmio($transport) => $body,
            KitTransport::Pci(PciWithMsix { inner: $transport, .. }) => $body,
        }
    };
}

impl Transport for KitTransport {
    fn device_type(&self) -> DeviceType {
        either!(self, t => t.device_type())
    }
    fn read_device_features(&mut self) -> u64 {
        either!(self, t => t.read_device_features())
    }
    fn write_driver_features(&mut self, features: u64) {
        either!(self, t => t.write_driver_features(features))
    }
    fn max_queue_size(&mut self, queue: u16) -> u32 {
        either!(self, t => t.max_queue_size(queue))
    }
    fn notify(&mut self, queue: u16) {
        either!(self, t => t.notify(queue))
    }
    fn get_status(&self) -> DeviceStatus {
        either!(self, t => t.get_status())
    }
    fn set_status(&mut self, status: DeviceStatus) {
        either!(self, t => t.set_status(status))
    }
    fn set_guest_page_size(&mut self, bytes: u32) {
        either!(self, t => t.set_guest_page_size(bytes))
    }
    fn requires_legacy_layout(&self) -> bool {
        either!(self, t => t.requires_legacy_layout())
    }
    fn queue_set(
        &mut self,
        queue: u16,
        size: u32,
        descriptors: PhysAddr,
        driver: PhysAddr,
        device: PhysAddr,
    ) {
        if let Self::Pci(pci) = self {
            pci.announce_by_msix(queue);
        }
        either!(self, t => t.queue_set(queue, size, descriptors, driver, device))
    }
    fn queue_unset(&mut self, queue: u16) {
        either!(self, t => t.queue_unset(queue))
    }
    fn queue_used(&mut self, queue: u16) -> bool {
        either!(self, t => t.queue_used(queue))
    }
    fn ack_interrupt(&mut self) -> InterruptStatus {
        either!(self, t => t.ack_interrupt())
    }
    fn begin_init<F>(&mut self, supported: F) -> F
    where
        F: bitflags::Flags<Bits = u64> + BitAnd<Output = F> + Debug,
    {
        either!(self, t => t.begin_init(supported))
    }
    fn read_config_generation(&self) -> u32 {
        either!(self, t => t.read_config_generation())
    }
    fn read_config_space<T: zerocopy::FromBytes + zerocopy::IntoBytes>(&self, offset: usize) -> Result<T> {
        either!(self, t => t.read_config_space(offset))
    }
    fn write_config_space<T: zerocopy::IntoBytes + zerocopy::Immutable>(
        &mut self,
        offset: usize,
        value: T,
    ) -> Result<()> {
        either!(self, t => t.write_config_space(offset, value))
    }
}
