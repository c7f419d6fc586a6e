//! Clocks.

use crate::Errno;
use crate::raw::{syscall3, syscall6};

/// Which clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockId {
    /// Counts from some moment before the process, never steps.
    Monotonic,
    /// Unix time.
    Wall,
    /// How long the process has had a processor.
    Processor,
}

impl ClockId {
    /// The kernel's number of this clock.
    pub const fn number(self) -> i32 {
        match self {
            Self::Monotonic => libc::CLOCK_MONOTONIC,
            Self::Wall => libc::CLOCK_REALTIME,
            Self::Processor => libc::CLOCK_PROCESS_CPUTIME_ID,
        }
    }
}

/// What a clock shows, in nanoseconds.
#[inline]
pub fn clock_ns(clock: ClockId) -> u64 {
    read(libc::SYS_clock_gettime, clock)
}

/// The granularity of a clock, in nanoseconds; at least 1.
pub fn clock_resolution_ns(clock: ClockId) -> u64 {
    read(libc::SYS_clock_getres, clock).max(1)
}

#[inline]
fn read(call: i64, clock: ClockId) -> u64 {
    // Seconds and nanoseconds: the kernel's timespec on every 64-bit machine.
    let mut time = [0u64; 2];
    // SAFETY: the kernel writes one timespec to the array, which is one. All these clocks exist on every kernel,
    // so the call cannot fail.
    let _ = unsafe { syscall3(call, clock.number() as usize, time.as_mut_ptr() as usize, 0) };
    time[0] * 1_000_000_000 + time[1]
}

/// The kernel's `struct sigevent`, as far as `SIGEV_SIGNAL` goes.
#[repr(C)]
struct TimerEvent {
    value: usize,
    signal: i32,
    notify: i32,
    padding: [u64; 6],
}

/// Makes a timer that raises `signal` on the process.
pub fn create_timer(clock: ClockId, signal: i32) -> Result<i32, Errno> {
    let event = TimerEvent { value: 0, signal, notify: libc::SIGEV_SIGNAL, padding: [0; 6] };
    let mut timer = 0i32;
    let (event, timer_address) = ((&raw const event) as usize, (&raw mut timer) as usize);
    // SAFETY: the kernel reads one event and writes one timer number.
    unsafe { syscall3(libc::SYS_timer_create, clock.number() as usize, event, timer_address) }?;
    Ok(timer)
}

/// Lets a timer fire once, at `deadline_ns` of its clock, replacing what it was set to.
pub fn set_timer(timer: i32, deadline_ns: u64) -> Result<(), Errno> {
    // A value of zero would disarm it.
    set(timer, libc::TIMER_ABSTIME, 0, deadline_ns.max(1))
}

/// Lets a timer fire each time its clock has gone on by `interval_ns`.
pub fn set_interval(timer: i32, interval_ns: u64) -> Result<(), Errno> {
    set(timer, 0, interval_ns, interval_ns)
}

fn set(timer: i32, flags: i32, interval_ns: u64, value_ns: u64) -> Result<(), Errno> {
    let time = |ns| [ns / 1_000_000_000, ns % 1_000_000_000];
    let setting = [time(interval_ns), time(value_ns)];
    let arguments = [timer as usize, flags as usize, setting.as_ptr() as usize, 0, 0, 0];
    // SAFETY: the kernel reads one itimerspec, which is two timespecs of two words.
    unsafe { syscall6(libc::SYS_timer_settime, arguments) }.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_run() {
        assert!(clock_ns(ClockId::Monotonic) > 0);
        // 2020-01-01.
        assert!(clock_ns(ClockId::Wall) > 1_577_836_800_000_000_000);
        assert!(clock_resolution_ns(ClockId::Monotonic) >= 1);
    }
}
