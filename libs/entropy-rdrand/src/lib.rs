//! Entropy: the RDRAND instruction.
//!
//! The processor's own generator, seeded by its own noise source and conditioned by AES-CTR (Intel, "Digital
//! Random Number Generator Software Implementation Guide", 3.2). It needs no device, no driver and no start, so
//! it is the default on virtual machines. A processor without it answers [`EntropyError::Absent`]: there is no
//! fallback.
#![no_std]
#![deny(missing_docs)]

mod instruction;

use core::sync::atomic::{AtomicU8, Ordering};
use kit_iface_entropy::{Entropy, EntropyError};

/// How often a word is asked for before the generator counts as broken (the guide, 5.2.1: ten times; failing
/// that often by chance is less likely than a processor defect).
const TRIES: u32 = 10;

const UNKNOWN: u8 = 0;
const ABSENT: u8 = 1;
const PRESENT: u8 = 2;

/// The processor's generator.
pub struct Rdrand {
    /// CPUID is asked once: under a hypervisor it costs thousands of cycles.
    presence: AtomicU8,
}

impl Rdrand {
    /// The processor's generator. Looks for it at the first request.
    pub const fn new() -> Self {
        Self { presence: AtomicU8::new(UNKNOWN) }
    }

    fn is_present(&self) -> bool {
        let mut presence = self.presence.load(Ordering::Relaxed);
        if presence == UNKNOWN {
            presence = if instruction::is_present() { PRESENT } else { ABSENT };
            self.presence.store(presence, Ordering::Relaxed);
        }
        presence == PRESENT
    }
}

impl Entropy for Rdrand {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        if !self.is_present() {
            return Err(EntropyError::Absent);
        }
        for chunk in buffer.chunks_mut(8) {
            let word = (0..TRIES).find_map(|_| try_word()).ok_or(EntropyError::Failed)?;
            chunk.copy_from_slice(&word.to_ne_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// One word, if the generator has one. After a suspend, AMD processors of families 15h and 16h answer all ones
/// for ever, and call it a success (Linux `arch/x86/kernel/cpu/amd.c`, `clear_rdrand_cpuid_bit`): that word is
/// never taken.
fn try_word() -> Option<u64> {
    // SAFETY: the callers have found the instruction present.
    unsafe { instruction::rdrand() }.filter(|word| *word != u64::MAX)
}
