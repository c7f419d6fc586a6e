//! Memory that runs out, and memory that is not there.

use std::hint::black_box;

/// Reads the null page.
pub fn read_null() {
    let null = black_box(std::ptr::null::<u8>());
    // SAFETY: none: this is the point. The machine must end the program, not the program the machine.
    println!("read {}", unsafe { null.read_volatile() });
}

/// Takes memory until the allocator refuses, gives it back, and goes on.
pub fn until_it_ends() {
    const BLOCK: usize = 256 * 1024;
    let mut blocks: Vec<Vec<u8>> = Vec::with_capacity(65536);
    while blocks.len() < blocks.capacity() {
        let mut block = Vec::new();
        if block.try_reserve_exact(BLOCK).is_err() {
            break;
        }
        block.resize(BLOCK, blocks.len() as u8);
        blocks.push(block);
    }
    let intact =
        blocks.iter().enumerate().all(|(number, block)| block.iter().all(|byte| *byte == number as u8));
    let refused = blocks.len() < blocks.capacity();
    let taken = blocks.len();
    drop(blocks);
    let again = vec![1_u8; taken * BLOCK / 2];
    println!("refused: {refused}, intact: {intact}, again: {}", again.iter().all(|byte| *byte == 1));
}

/// Asks for what no machine has: std says how many bytes failed, and aborts.
pub fn too_much() {
    let block = vec![1_u8; black_box(1 << 46)];
    println!("got {} bytes", block.len());
}
