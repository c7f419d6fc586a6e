//! Recordings go to port 0xea: a second `isa-debugcon`, whose other end is a file of `kit run`.

use crate::Kvm;
use kit_iface_platform::Recorder;
use kit_util_x86::Port;

// SAFETY: a debug console, which touches no memory; where there is none, nobody answers.
const PORT: Port<u8> = unsafe { Port::new(0xea) };
/// What the device reads as; an empty port reads as all ones.
const PRESENT: u8 = 0xe9;

impl Recorder for Kvm {
    fn is_wanted(&self) -> bool {
        PORT.read() == PRESENT
    }

    fn record(&self, bytes: &[u8]) {
        PORT.write_all(bytes);
    }
}
