//! The clock slot and the ambient clock.
//!
//! Two clocks, both in nanoseconds as `u64`: *monotonic* counts from some moment before the application
//! starts, never steps back and never jumps; *wall* is Unix time (UTC, no leap seconds) and may be set late,
//! which is why no timeout is ever computed from it. 2^64 ns last 584 years.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;

/// A source of time. Methods may be called from any context, never block and never allocate.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a clock",
    note = "the platform provides one: `[config] CLOCK_… = true`"
)]
pub trait Clock: Sync + 'static {
    /// Nanoseconds of the monotonic clock: no less than any earlier answer on any CPU.
    fn monotonic_ns(&self) -> u64;

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    fn wall_ns(&self) -> u64;

    /// The granularity of both clocks, in nanoseconds; at least 1.
    fn resolution_ns(&self) -> u64 {
        1
    }
}

unsafe extern "Rust" {
    safe fn __kit_clock_monotonic_ns() -> u64;
    safe fn __kit_clock_wall_ns() -> u64;
}

/// The ambient monotonic clock; see [`Clock::monotonic_ns`].
#[inline]
pub fn monotonic_ns() -> u64 {
    __kit_clock_monotonic_ns()
}

/// The ambient wall clock; see [`Clock::wall_ns`].
#[inline]
pub fn wall_ns() -> u64 {
    __kit_clock_wall_ns()
}

/// Binds the ambient clock to a static of the composed root. Once, only there.
#[macro_export]
macro_rules! use_clock {
    ($clock:path) => {
        const _: () = {
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_clock_monotonic_ns() -> u64 {
                $crate::Clock::monotonic_ns(&$clock)
            }
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_clock_wall_ns() -> u64 {
                $crate::Clock::wall_ns(&$clock)
            }
        };
    };
}
