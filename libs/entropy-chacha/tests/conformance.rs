//! The slot's suite, the cipher's own vector, and the rules of seeding.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use kit_entropy_chacha::{ChaCha, RESEED_BYTES, RESEED_NS};
use kit_iface_clock::fake::ManualClock;
use kit_iface_entropy::fake::{FailingEntropy, PredictableEntropy};
use kit_iface_entropy::{Entropy, EntropyError, conformance};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

kit_util_host_test::bind!(heap, irq_mask, threads, fatal);

static CLOCK: ManualClock = ManualClock::new(1_700_000_000_000_000_000);
kit_iface_clock::use_clock!(CLOCK);

/// Counts how often it is asked, and fails when it is told to.
struct Source {
    inner: PredictableEntropy,
    asked: AtomicUsize,
    fails: AtomicBool,
}

impl Source {
    const fn new() -> Self {
        Self { inner: PredictableEntropy::new(1), asked: AtomicUsize::new(0), fails: AtomicBool::new(false) }
    }
}

impl Entropy for Source {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.fails.load(Ordering::Relaxed) { Err(EntropyError::Failed) } else { self.inner.fill(buffer) }
    }
}

#[test]
fn keeps_the_promises_of_the_slot() {
    static SOURCE: PredictableEntropy = PredictableEntropy::new(7);
    conformance::check(&ChaCha::new(&SOURCE));
}

#[test]
fn a_source_that_is_absent_is_absent() {
    static SOURCE: FailingEntropy = FailingEntropy(EntropyError::Absent);
    conformance::check_absent(&ChaCha::new(&SOURCE));
}

/// RFC 8439, 2.3.2: the block for the key 00..1f, the nonce 00 00 00 09 00 00 00 4a 00 00 00 00 and the counter 1.
#[test]
fn the_cipher_is_that_of_the_standard() {
    let key: [u8; 32] = std::array::from_fn(|i| i as u8);
    let mut cipher = ChaCha20::new(&key.into(), &[0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0].into());
    cipher.seek(64u32);
    let mut block = [0; 64];
    cipher.apply_keystream(&mut block);
    let expected = "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e\
                    d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e";
    assert_eq!(block.map(|byte| format!("{byte:02x}")).concat(), expected);
}

#[test]
fn seeds_are_renewed_by_the_rule_and_a_failure_is_passed_on() {
    static SOURCE: Source = Source::new();
    let generator = ChaCha::new(&SOURCE);
    let asked = || SOURCE.asked.load(Ordering::Relaxed);
    let mut buffer = vec![0; RESEED_BYTES / 4];
    (0..4).for_each(|_| generator.fill(&mut buffer).unwrap());
    assert_eq!(asked(), 1, "one seed for as much as it may deliver");
    generator.fill(&mut [0; 1]).unwrap();
    assert_eq!(asked(), 2, "then another one");
    CLOCK.advance(RESEED_NS);
    SOURCE.fails.store(true, Ordering::Relaxed);
    assert_eq!(generator.fill(&mut [0; 16]), Err(EntropyError::Failed), "nothing comes from a stale seed");
    SOURCE.fails.store(false, Ordering::Relaxed);
    generator.fill(&mut [0; 16]).unwrap();
    assert_eq!(asked(), 4);
}

/// What comes after a request does not depend on how much it asked for, other than by the erased key: no byte of the
/// output of a key is delivered twice, and the next key is none of what was delivered.
#[test]
fn requests_share_nothing() {
    static SOURCE: PredictableEntropy = PredictableEntropy::new(3);
    let generator = ChaCha::new(&SOURCE);
    let mut seen = HashSet::new();
    for length in (16..4096).step_by(16).chain([70_000, 140_000]) {
        let mut buffer = vec![0; length];
        generator.fill(&mut buffer).unwrap();
        for block in buffer.chunks_exact(16) {
            assert!(seen.insert(block.to_vec()), "a block of a request of {length} bytes was there before");
        }
    }
}

#[test]
fn many_threads_get_different_bytes() {
    static SOURCE: PredictableEntropy = PredictableEntropy::new(5);
    static GENERATOR: ChaCha<PredictableEntropy> = ChaCha::new(&SOURCE);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            std::thread::spawn(|| {
                let block = || {
                    let mut block = [0; 16];
                    GENERATOR.fill(&mut block).unwrap();
                    block
                };
                (0..2000).map(|_| block()).collect::<Vec<_>>()
            })
        })
        .collect();
    let all: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
}
