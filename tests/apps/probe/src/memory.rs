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

/// A block of each size in turn, filled with its number; `None` if memory has run out.
fn small_block(number: usize) -> Option<Vec<u8>> {
    const SIZES: [usize; 7] = [24, 100, 16, 900, 300, 5000, 64];
    let mut block = Vec::new();
    block.try_reserve_exact(SIZES[number % SIZES.len()]).ok()?;
    block.resize(block.capacity(), number as u8);
    Some(block)
}

/// Small blocks until there is no more memory.
fn fill() -> Vec<Vec<u8>> {
    let mut blocks = Vec::with_capacity(1 << 17);
    while blocks.len() < blocks.capacity() {
        let Some(block) = small_block(blocks.len()) else { break };
        blocks.push(block);
    }
    blocks
}

/// Takes small blocks until the allocator refuses, gives some back, and goes on.
pub fn small_until_it_ends() {
    let mut blocks = fill();
    let (taken, refused) = (blocks.len(), blocks.len() < blocks.capacity());
    let is_whole = |(number, block): (usize, &Vec<u8>)| block.iter().all(|byte| *byte == number as u8);
    let mut intact = blocks.iter().enumerate().all(is_whole);
    // A hole of half of what there is, and all of it once more.
    for round in 0..3 {
        blocks.truncate(taken / 2);
        while blocks.len() < taken - taken / 10 {
            let Some(block) = small_block(blocks.len()) else {
                println!("round {round}: {} of {taken} blocks", blocks.len());
                return;
            };
            blocks.push(block);
        }
        intact &= blocks.iter().enumerate().all(is_whole);
    }
    println!("refused: {refused}, intact: {intact}, again: true");
}

/// Boxes that cannot be refused: std says how many bytes failed, and aborts.
pub fn spend() {
    let mut last: Option<Box<dyn std::any::Any>> = None;
    loop {
        last = Some(Box::new((last, [1_u64; 13])));
        black_box(&last);
    }
}

/// With no memory left, what takes memory is an error; with memory, it works.
pub fn starved() {
    let blocks = fill();
    let thread = std::thread::Builder::new().spawn(|| 7);
    let refused = thread.is_err();
    drop(blocks);
    let thread = std::thread::spawn(|| 7).join().expect("the thread has no way to fail");
    let file = std::fs::write("/starved", [7; 5000]).and_then(|()| std::fs::read("/starved"));
    println!("refused: {refused}, thread: {thread}, file: {:?}", file.map(|bytes| bytes.len()));
}

/// Does with a block of 40 bytes what must not be done, which only a guard around the heap finds.
pub fn misuse(how: &str) {
    let block = Box::into_raw(Box::new([7_u8; 40])).cast::<u8>();
    // SAFETY: none: this is the point.
    unsafe {
        match how {
            "behind" => black_box(block.add(41)).write(1),
            "before" => black_box(block.sub(3)).write(1),
            "leak" => return,
            _ => {}
        }
        drop(Box::from_raw(block.cast::<[u8; 40]>()));
        match how {
            "late" => black_box(block.add(5)).write(1),
            "twice" => drop(Box::from_raw(black_box(block).cast::<[u8; 40]>())),
            _ => {}
        }
    }
}
