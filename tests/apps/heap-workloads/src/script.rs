//! Scripts of requests and frees, made beforehand so that making them is not measured.

use alloc::vec::Vec;

/// One call of the allocator.
pub struct Step {
    /// Which block.
    pub slot: u16,
    /// Bytes to allocate; zero to free.
    pub bytes: u32,
}

/// A sequence of calls that ends with nothing held.
pub struct Script {
    /// The calls.
    pub steps: Vec<Step>,
    /// How many blocks there may be at once.
    pub slots: usize,
}

impl Script {
    /// As a server does: 32 connections live side by side, and each request takes a dozen blocks, a buffer among them,
    /// and gives them back when it is answered, in another order.
    pub fn server() -> Self {
        const CONNECTIONS: usize = 32;
        const BLOCKS: usize = 12;
        let mut random = Random::new(1);
        let mut steps = Vec::new();
        let mut is_busy = [false; CONNECTIONS];
        for turn in 0..200 + CONNECTIONS {
            let connection = if turn < 200 { random.below(CONNECTIONS) } else { turn - 200 };
            let slot = |block: usize| (connection * BLOCKS + block) as u16;
            if is_busy[connection] {
                let first = random.below(BLOCKS);
                steps.extend((0..BLOCKS).map(|i| Step { slot: slot((first + i * 5) % BLOCKS), bytes: 0 }));
            } else if turn < 200 {
                steps.push(Step { slot: slot(0), bytes: 8192 });
                steps
                    .extend((1..BLOCKS).map(|block| Step { slot: slot(block), bytes: random.size() as u32 }));
            }
            is_busy[connection] = turn < 200 && !is_busy[connection];
        }
        Self { steps, slots: CONNECTIONS * BLOCKS }
    }

    /// About a thousand blocks of random sizes, replaced at random, so that free memory lies in pieces everywhere.
    pub fn fragmentation() -> Self {
        const SLOTS: usize = 2000;
        let mut random = Random::new(3);
        let mut steps = Vec::new();
        let mut is_held = [false; SLOTS];
        for _ in 0..8000 {
            let slot = random.below(SLOTS);
            let bytes = if is_held[slot] { 0 } else { random.size() as u32 };
            steps.push(Step { slot: slot as u16, bytes });
            is_held[slot] = !is_held[slot];
        }
        let rest = (0..SLOTS).filter(|slot| is_held[*slot]).map(|slot| Step { slot: slot as u16, bytes: 0 });
        steps.extend(rest);
        Self { steps, slots: SLOTS }
    }
}

/// Marsaglia, "Xorshift RNGs" (2003).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }

    /// Bytes of a block as programs ask for them: most are small, a few are buffers.
    pub fn size(&mut self) -> usize {
        match self.below(100) {
            0..60 => 16 + self.below(240),
            60..88 => 256 + self.below(1792),
            88..98 => 2048 + self.below(6144),
            _ => 8192 + self.below(57_344),
        }
    }
}
