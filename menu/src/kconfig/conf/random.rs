//! The random numbers of the C library that Linux's `conf` runs on, so that a seed means the same here.
//!
//! glibc's `srand` and `rand`: an additive feedback generator, x³¹ + x³ + 1 over 32-bit words, seeded by a
//! Lehmer generator (`stdlib/random_r.c`, TYPE_3; Knuth, The Art of Computer Programming, vol. 2, §3.2.2).

const DEGREE: usize = 31;
const SEPARATION: usize = 3;

/// A sequence that its seed determines.
#[derive(Clone, Debug)]
pub(super) struct Random {
    words: [u32; DEGREE],
    /// The word that the next step changes.
    front: usize,
}

impl Random {
    /// `srand(seed)`.
    pub(super) fn new(seed: u32) -> Self {
        let mut words = [0; DEGREE];
        let mut word = i64::from(if seed == 0 { 1 } else { seed as i32 });
        for slot in &mut words {
            *slot = word as u32;
            // 16807 · word mod 2³¹ − 1; only the seed itself can be negative.
            word = (16_807 * word).rem_euclid(i64::from(i32::MAX));
        }
        let mut random = Self { words, front: SEPARATION };
        for _ in 0..10 * DEGREE {
            random.next();
        }
        random
    }

    /// `rand() % limit`: at least 0, less than `limit`.
    ///
    /// # Panics
    /// If `limit` is 0.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        self.next() % limit
    }

    /// `rand()`: 31 bits.
    fn next(&mut self) -> u32 {
        let rear = (self.front + DEGREE - SEPARATION) % DEGREE;
        let sum = self.words[self.front].wrapping_add(self.words[rear]);
        self.words[self.front] = sum;
        self.front = (self.front + 1) % DEGREE;
        sum >> 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a C program prints on Debian 12: `srand(s); printf("%d", rand())` five times.
    #[test]
    fn is_the_sequence_of_glibc() {
        let first = |seed| {
            let mut random = Random::new(seed);
            [random.next(), random.next(), random.next(), random.next(), random.next()]
        };
        assert_eq!(first(1), [1_804_289_383, 846_930_886, 1_681_692_777, 1_714_636_915, 1_957_747_793]);
        assert_eq!(first(0), first(1));
        assert_eq!(first(42), [71_876_166, 708_592_740, 1_483_128_881, 907_283_241, 442_951_012]);
        // Seeds that are negative as a C int.
        assert_eq!(first(u32::MAX), [254_925_627, 1_205_188_300, 366_127_624, 1_401_405_153, 76_053_476]);
        assert_eq!(first(1 << 31), [1_336_741_213, 1_210_407_648, 1_447_044_896, 337_392_383, 82_502_902]);
        assert_eq!(first(0xdead_beef), [352_217_057, 918_588_210, 499_345_174, 513_054_021, 248_820_349]);
    }
}
