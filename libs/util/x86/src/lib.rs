//! The x86 instructions that architecture, platforms and legacy drivers share, as typed values.
//!
//! * [`Port`]: one register in I/O space. Making one is unsafe, using it is not.
//! * [`msr`]: model-specific registers.
//! * [`cpuid`] and [`tsc`]: what any code may execute.
#![no_std]
#![deny(missing_docs)]

pub mod msr;
mod port;

pub use port::{Port, PortValue};

/// The four words that CPUID answers.
pub use core::arch::x86_64::CpuidResult;

/// Executes CPUID. On most hypervisors this leaves the guest, which costs microseconds: ask once.
#[inline]
pub fn cpuid(leaf: u32, subleaf: u32) -> CpuidResult {
    core::arch::x86_64::__cpuid_count(leaf, subleaf)
}

/// Reads the time-stamp counter. Not ordered against other instructions (SDM volume 2, RDTSC).
#[inline]
pub fn tsc() -> u64 {
    // SAFETY: CR4.TSD is never set by kit, so RDTSC executes everywhere; it touches no memory.
    unsafe { core::arch::x86_64::_rdtsc() }
}
