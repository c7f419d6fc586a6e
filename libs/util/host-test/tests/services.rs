//! The host bindings keep the promises that the interfaces make.

use kit_iface_sched::{NO_DEADLINE, Wake, current, sleep_until, spawn, wait, wake};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

kit_util_host_test::bind!();

#[test]
fn wait_times_out_and_does_not_sleep_without_need() {
    let key = 0u8;
    let start = kit_iface_clock::monotonic_ns();
    assert_eq!(wait(&raw const key as usize, start + 5_000_000, || true), Wake::TimedOut);
    assert!(kit_iface_clock::monotonic_ns() >= start + 5_000_000);
    assert_eq!(wait(&raw const key as usize, NO_DEADLINE, || false), Wake::Unneeded);
    assert_eq!(wake(&raw const key as usize, 1), 0, "a thread that timed out is in no queue");
}

#[test]
fn wake_is_never_missed() {
    static STATE: AtomicUsize = AtomicUsize::new(0);
    static KEY: AtomicBool = AtomicBool::new(false);
    fn ping(_: usize) {
        for turn in 0..1000 {
            while STATE.load(Ordering::SeqCst) != 2 * turn + 1 {
                wait(KEY.as_ptr() as usize, NO_DEADLINE, || STATE.load(Ordering::SeqCst) != 2 * turn + 1);
            }
            STATE.fetch_add(1, Ordering::SeqCst);
            wake(KEY.as_ptr() as usize, usize::MAX);
        }
    }
    let me = current();
    assert_ne!(spawn("ping", 16 * 1024, ping, 0), Ok(me));
    for turn in 0..1000 {
        STATE.fetch_add(1, Ordering::SeqCst);
        wake(KEY.as_ptr() as usize, usize::MAX);
        while STATE.load(Ordering::SeqCst) != 2 * turn + 2 {
            wait(KEY.as_ptr() as usize, NO_DEADLINE, || STATE.load(Ordering::SeqCst) != 2 * turn + 2);
        }
    }
    assert_eq!(current(), me);
}

#[test]
fn the_other_services_answer() {
    let mut bytes = [0; 32];
    assert_eq!(kit_iface_entropy::fill(&mut bytes), Ok(()));
    assert_ne!(bytes, [0; 32]);
    kit_iface_irq::masked(|| ());
    kit_iface_console::log!("a line of the log");
    sleep_until(kit_iface_clock::monotonic_ns() + 1_000_000);
    assert!(kit_iface_clock::wall_ns() > 1_700_000_000_000_000_000);
}
