//! The platform: memory at start, sleeping, the timer, the end of the process.

use crate::{HostX86_64, alarm, arch, command_line, entry, faults, interrupts, mask};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};
use kit_iface_frames::Frames;
use kit_iface_platform::{PciFunction, Platform, VirtioDevice};
use kit_util_linux::{Protection, exit_group, map, map_file, write};

/// Environment variable: bytes of memory of the image, as `268435456` or `256M`.
pub(crate) const MEMORY_VARIABLE: &str = "KIT_MEMORY";
/// Environment variable: a descriptor that takes fault reports, one line each.
pub(crate) const CONTROL_VARIABLE: &str = "KIT_CONTROL_FD";
/// Environment variable: a descriptor of a long file of zeroes, which becomes the memory that is shared with the host.
pub(crate) const SHARED_VARIABLE: &str = "KIT_SHARED_FD";

/// Bytes of that file that are in use.
static SHARED_BYTES: AtomicUsize = AtomicUsize::new(0);
/// Environment variable: options of the OS, as a boot loader would pass them: `kit.ip=10.0.0.2/24 kit.tap=tap0`.
pub(crate) const OPTIONS_VARIABLE: &str = "KIT_OPTIONS";
/// Environment variable: the file that a recording goes to.
pub(crate) const RECORD_VARIABLE: &str = "KIT_RECORD";

const DEFAULT_MEMORY_BYTES: usize = 1 << 30;
const LEAST_MEMORY_BYTES: usize = 1 << 20;

/// Exit status when the host gives no memory at all: `EX_OSERR` of sysexits.h.
const EXIT_NO_MEMORY: u8 = 71;

/// A Linux process as a platform.
pub struct Linux;

impl Linux {
    /// The process.
    pub const fn new() -> Self {
        Self
    }
}

impl Platform for Linux {
    type Arch = HostX86_64;
    const NAME: &'static str = "linux";
    const HAS_PREEMPTION: bool = true;

    fn start(&'static self, frames: &'static dyn Frames) {
        arch::start();
        faults::install();
        alarm::install();
        let mut bytes =
            entry::variable(MEMORY_VARIABLE).and_then(parse_bytes).unwrap_or(DEFAULT_MEMORY_BYTES);
        // Nothing is paid before it is touched, but a host with strict accounting may refuse the whole.
        let memory = loop {
            match map(bytes, Protection::ReadWrite) {
                Ok(memory) => break memory.as_ptr().addr(),
                Err(_) if bytes / 2 >= LEAST_MEMORY_BYTES => bytes /= 2,
                Err(_) => {
                    let _ = write(2, b"kit: the host gives this process no memory\n");
                    self.exit(EXIT_NO_MEMORY)
                }
            }
        };
        // SAFETY: the range was mapped above, is readable and writable at its own address, and nobody else
        // knows of it.
        unsafe { frames.add(memory, memory + bytes) };
    }

    fn command_line(&self) -> &'static [u8] {
        command_line::get()
    }

    fn set_timer(&self, deadline_ns: u64) {
        alarm::set_deadline(deadline_ns);
    }

    fn idle(&self) {
        let fired = interrupts::wait(alarm::sleep_ns());
        mask::take_note(mask::ALARM_CAME);
        alarm::serve(fired);
        alarm::want();
    }

    fn poll(&self) {
        mask::take_note(mask::ALARM_CAME);
        alarm::serve(interrupts::fired());
    }

    fn exit(&self, status: u8) -> ! {
        exit_group(status)
    }

    fn report_fault(&self, kind: &str, addresses: &[usize]) {
        report("fault ", kind, addresses);
    }

    unsafe fn share(&self, name: &str, memory: NonNull<u8>, bytes: usize) {
        let Some(file) = descriptor(SHARED_VARIABLE) else { return };
        let offset = SHARED_BYTES.fetch_add(bytes, Ordering::Relaxed);
        // SAFETY: the caller promises zeroes that nobody else touches, which is what the file holds there.
        if unsafe { map_file(memory, bytes, file, offset) }.is_ok() {
            report("share ", name, &[offset, bytes]);
        }
    }

    fn find_virtio(&self, _device_type: u16, _visit: &mut dyn FnMut(VirtioDevice) -> bool) {}

    fn map_device(&self, _address: u64, _bytes: usize) -> Option<usize> {
        None
    }

    fn pci_read(&self, _function: PciFunction, _register: u16) -> u32 {
        u32::MAX
    }

    fn pci_write(&self, _function: PciFunction, _register: u16, _value: u32) {}
}

fn descriptor(variable: &str) -> Option<i32> {
    i32::try_from(entry::variable(variable).and_then(parse_number)?).ok()
}

/// Writes a line to the host tool, if one listens.
fn report(what: &str, name: &str, numbers: &[usize]) {
    let Some(control) = descriptor(CONTROL_VARIABLE) else { return };
    let _ = write(control, what.as_bytes());
    let _ = write(control, name.as_bytes());
    for number in numbers {
        let _ = write(control, &hexadecimal(*number));
    }
    let _ = write(control, b"\n");
}

fn parse_number(text: &[u8]) -> Option<usize> {
    core::str::from_utf8(text).ok()?.parse().ok()
}

/// A number with an optional binary unit: `K`, `M` or `G`.
fn parse_bytes(text: &[u8]) -> Option<usize> {
    let (digits, shift) = match text.split_last()? {
        (b'K' | b'k', digits) => (digits, 10),
        (b'M' | b'm', digits) => (digits, 20),
        (b'G' | b'g', digits) => (digits, 30),
        _ => (text, 0),
    };
    parse_number(digits)?.checked_mul(1 << shift).filter(|bytes| *bytes > 0)
}

/// A space and sixteen digits.
fn hexadecimal(value: usize) -> [u8; 17] {
    core::array::from_fn(|i| match i {
        0 => b' ',
        _ => b"0123456789abcdef"[value >> (64 - 4 * i) & 15],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_take_binary_units() {
        assert_eq!(parse_bytes(b"16M"), Some(16 << 20));
        assert_eq!(parse_bytes(b"1048576"), Some(1 << 20));
        assert_eq!(parse_bytes(b"2g"), Some(2 << 30));
        for bad in [&b"0"[..], b"", b"M", b"-1M", b"99999999999G", b"12T"] {
            assert_eq!(parse_bytes(bad), None);
        }
    }

    #[test]
    fn addresses_are_sixteen_digits() {
        assert_eq!(&hexadecimal(0x12_ab), b" 00000000000012ab");
    }
}
