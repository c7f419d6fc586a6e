//! PCI configuration space of the platform, in the shape that `virtio-drivers` reads it.

use kit_iface_platform::{PciFunction, Platform};
use virtio_drivers::transport::pci::bus::{ConfigurationAccess, DeviceFunction};

/// A platform's configuration space.
pub(crate) struct Configuration<P: Platform>(pub &'static P);

pub(crate) fn function(of: DeviceFunction) -> PciFunction {
    PciFunction { bus: of.bus, device: of.device, function: of.function }
}

impl<P: Platform> ConfigurationAccess for Configuration<P> {
    fn read_word(&self, device: DeviceFunction, register: u8) -> u32 {
        self.0.pci_read(function(device), register.into())
    }

    fn write_word(&mut self, device: DeviceFunction, register: u8, value: u32) {
        self.0.pci_write(function(device), register.into(), value);
    }

    unsafe fn unsafe_clone(&self) -> Self {
        Self(self.0)
    }
}
