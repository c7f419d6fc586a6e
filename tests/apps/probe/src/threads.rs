//! Threads that do not give way, that are many, and that overflow.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Recurses in a thread named `deep` until its stack ends.
pub fn overflow() {
    let thread = thread::Builder::new().name("deep".to_string());
    let sum = thread.spawn(|| deeper(1)).expect("a thread can be started").join();
    println!("no end: {sum:?}");
}

#[expect(unconditional_recursion, reason = "that is the point")]
fn deeper(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    deeper(depth + 1) + frame[3]
}

/// Two threads count without ever waiting while main spins on the clock: each must get its share.
pub fn spin() {
    let stop = Arc::new(AtomicBool::new(false));
    let counts = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    let threads = [0, 1].map(|number| {
        let (stop, counts) = (stop.clone(), counts.clone());
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                counts[number].fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(100) {
        std::hint::spin_loop();
    }
    stop.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().unwrap();
    }
    let counts = [0, 1].map(|number: usize| counts[number].load(Ordering::Relaxed));
    println!("both ran: {}", counts.iter().all(|count| *count > 0));
    // Where time is counted in instructions, these numbers are the same on every run.
    println!("counts: {} {}", counts[0], counts[1]);
}

/// Three hundred threads alive at once, then three thousand one after the other.
pub fn many() {
    let total = Arc::new(AtomicU64::new(0));
    let threads: Vec<_> = (0..300)
        .map(|number| {
            let total = total.clone();
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(50));
                total.fetch_add(number, Ordering::Relaxed);
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    for _ in 0..3000 {
        let total = total.clone();
        thread::spawn(move || total.fetch_add(1, Ordering::Relaxed)).join().unwrap();
    }
    println!("sum {}", total.load(Ordering::Relaxed));
}

/// Six threads compute with every kind of register while they interrupt each other; a result that was computed
/// alone says whether any register was lost.
pub fn registers() {
    let rounds = 400;
    let alone: Vec<u64> = (0..6).map(|seed| compute(seed, rounds)).collect();
    let mut wrong = 0;
    for _ in 0..3 {
        let threads: Vec<_> = (0..6).map(|seed| thread::spawn(move || compute(seed, rounds))).collect();
        for (thread, expected) in threads.into_iter().zip(&alone) {
            wrong += u32::from(thread.join().unwrap() != *expected);
        }
    }
    println!("wrong results: {wrong} of 18");
}

fn compute(seed: u64, rounds: u64) -> u64 {
    let mut hash = seed;
    for round in 0..rounds {
        let mut words = [0_u64; 24];
        for (index, word) in words.iter_mut().enumerate() {
            *word = hash ^ (index as u64 * 0x0123_4567) ^ round;
        }
        hash = black_box(integers(black_box(&words))) ^ floats(hash & 1023).to_bits();
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            hash ^= unsafe { vectors(hash) };
        }
    }
    hash
}

/// More live words than registers: the compiler spills into the red zone of this leaf.
#[inline(never)]
fn integers(words: &[u64; 24]) -> u64 {
    let mut state = *words;
    for round in 0..200_u64 {
        let carry = state[23] ^ round;
        for index in (1..24).rev() {
            let mixed = state[index - 1].wrapping_mul(0x9E37_79B9_7F4A_7C15);
            state[index] ^= mixed.rotate_left((index as u32 * 7) & 63);
        }
        state[0] = state[0].wrapping_add(carry);
    }
    state.iter().fold(0, |hash, word| hash ^ word)
}

#[inline(never)]
fn floats(seed: u64) -> f64 {
    let mut state = [1.0, 2.0, 3.0, 4.0, 5.0, seed as f64];
    for round in 0..500 {
        let [a, b, c, d, e, f] = state;
        let first = a * 1.0001 + f64::from(round);
        state = [b.sqrt() + 1.0, c * 0.999 + first, d + e * 1e-3, e * 0.5 + f, f - a * 0.1, first * 1e-2 + d];
    }
    state.iter().sum()
}

/// Twelve vectors of 256 bits: their upper halves are what a careless switch loses.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline(never)]
fn vectors(seed: u64) -> u64 {
    use std::arch::x86_64::*;
    let mut state = [_mm256_set1_epi64x(seed as i64); 12];
    for round in 0..300 {
        for index in 0..12 {
            let added = _mm256_add_epi64(state[index], _mm256_set1_epi64x(round * 31 + index as i64));
            state[index] = _mm256_xor_si256(added, _mm256_slli_epi64(state[(index + 1) % 12], 1));
        }
    }
    state.iter().fold(0, |hash, vector| {
        let low = _mm256_extract_epi64(*vector, 0) ^ _mm256_extract_epi64(*vector, 1);
        let high = _mm256_extract_epi64(*vector, 2) ^ _mm256_extract_epi64(*vector, 3);
        hash ^ (low ^ high.rotate_left(2)) as u64
    })
}
