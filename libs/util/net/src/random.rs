//! Random numbers for ports and query identifiers, seeded once from the ambient entropy.

use kit_iface_entropy::EntropyError;

/// SplitMix64 (Steele, Lea and Flood 2014), seeded with 64 bits that nobody outside knows.
pub struct Random(u64);

impl Random {
    /// Takes a seed from the ambient source.
    pub fn new() -> Result<Self, EntropyError> {
        let mut seed = [0; 8];
        kit_iface_entropy::fill(&mut seed)?;
        Ok(Self(u64::from_ne_bytes(seed)))
    }

    /// A sequence that a test can repeat, and one that is not seeded yet.
    pub const fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    #[allow(clippy::should_implement_trait, reason = "it never ends, so it is no iterator")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let a = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let b = (a ^ a >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        b ^ b >> 31
    }
}
