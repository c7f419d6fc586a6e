//! Which virtio devices there are: those that the command line names, and those on PCI.
//!
//! Both are looked at when a driver asks, once per driver; an image without drivers does neither.

mod bars;
mod mmio;
pub(crate) mod pci;

use kit_iface_platform::VirtioDevice;

/// See [`kit_iface_platform::Platform::find_virtio`].
pub(crate) fn find_virtio(device_type: u16, visit: &mut dyn FnMut(VirtioDevice) -> bool) {
    if !mmio::find(device_type, visit) {
        pci::find(device_type, visit);
    }
}
