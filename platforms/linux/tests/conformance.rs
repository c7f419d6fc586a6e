//! The slots' suites over this platform's parts, in a host process.

use kit_iface_irq::Line;
use kit_platform_linux::{AddressSpace, HostClock, HostX86_64, Interrupts, Linux};
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

kit_util_host_test::bind!(heap, log, irq_mask, threads, fatal);
static CLOCK: HostClock = HostClock::new();
kit_iface_clock::use_clock!(CLOCK);

static EXPIRIES: AtomicUsize = AtomicUsize::new(0);

#[unsafe(no_mangle)]
fn __kit_timer_expired() {
    EXPIRIES.fetch_add(1, Ordering::SeqCst);
}

/// Nothing interrupts a host test: its mask, the platform's own, is never opened.
#[unsafe(no_mangle)]
fn __kit_interrupt_return(_frame: *mut ()) {}

/// The timer and the lines belong to the process: tests that use them take turns.
static MACHINE: Mutex<()> = Mutex::new(());

#[test]
fn clock() {
    kit_iface_clock::conformance::check(&CLOCK);
}

#[test]
fn address_space() {
    kit_iface_vm::conformance::check(&AddressSpace::new());
}

#[test]
fn processor() {
    let mut stack = vec![0; kit_iface_arch::conformance::STACK_BYTES];
    kit_iface_arch::conformance::check::<HostX86_64>(&mut stack);
}

#[test]
fn platform() {
    let _turn = MACHINE.lock().unwrap();
    let now = || kit_iface_clock::monotonic_ns();
    kit_iface_platform::conformance::check(&Linux::new(), &now, &|| EXPIRIES.load(Ordering::SeqCst));
}

#[test]
fn interrupts() {
    let _turn = MACHINE.lock().unwrap();
    // SAFETY: eventfd takes two numbers and answers with a new descriptor, which the file then owns.
    let mut event = unsafe { File::from_raw_fd(libc::eventfd(0, libc::EFD_NONBLOCK)) };
    let line = Line::Descriptor(event.as_raw_fd());
    let mut raise = || {
        event.write_all(&1u64.to_ne_bytes()).unwrap();
        kit_iface_platform::Platform::poll(&Linux::new());
    };
    let free = kit_iface_irq::conformance::Raisable { line, raise: &mut raise };
    kit_iface_irq::conformance::check(&Interrupts::new(), free);
}
