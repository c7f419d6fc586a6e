//! The thread core on the host, under any policy, in virtual time.
//!
//! What an image does with threads can be rehearsed here: the real core, with real blocking code on top, switches
//! between threads of the host of which one runs at a time ([`processor`]). Time passes where a thread says that it
//! computes and where nobody can run, interrupts come at exact moments ([`machine`]), and so a rehearsal repeats
//! itself. [`suite`] is what the thread core promises under every policy; a policy's `tests/conformance.rs` calls it.
//!
//! A dev-dependency, never part of an image. It binds the ambient services by itself.
#![deny(missing_docs)]

mod machine;
mod processor;
mod stage;
pub mod suite;

pub use machine::{at, compute, now_ns};
pub use stage::{Actor, rehearse, set_urgency, spawn, time_of};

kit_util_host_test::bind!(heap, log, entropy, fatal);

/// A generator of random numbers for workloads: the same numbers for the same seed.
pub struct Random(u64);

impl Random {
    /// Numbers that follow from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        // Marsaglia, "Xorshift RNGs" (2003).
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
}
