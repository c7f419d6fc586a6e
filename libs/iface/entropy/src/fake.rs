//! Sources for tests: one that is predictable, one that always fails.

use crate::{Entropy, EntropyError};
use core::sync::atomic::{AtomicU64, Ordering};

/// The same sequence in every run: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", OOPSLA 2014). It looks random and is not.
pub struct PredictableEntropy(AtomicU64);

impl PredictableEntropy {
    /// The sequence of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for PredictableEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
        for chunk in buffer.chunks_mut(8) {
            let mut z = self.0.fetch_add(GAMMA, Ordering::Relaxed).wrapping_add(GAMMA);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// Answers with an error: the path that callers forget.
pub struct FailingEntropy(pub EntropyError);

impl Entropy for FailingEntropy {
    fn fill(&self, _buffer: &mut [u8]) -> Result<(), EntropyError> {
        Err(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;

    #[test]
    fn the_predictable_source_passes_and_repeats() {
        conformance::check(&PredictableEntropy::new(1));
        let mut runs = [[0u8; 13]; 2];
        for run in &mut runs {
            PredictableEntropy::new(7).fill(run).unwrap();
        }
        assert_eq!(runs[0], runs[1]);
    }

    #[test]
    fn the_failing_source_fails() {
        conformance::check_absent(&FailingEntropy(EntropyError::Absent));
    }
}
