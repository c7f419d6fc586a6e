//! The composed image as one type: what `root` is to a reader, [`Image`] is to generic code.
//!
//! The generated root implements this trait once. The thread core, the POSIX shim and native apps are generic
//! over it, so that every call through it is a direct, inlinable call of what was chosen. A slot that was not
//! chosen is absent: code that needs sockets asks for [`WithNet`], and an image without a stack does not have it.
#![no_std]
#![deny(missing_docs)]

use kit_iface_arch::Arch;
use kit_iface_block::BlockDevice;
use kit_iface_clock::Clock;
use kit_iface_console::Console;
use kit_iface_frames::Frames;
use kit_iface_fs::FileSystem;
use kit_iface_net::Net;
use kit_iface_platform::Platform;
use kit_iface_sched::Scheduler;
use kit_iface_trace::Trace;
use kit_iface_vm::Vm;

/// The slots that every image fills.
pub trait Image: 'static {
    /// The processor.
    type Arch: Arch;
    /// The platform.
    type Platform: Platform<Arch = Self::Arch>;
    /// The page-frame allocator.
    type Frames: Frames;
    /// The address space.
    type Vm: Vm;
    /// The clock.
    type Clock: Clock;
    /// The console.
    type Console: Console;
    /// The scheduling policy.
    type Sched: Scheduler;
    /// What records events.
    type Trace: Trace;

    /// The platform.
    fn platform() -> &'static Self::Platform;
    /// The page-frame allocator.
    fn frames() -> &'static Self::Frames;
    /// The address space.
    fn vm() -> &'static Self::Vm;
    /// The clock.
    fn clock() -> &'static Self::Clock;
    /// The console.
    fn console() -> &'static Self::Console;
    /// What records events.
    fn trace() -> &'static Self::Trace;
}

/// An image with a filesystem.
pub trait WithFs: Image {
    /// The root filesystem.
    type Fs: FileSystem;
    /// The root filesystem.
    fn fs() -> &'static Self::Fs;
}

/// An image with a network stack.
pub trait WithNet: Image {
    /// The stack.
    type Net: Net;
    /// The stack.
    fn net() -> &'static Self::Net;
}

/// An image with disks.
pub trait WithDisks: Image {
    /// The disks.
    type Disks: BlockDevice;
    /// The disks.
    fn block() -> &'static Self::Disks;
}
