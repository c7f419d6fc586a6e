//! The host's clocks.
//!
//! The kernel offers a function that reads them without a system call, in a tenth of the time; runtimes read
//! the clock several times for each request. Where it is absent, the system call serves.

use crate::entry;
use core::sync::atomic::{AtomicPtr, Ordering};
use kit_iface_clock::Clock;
use kit_util_linux::{ClockId, clock_ns, clock_resolution_ns, vdso};

/// `clock_gettime` of the vDSO; null until it has been looked for.
static FUNCTION: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// Seconds and nanoseconds: the kernel's timespec.
type Time = [u64; 2];
type ReadClock = unsafe extern "C" fn(clock: i32, time: *mut Time) -> i32;

/// `CLOCK_MONOTONIC` and `CLOCK_REALTIME`.
pub struct HostClock;

impl HostClock {
    /// The host's clocks.
    pub const fn new() -> Self {
        Self
    }
}

impl Clock for HostClock {
    #[inline]
    fn monotonic_ns(&self) -> u64 {
        now_ns(ClockId::Monotonic)
    }

    #[inline]
    fn wall_ns(&self) -> u64 {
        now_ns(ClockId::Wall)
    }

    fn resolution_ns(&self) -> u64 {
        clock_resolution_ns(ClockId::Monotonic)
    }
}

/// What a clock shows.
pub(crate) fn now_ns(clock: ClockId) -> u64 {
    let mut function = FUNCTION.load(Ordering::Relaxed);
    if function.is_null() {
        function = find();
        FUNCTION.store(function, Ordering::Relaxed);
    }
    // SAFETY: only `find` is stored there, which answers with a `ReadClock`.
    let function: ReadClock = unsafe { core::mem::transmute(function) };
    let mut time = Time::default();
    // SAFETY: the function writes one timespec. It cannot fail: every kernel has both clocks.
    unsafe { function(clock.number(), &raw mut time) };
    time[0] * 1_000_000_000 + time[1]
}

#[cold]
fn find() -> *mut () {
    let object = entry::auxiliary(vdso::AT_SYSINFO_EHDR);
    // SAFETY: the address is the one that the kernel gave this process.
    let function = object.and_then(|object| unsafe { vdso::find_function(object, c"__vdso_clock_gettime") });
    function.map_or(by_system_call as *mut (), |function| function as *mut ())
}

unsafe extern "C" fn by_system_call(clock: i32, time: *mut Time) -> i32 {
    let id = if clock == ClockId::Wall.number() { ClockId::Wall } else { ClockId::Monotonic };
    let now_ns = clock_ns(id);
    // SAFETY: the caller, above, passes the address of a timespec.
    unsafe { time.write([now_ns / 1_000_000_000, now_ns % 1_000_000_000]) };
    0
}
