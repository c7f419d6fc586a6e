//! The heap: blocks of all sizes come and go in an order that a seed decides, and keep what was written.

use std::alloc::{Layout, alloc, dealloc, realloc};

/// Steps of a 64-bit xorshift (G. Marsaglia, "Xorshift RNGs", 2003).
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Churns vectors, then blocks with alignments.
pub fn check() {
    let mut seed = 0x243f_6a88_85a3_08d3;
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    for round in 0..4000_u64 {
        let random = next(&mut seed);
        if blocks.len() < 64 || random & 1 == 0 {
            let bytes = (random >> 8) % if random & 0x70 == 0 { 40_000 } else { 600 };
            blocks.push(vec![round as u8; bytes as usize]);
        } else {
            let index = (random >> 8) as usize % blocks.len();
            let mut block = blocks.swap_remove(index);
            assert!(block.windows(2).all(|pair| pair[0] == pair[1]), "a block was overwritten");
            // Growing keeps what was there.
            if let Some(first) = block.first().copied() {
                let length = block.len();
                block.resize(length * 2, first);
                assert!(block.iter().all(|byte| *byte == first), "a block lost bytes while it grew");
            }
        }
    }
    aligned();
}

fn aligned() {
    for shift in 0..=16 {
        let layout = Layout::from_size_align(100, 1 << shift).unwrap();
        // SAFETY: the size is not zero; each pointer is used and freed with the layout that it was allocated with.
        unsafe {
            let block = alloc(layout);
            assert!(
                !block.is_null() && (block as usize).is_multiple_of(1 << shift),
                "alignment {}",
                1 << shift
            );
            block.write_bytes(7, 100);
            let block = realloc(block, layout, 5000);
            assert!((block as usize).is_multiple_of(1 << shift) && *block.add(99) == 7);
            dealloc(block, Layout::from_size_align(5000, 1 << shift).unwrap());
        }
    }
}
