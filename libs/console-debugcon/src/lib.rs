//! The console on a debug port of the virtual machine monitor: what is written there is shown.
//!
//! QEMU calls it `isa-debugcon`, Bochs `port_e9_hack`, cloud-hypervisor `--debug-console`. There is nothing to wait
//! for and nothing to set up, so it serves any context. There is no input.
#![no_std]
#![deny(missing_docs)]

use core::marker::PhantomData;
use kit_iface_console::Console;
use kit_util_x86::Port;

/// Where bytes are written to; tests put a pretended port there.
pub trait Output: Sync + 'static {
    /// Writes one byte.
    fn write(byte: u8);
}

/// The I/O port of this number.
pub struct DebugPort<const PORT: u16>;

impl<const PORT: u16> Output for DebugPort<PORT> {
    #[inline]
    fn write(byte: u8) {
        // SAFETY: the configuration says that this port is the debug console's, which touches no memory; where there
        // is none, nobody answers.
        let port = unsafe { Port::new(PORT) };
        port.write(byte);
    }
}

/// The console at `PORT`.
pub struct Debugcon<const PORT: u16, O: Output = DebugPort<PORT>>(PhantomData<O>);

impl<const PORT: u16, O: Output> Debugcon<PORT, O> {
    /// The console. One static, made by the composed root.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<const PORT: u16, O: Output> Console for Debugcon<PORT, O> {
    fn write(&self, bytes: &[u8]) {
        bytes.iter().copied().for_each(O::write);
    }
}
