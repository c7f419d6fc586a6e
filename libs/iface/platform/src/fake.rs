//! A platform without a machine, for host tests of code that is generic over one.

use crate::{PciFunction, Platform, VirtioDevice};
use core::sync::atomic::{AtomicU64, Ordering};
use kit_iface_arch::fake::FakeArch;
use kit_iface_frames::Frames;

/// Has a command line and a timer that never fires, and no devices. Ending the image panics.
pub struct FakePlatform {
    command_line: &'static [u8],
    deadline_ns: AtomicU64,
}

impl FakePlatform {
    /// A platform that was started with `command_line`.
    pub const fn new(command_line: &'static [u8]) -> Self {
        Self { command_line, deadline_ns: AtomicU64::new(u64::MAX) }
    }

    /// What the timer is set to.
    pub fn deadline_ns(&self) -> u64 {
        self.deadline_ns.load(Ordering::Relaxed)
    }
}

impl Platform for FakePlatform {
    type Arch = FakeArch;
    const NAME: &'static str = "fake";
    const HAS_PREEMPTION: bool = false;

    fn start(&'static self, _frames: &'static dyn Frames) {}

    fn command_line(&self) -> &'static [u8] {
        self.command_line
    }

    fn set_timer(&self, deadline_ns: u64) {
        self.deadline_ns.store(deadline_ns, Ordering::Relaxed);
    }

    fn idle(&self) {}

    fn exit(&self, status: u8) -> ! {
        panic!("the image exited with status {status}")
    }

    fn report_fault(&self, _kind: &str, _addresses: &[usize]) {}

    fn find_virtio(&self, _device_type: u16, _visit: &mut dyn FnMut(VirtioDevice) -> bool) {}

    fn map_device(&self, address: u64, _bytes: usize) -> Option<usize> {
        usize::try_from(address).ok()
    }

    fn pci_read(&self, _function: PciFunction, _register: u16) -> u32 {
        u32::MAX
    }

    fn pci_write(&self, _function: PciFunction, _register: u16, _value: u32) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_what_needs_no_machine() {
        let platform = FakePlatform::new(b"app kit.env=A=1");
        crate::conformance::command_line_is_stable(&platform);
        crate::conformance::absent_pci_functions_read_as_ones(&platform);
        platform.set_timer(7);
        assert_eq!(platform.deadline_ns(), 7);
    }
}
