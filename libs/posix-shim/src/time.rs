//! Clocks and sleeping, over the ambient clock.
//!
//! Two clocks stand behind all of Linux's: wall time behind the real-time family, the monotonic one behind the
//! rest. CPU-time clocks read as monotonic time, which is what one busy thread on one processor would read.

use crate::errno::{Errno, ret_unit};
use crate::types::{c_int, c_void, clockid_t, time_t, timespec, timeval};
use kit_iface_clock::{monotonic_ns, wall_ns};
use kit_iface_sched::sleep_until;
use kit_util_threads::HasThreads;

const NS_PER_S: u64 = 1_000_000_000;

/// The nanoseconds in a valid, non-negative `timespec`; the end of time if they do not fit.
pub fn nanoseconds(time: &timespec) -> Result<u64, Errno> {
    if time.tv_sec < 0 || !(0..NS_PER_S as i64).contains(&time.tv_nsec) {
        return Err(Errno(libc::EINVAL));
    }
    Ok((time.tv_sec as u64).saturating_mul(NS_PER_S).saturating_add(time.tv_nsec as u64))
}

/// The deadline that lies `ns` from now.
pub fn after(ns: u64) -> u64 {
    monotonic_ns().saturating_add(ns)
}

/// The deadline that lies where the wall clock will read `wall` nanoseconds.
pub fn from_wall(wall: u64) -> u64 {
    after(wall.saturating_sub(wall_ns()))
}

fn to_timespec(ns: u64) -> timespec {
    timespec { tv_sec: (ns / NS_PER_S) as i64, tv_nsec: (ns % NS_PER_S) as i64 }
}

/// Whether a clock counts wall time.
fn is_wall(clock: clockid_t) -> Result<bool, Errno> {
    match clock {
        libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE | libc::CLOCK_REALTIME_ALARM | libc::CLOCK_TAI => {
            Ok(true)
        }
        libc::CLOCK_MONOTONIC
        | libc::CLOCK_MONOTONIC_RAW
        | libc::CLOCK_MONOTONIC_COARSE
        | libc::CLOCK_BOOTTIME
        | libc::CLOCK_BOOTTIME_ALARM
        | libc::CLOCK_PROCESS_CPUTIME_ID
        | libc::CLOCK_THREAD_CPUTIME_ID => Ok(false),
        _ => Err(Errno(libc::EINVAL)),
    }
}

/// `clock_gettime`.
///
/// # Safety
/// `time` is writable.
pub unsafe fn get(clock: clockid_t, time: *mut timespec) -> c_int {
    ret_unit(is_wall(clock).map(|is_wall| {
        let now = if is_wall { wall_ns() } else { monotonic_ns() };
        // SAFETY: forwarded to the caller.
        unsafe { time.write(to_timespec(now)) }
    }))
}

/// `clock_getres`.
///
/// # Safety
/// `resolution` is null or writable.
pub unsafe fn resolution<I: HasThreads>(clock: clockid_t, resolution: *mut timespec) -> c_int {
    ret_unit(is_wall(clock).map(|_| {
        if !resolution.is_null() {
            let ns = kit_iface_clock::Clock::resolution_ns(I::clock());
            // SAFETY: not null, hence writable.
            unsafe { resolution.write(to_timespec(ns)) }
        }
    }))
}

/// `clock_nanosleep`: answers the error itself. Signals interrupt nothing here, so nothing ever remains.
///
/// # Safety
/// `time` is readable.
pub unsafe fn sleep_on(
    clock: clockid_t,
    flags: c_int,
    time: *const timespec,
    _remaining: *mut timespec,
) -> c_int {
    // SAFETY: forwarded to the caller.
    let time = nanoseconds(unsafe { &*time });
    let deadline = is_wall(clock).and_then(|is_wall| {
        Ok(match (flags & libc::TIMER_ABSTIME != 0, is_wall) {
            (false, _) => after(time?),
            (true, false) => time?,
            (true, true) => from_wall(time?),
        })
    });
    match deadline {
        Ok(deadline_ns) => {
            sleep_until(deadline_ns);
            0
        }
        Err(errno) => errno.0,
    }
}

/// `nanosleep`.
///
/// # Safety
/// `time` is readable.
pub unsafe fn sleep(time: *const timespec, _remaining: *mut timespec) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(nanoseconds(unsafe { &*time }).map(|ns| sleep_until(after(ns))))
}

/// `gettimeofday`.
///
/// # Safety
/// `time` is null or writable.
pub unsafe fn of_day(time: *mut timeval, _zone: *mut c_void) -> c_int {
    if !time.is_null() {
        let now = to_timespec(wall_ns());
        // SAFETY: not null, hence writable.
        unsafe { time.write(timeval { tv_sec: now.tv_sec, tv_usec: now.tv_nsec / 1000 }) };
    }
    0
}

/// `time`.
///
/// # Safety
/// `time` is null or writable.
pub unsafe fn seconds(time: *mut time_t) -> time_t {
    let now = (wall_ns() / NS_PER_S) as time_t;
    if !time.is_null() {
        // SAFETY: not null, hence writable.
        unsafe { time.write(now) };
    }
    now
}

/// Exports the group `time`.
#[macro_export]
macro_rules! export_time {
    ($image:ty) => {
        $crate::c_names! {
            fn clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int = $crate::time::get;
            fn clock_getres(clock: clockid_t, resolution: *mut timespec) -> c_int = $crate::time::resolution::<$image>;
            fn gettimeofday(time: *mut timeval, zone: *mut c_void) -> c_int = $crate::time::of_day;
            fn time(time: *mut time_t) -> time_t = $crate::time::seconds;
        }
        $crate::c_calls! {
            $image;
            fn clock_nanosleep(clock: clockid_t, flags: c_int, time: *const timespec, remaining: *mut timespec) -> c_int = $crate::time::sleep_on;
            fn nanosleep(time: *const timespec, remaining: *mut timespec) -> c_int = $crate::time::sleep;
        }
    };
}
