//! `malloc` and its family, over the host's heap, as a program sees them.

use kit_posix_shim::memory::blocks::{
    aligned_alloc, calloc, free, malloc, posix_memalign, realloc, usable_size,
};
use std::ptr::null_mut;

kit_util_host_test::bind!();

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    /// Mostly small, sometimes large.
    fn size(&mut self) -> usize {
        match self.below(10) {
            0 => self.below(200_000),
            1..4 => self.below(5000),
            _ => self.below(300),
        }
    }
}

struct Block {
    start: *mut u8,
    bytes: usize,
    mark: u8,
}

impl Block {
    fn new(start: *mut core::ffi::c_void, bytes: usize, mark: u8) -> Self {
        assert!(!start.is_null());
        assert!((start as usize).is_multiple_of(16));
        // SAFETY: the block is that long, by the promise under test.
        unsafe {
            assert!(usable_size(start) >= bytes);
            start.cast::<u8>().write_bytes(mark, bytes);
        }
        Self { start: start.cast(), bytes, mark }
    }

    fn check(&self, bytes: usize) {
        // SAFETY: the block is live and `bytes` is no more than its length.
        let contents = unsafe { std::slice::from_raw_parts(self.start, bytes) };
        assert!(contents.iter().all(|&byte| byte == self.mark), "a block of {} bytes changed", self.bytes);
    }
}

fn churn(seed: u64, steps: usize) {
    let mut random = Random(seed);
    let mut blocks: Vec<Block> = Vec::new();
    for step in 0..steps {
        let (bytes, mark) = (random.size(), step as u8);
        match random.below(8) {
            0..3 => blocks.push(Block::new(malloc(bytes), bytes, mark)),
            3 => {
                let align = 1 << (3 + random.below(12));
                let mut block = null_mut();
                // SAFETY: the pointer is writable.
                assert_eq!(unsafe { posix_memalign(&mut block, align, bytes) }, 0);
                assert!((block as usize).is_multiple_of(align), "{bytes} bytes at {align}");
                blocks.push(Block::new(block, bytes, mark));
            }
            4 => {
                let block = calloc(bytes, 1);
                // SAFETY: the block is that long.
                let contents = unsafe { std::slice::from_raw_parts(block.cast::<u8>(), bytes) };
                assert!(contents.iter().all(|&byte| byte == 0));
                blocks.push(Block::new(block, bytes, mark));
            }
            5 if !blocks.is_empty() => {
                let block = blocks.swap_remove(random.below(blocks.len()));
                // SAFETY: the block is live, and the old pointer is dropped.
                let start = unsafe { realloc(block.start.cast(), bytes) };
                Block { start: start.cast(), ..block }.check(bytes.min(block.bytes));
                blocks.push(Block::new(start, bytes, mark));
            }
            _ if !blocks.is_empty() => {
                let block = blocks.swap_remove(random.below(blocks.len()));
                block.check(block.bytes);
                // SAFETY: the block is live, and dropped.
                unsafe { free(block.start.cast()) };
            }
            _ => {}
        }
    }
    for block in blocks {
        block.check(block.bytes);
        // SAFETY: the block is live, and dropped.
        unsafe { free(block.start.cast()) };
    }
}

#[test]
fn blocks_keep_their_contents() {
    churn(1, 12_000);
}

#[test]
fn threads_share_the_heap() {
    std::thread::scope(|scope| {
        for seed in 2..6 {
            scope.spawn(move || churn(seed, 3_000));
        }
    });
}

#[test]
fn powers_of_two_waste_nothing_from_a_page_on() {
    for bytes in [4096, 8192, 65536, 1 << 20] {
        let block = malloc(bytes);
        // SAFETY: the block is live until it is freed.
        unsafe {
            assert_eq!(usable_size(block), bytes);
            free(block);
        }
    }
}

#[test]
fn edges() {
    // SAFETY: null is legal everywhere; live blocks are freed once.
    unsafe {
        free(null_mut());
        assert_eq!(usable_size(null_mut()), 0);
        let (a, b) = (malloc(0), malloc(0));
        assert!(!a.is_null() && a != b);
        free(a);
        free(b);
        let fresh = realloc(null_mut(), 10);
        assert!(!fresh.is_null());
        let same = realloc(fresh, 16);
        assert_eq!(same, fresh);
        free(same);
        let mut block = null_mut();
        assert_eq!(posix_memalign(&mut block, 24, 8), libc::EINVAL);
        assert_eq!(posix_memalign(&mut block, 4, 8), libc::EINVAL);
        let page = aligned_alloc(1 << 16, 100);
        assert!((page as usize).is_multiple_of(1 << 16));
        free(page);
    }
}
