//! What every entropy source must pass. Statistics cannot prove a source good; these find the dead ones.

use crate::{Entropy, EntropyError};

/// Runs the whole suite over a source that is present on this machine.
pub fn check(source: &impl Entropy) {
    fills_every_byte(source);
    never_repeats_itself(source);
    bits_are_balanced(source);
    assert_eq!(source.fill(&mut []), Ok(()), "an empty buffer is always full");
}

/// Every byte of buffers of every short length is written: over 64 fills, none keeps its first value.
pub fn fills_every_byte(source: &impl Entropy) {
    for length in 1..=40 {
        let mut changed = [false; 40];
        for _ in 0..64 {
            let mut buffer = [0xa5; 48];
            source.fill(&mut buffer[..length]).expect("a present source delivers");
            assert_eq!(buffer[length..], [0xa5; 48][length..], "written past a buffer of {length} bytes");
            for (changed, byte) in changed.iter_mut().zip(buffer) {
                *changed |= byte != 0xa5;
            }
        }
        assert!(changed[..length].iter().all(|changed| *changed), "a buffer of {length} bytes has a hole");
    }
}

/// No two of 64 blocks of 16 bytes are equal.
pub fn never_repeats_itself(source: &impl Entropy) {
    let mut blocks = [[0u8; 16]; 64];
    for block in &mut blocks {
        source.fill(block).expect("a present source delivers");
    }
    for (i, block) in blocks.iter().enumerate() {
        assert!(!blocks[..i].contains(block), "the source repeated {block:x?}");
    }
}

/// Of 32,768 bits, a half are ones, give or take nine standard deviations.
pub fn bits_are_balanced(source: &impl Entropy) {
    let mut buffer = [0u8; 4096];
    source.fill(&mut buffer).expect("a present source delivers");
    let ones: u32 = buffer.iter().map(|byte| byte.count_ones()).sum();
    assert!((15_570..=17_198).contains(&ones), "{ones} of 32768 bits are ones");
}

/// A source that its machine lacks says so every time, for every length, and delivers nothing.
pub fn check_absent(source: &impl Entropy) {
    for length in [1, 7, 64] {
        let mut buffer = [0x5a; 64];
        assert_eq!(source.fill(&mut buffer[..length]), Err(EntropyError::Absent));
    }
}
