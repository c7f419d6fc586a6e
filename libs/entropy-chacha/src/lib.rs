//! A ChaCha20 generator around any entropy source, with fast key erasure.
//!
//! Each request runs the cipher once: the first 32 bytes of its output become the next key, the rest is delivered. So
//! the key that made what was delivered is gone when the request returns. The seed is renewed by a fixed rule
//! ([`RESEED_BYTES`], [`RESEED_NS`]), and mixed into the key that is there.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use kit_iface_clock::monotonic_ns;
use kit_iface_entropy::{Entropy, EntropyError};
use kit_util_sync::SleepLock;

/// Bytes that one seed delivers at most, but for the request that passes it.
pub const RESEED_BYTES: usize = 1 << 20;
/// How long one seed serves, in nanoseconds.
pub const RESEED_NS: u64 = 300_000_000_000;

const KEY_BYTES: usize = 32;
/// Output for one key. The cipher counts 256 GiB for a key and nonce; a key of ours is for one piece.
const PIECE_BYTES: usize = 1 << 16;

/// The generator around `source`.
pub struct ChaCha<E: Entropy> {
    source: &'static E,
    state: SleepLock<State>,
}

/// All zeroes before the first seed, so that an image does not carry it.
struct State {
    key: [u8; KEY_BYTES],
    /// What the seed may still deliver; zero asks for a new one.
    bytes_left: usize,
    seeded_at_ns: u64,
}

impl<E: Entropy> ChaCha<E> {
    /// A generator that is seeded from `source` when it is first asked. One static, made by the composed root.
    pub const fn new(source: &'static E) -> Self {
        let state = State { key: [0; KEY_BYTES], bytes_left: 0, seeded_at_ns: 0 };
        Self { source, state: SleepLock::new(state) }
    }
}

impl<E: Entropy> Entropy for ChaCha<E> {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        if buffer.is_empty() {
            return Ok(());
        }
        let mut state = self.state.lock();
        let now_ns = monotonic_ns();
        if state.bytes_left == 0 || now_ns.saturating_sub(state.seeded_at_ns) >= RESEED_NS {
            let mut seed = [0; KEY_BYTES];
            self.source.fill(&mut seed)?;
            state.mix(&seed);
            state.bytes_left = RESEED_BYTES;
            state.seeded_at_ns = now_ns;
        }
        state.bytes_left = state.bytes_left.saturating_sub(buffer.len());
        buffer.chunks_mut(PIECE_BYTES).for_each(|piece| state.deliver(piece));
        Ok(())
    }
}

impl State {
    fn mix(&mut self, seed: &[u8; KEY_BYTES]) {
        self.key.iter_mut().zip(seed).for_each(|(key, seed)| *key ^= seed);
    }

    /// Fills `piece`; the key is another one afterwards.
    fn deliver(&mut self, piece: &mut [u8]) {
        let mut cipher = ChaCha20::new(&self.key.into(), &[0; 12].into());
        // A stream cipher turns zeroes into its key stream.
        self.key = [0; KEY_BYTES];
        cipher.apply_keystream(&mut self.key);
        piece.fill(0);
        cipher.apply_keystream(piece);
    }
}
