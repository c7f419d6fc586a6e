//! What every platform must pass that can be tried without ending the image.

use crate::{PciFunction, Platform};

/// Runs the whole suite; see [`timer_fires_once_and_not_early`] for the last two arguments.
pub fn check(platform: &impl Platform, now_ns: &dyn Fn() -> u64, expiries: &dyn Fn() -> usize) {
    command_line_is_stable(platform);
    absent_pci_functions_read_as_ones(platform);
    timer_fires_once_and_not_early(platform, now_ns, expiries);
    a_cancelled_timer_is_silent(platform, now_ns, expiries);
}

/// The command line is one and the same slice.
pub fn command_line_is_stable(platform: &impl Platform) {
    assert!(core::ptr::eq(platform.command_line(), platform.command_line()));
}

/// Configuration space where no function answers reads as all ones (PCI Local Bus 3.0, 6.1); writes are lost.
pub fn absent_pci_functions_read_as_ones(platform: &impl Platform) {
    let absent = PciFunction { bus: 255, device: 31, function: 7 };
    platform.pci_write(absent, 4, 0);
    assert_eq!(platform.pci_read(absent, 0), u32::MAX);
}

/// A timer that is set while the processor idles calls `timer_expired` once, at or after its deadline.
/// `now_ns` reads the ambient clock; `expiries` counts the calls of the hook.
pub fn timer_fires_once_and_not_early(
    platform: &impl Platform,
    now_ns: &dyn Fn() -> u64,
    expiries: &dyn Fn() -> usize,
) {
    let before = expiries();
    // The nearer deadline replaces the farther one.
    platform.set_timer(now_ns() + 60_000_000_000);
    let deadline_ns = now_ns() + 5_000_000;
    platform.set_timer(deadline_ns);
    while expiries() == before {
        platform.idle();
    }
    assert!(now_ns() >= deadline_ns, "the timer fired early");
    assert_eq!(expiries() - before, 1, "one request, one interrupt");
}

/// A cancelled timer does not fire while another deadline passes.
pub fn a_cancelled_timer_is_silent(
    platform: &impl Platform,
    now_ns: &dyn Fn() -> u64,
    expiries: &dyn Fn() -> usize,
) {
    let before = expiries();
    let deadline_ns = now_ns() + 1_000_000;
    platform.set_timer(deadline_ns);
    platform.set_timer(u64::MAX);
    while now_ns() < deadline_ns + 1_000_000 {
        platform.poll();
    }
    assert_eq!(expiries(), before, "a cancelled timer fired");
}
