//! The platform slot: what surrounds the processor, from entry to exit.
//!
//! A platform is one folder below `platforms/`. Its entry code brings the processor to the state that the
//! Rust ABI needs (SSE on, a stack, interrupts masked) and calls the composed root's `kit_root()`, which
//! starts every part in an order one can read. From there on the root drives; the platform answers.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;
pub mod hooks;
mod recorder;

pub use recorder::Recorder;

use core::ptr::NonNull;
use kit_iface_arch::Arch;
use kit_iface_frames::Frames;

/// Where a virtio device is reached, as discovery found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VirtioDevice {
    /// Registers in memory (virtio 1.2, 4.2).
    Mmio {
        /// Address of the register block, mapped and uncached.
        base: usize,
        /// Length of the block in bytes.
        bytes: usize,
        /// Its interrupt.
        line: kit_iface_irq::Line,
    },
    /// A PCI function (virtio 1.2, 4.1), reached through [`Platform::pci_read`] and [`Platform::pci_write`].
    Pci(PciFunction),
}

/// A PCI function's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PciFunction {
    /// Bus number.
    pub bus: u8,
    /// Device number, 0–31.
    pub device: u8,
    /// Function number, 0–7.
    pub function: u8,
}

/// A platform. Unless a method says otherwise it may be called from any context and never blocks.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a platform",
    note = "choose one with `kit build --platform …` or `[image] platform` in kit.toml"
)]
pub trait Platform: Sync + 'static {
    /// The processor this platform runs on.
    type Arch: Arch;

    /// The name that `--platform` takes.
    const NAME: &'static str;

    /// Whether the platform can interrupt a running thread when [`Platform::set_timer`] expires.
    const HAS_PREEMPTION: bool;

    /// Finishes what the entry code began: page tables with W^X, fault and interrupt stacks, the timer; and
    /// gives all usable RAM to `frames`. The root calls it once, first, on the boot stack, interrupts masked.
    fn start(&'static self, frames: &'static dyn Frames);

    /// The command line as the loader passed it: tokens separated by spaces, as `libs/util/cmdline` splits
    /// them. Bytes, because nothing upstream promises UTF-8.
    fn command_line(&self) -> &'static [u8];

    /// Asks for a timer interrupt at `deadline_ns` of the ambient monotonic clock, replacing the last
    /// request; `u64::MAX` cancels. One interrupt per request: nothing ticks when nothing is due.
    fn set_timer(&self, deadline_ns: u64);

    /// Sleeps until an interrupt (a device's or the timer's) has been handled. Called with interrupts masked;
    /// unmasks and sleeps atomically, so that an interrupt in between is not slept through; returns masked.
    fn idle(&self);

    /// Delivers what is pending, without sleeping, on platforms without [`Platform::HAS_PREEMPTION`]: there a
    /// handler runs only when a thread gives the processor up. Called with interrupts masked.
    fn poll(&self) {}

    /// Ends the image. `status` is the application's exit code, 0–255; the host tool receives it unchanged.
    fn exit(&self, status: u8) -> !;

    /// Tells the host tool about a failure of the OS, out of band: `kind` is a word, `addresses` a backtrace
    /// that the host can symbolise. The console has said the same in words. Does nothing where there is no
    /// such channel.
    fn report_fault(&self, kind: &str, addresses: &[usize]);

    /// Lets the host tool read `bytes` of memory at `memory` from now on, while the image runs and after its end,
    /// however that comes; `name` is a word by which the tool knows what it is. Does nothing where there is no way.
    ///
    /// # Safety
    /// The memory is whole pages of a static that is only read and written atomically, all of it is zero, and nobody
    /// touches it during the call.
    unsafe fn share(&self, _name: &str, _memory: NonNull<u8>, _bytes: usize) {}

    /// Calls `visit` for each virtio device of this `device_type` (virtio 1.2, section 5: 1 is a network
    /// card, 4 an entropy source) until it returns true. Looks at the machine anew each time: a driver asks once.
    fn find_virtio(&self, device_type: u16, visit: &mut dyn FnMut(VirtioDevice) -> bool);

    /// Makes `bytes` of device registers at physical `address` accessible, uncached, at the returned address.
    /// Fails only where the platform has no such memory.
    fn map_device(&self, address: u64, bytes: usize) -> Option<usize>;

    /// Whether devices reach `bytes` from `start` under the addresses that the image knows them by. Memory of the
    /// page-frame allocator is, and so is the heap; mappings of the address space, such as threads' stacks, are
    /// not. A driver copies what is not.
    fn devices_reach(&self, _start: usize, _bytes: usize) -> bool {
        false
    }

    /// Reads a 32-bit word of PCI configuration space; all ones where there is nothing.
    fn pci_read(&self, function: PciFunction, register: u16) -> u32;

    /// Writes a 32-bit word of PCI configuration space.
    fn pci_write(&self, function: PciFunction, register: u16, value: u32);
}

/// Exit status for a fault inside the OS: `EX_SOFTWARE` of sysexits.h.
pub const EXIT_FAULT: u8 = 70;
/// Exit status when memory ran out where no caller could be told: what a shell shows for SIGKILL, as after
/// Linux's out-of-memory killer.
pub const EXIT_OUT_OF_MEMORY: u8 = 137;
/// Exit status of `abort()`: what a shell shows for SIGABRT.
pub const EXIT_ABORT: u8 = 134;
/// Exit status of an unhandled memory fault of the application: what a shell shows for SIGSEGV.
pub const EXIT_SEGFAULT: u8 = 139;

unsafe extern "Rust" {
    safe fn __kit_fatal(kind: &str, status: u8) -> !;
    safe fn __kit_exit(status: u8) -> !;
    fn __kit_share(name: &str, memory: NonNull<u8>, bytes: usize);
}

/// Ends the image because the OS cannot go on. Say why on the ambient log first; `kind` is one word for the
/// host tool, which adds a symbolised backtrace.
pub fn fatal(kind: &str) -> ! {
    __kit_fatal(kind, EXIT_FAULT)
}

/// Ends the image because memory ran out in a place where no caller could be told.
pub fn out_of_memory() -> ! {
    __kit_fatal("out-of-memory", EXIT_OUT_OF_MEMORY)
}

/// Ends the image with the application's status.
pub fn exit(status: u8) -> ! {
    __kit_exit(status)
}

/// Lets the host tool read memory; see [`Platform::share`].
///
/// # Safety
/// As for [`Platform::share`].
pub unsafe fn share(name: &str, memory: NonNull<u8>, bytes: usize) {
    // SAFETY: forwarded to the caller.
    unsafe { __kit_share(name, memory, bytes) }
}

/// Binds the ambient end of the image, and its way to the host tool, to the platform static of the composed root.
/// Once, only there.
#[macro_export]
macro_rules! use_fatal {
    ($platform:path) => {
        const _: () = {
            #[unsafe(no_mangle)]
            #[cold]
            fn __kit_fatal(kind: &str, status: u8) -> ! {
                $crate::report_and_exit(&$platform, kind, status)
            }
            #[unsafe(no_mangle)]
            fn __kit_exit(status: u8) -> ! {
                $crate::Platform::exit(&$platform, status)
            }
            #[unsafe(no_mangle)]
            unsafe fn __kit_share(name: &str, memory: ::core::ptr::NonNull<u8>, bytes: usize) {
                // SAFETY: forwarded to the caller.
                unsafe { $crate::Platform::share(&$platform, name, memory, bytes) }
            }
        };
    };
}

/// The body of [`use_fatal!`]: reports the caller's frames, then exits.
#[cold]
pub fn report_and_exit<P: Platform>(platform: &P, kind: &str, status: u8) -> ! {
    let (mut addresses, mut count) = ([0usize; 32], 0);
    // The chain may end in an application frame that keeps no frame pointer: 64 KiB bound what is read.
    let base = frame_pointer();
    let near = |address: usize| address >= base && address - base < 64 * 1024 && address.is_multiple_of(8);
    P::Arch::backtrace(base, &near, &mut |address| {
        if count < addresses.len() {
            addresses[count] = address;
            count += 1;
        }
    });
    platform.report_fault(kind, &addresses[..count]);
    platform.exit(status)
}

#[inline(always)]
fn frame_pointer() -> usize {
    let pointer: usize;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: reads one register.
    unsafe {
        core::arch::asm!("mov {}, rbp", out(reg) pointer, options(nomem, nostack, preserves_flags))
    };
    pointer
}
