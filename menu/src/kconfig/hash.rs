//! A hash map for small keys from trusted places: names of symbols, operations of expressions.
//!
//! A tree of Linux's size looks up a million of them while it loads, and the standard library's hasher, which
//! resists chosen keys, would be a third of that time. Multiply and rotate, as rustc's own tables do.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map with [`Mixer`] as its hasher.
pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Mixer>>;

/// Multiplies and rotates, one word at a time.
#[derive(Clone, Copy, Default)]
pub(crate) struct Mixer(u64);

/// 2^64 divided by the golden ratio, made odd: consecutive keys are far apart.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Mixer {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    }
}

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.mix(u64::from_le_bytes(word.try_into().expect("eight bytes")));
        }
        let rest = words.remainder();
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(value.into());
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    /// The best bits are the high ones; tables take the low ones.
    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}
