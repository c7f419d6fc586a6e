//! The platform slot, over the files beside this one.

use crate::{boot, discover, exit, reserve, space, timer};
use core::ptr::NonNull;
use kit_arch_x86_64::X86_64;
use kit_iface_frames::Frames;
use kit_iface_platform::{PciFunction, Platform, VirtioDevice};

/// A PVH virtual machine.
pub struct Kvm(());

impl Kvm {
    /// The machine this image runs on. One static, made by the composed root.
    pub const fn new() -> Self {
        Self(())
    }
}

impl Platform for Kvm {
    type Arch = X86_64;

    const NAME: &'static str = "kvm";
    const HAS_PREEMPTION: bool = true;

    fn start(&'static self, frames: &'static dyn Frames) {
        boot::start(frames);
    }

    fn command_line(&self) -> &'static [u8] {
        boot::command_line()
    }

    fn set_timer(&self, deadline_ns: u64) {
        timer::set(deadline_ns);
    }

    fn idle(&self) {
        // Whoever idles is not inside the frame allocator, though interrupts are masked.
        reserve::top_up();
        // SAFETY: the caller has masked interrupts, and `start` has installed the traps.
        unsafe { kit_arch_x86_64::halt() };
    }

    fn exit(&self, status: u8) -> ! {
        exit::exit(status)
    }

    fn report_fault(&self, kind: &str, addresses: &[usize]) {
        exit::report_fault(kind, addresses);
    }

    unsafe fn share(&self, name: &str, memory: NonNull<u8>, bytes: usize) {
        exit::share(name, memory.as_ptr().addr(), bytes);
    }

    fn find_virtio(&self, device_type: u16, visit: &mut dyn FnMut(VirtioDevice) -> bool) {
        discover::find_virtio(device_type, visit);
    }

    fn map_device(&self, address: u64, bytes: usize) -> Option<usize> {
        boot::map_device(address, bytes)
    }

    fn devices_reach(&self, start: usize, bytes: usize) -> bool {
        space::is_identity_mapped(start, bytes)
    }

    fn pci_read(&self, function: PciFunction, register: u16) -> u32 {
        discover::pci::read(function, register)
    }

    fn pci_write(&self, function: PciFunction, register: u16, value: u32) {
        discover::pci::write(function, register, value);
    }
}
