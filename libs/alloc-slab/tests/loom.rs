//! The cache under every order in which processors may do its atomic operations: no block is lost, none is handed out
//! twice, and what was written into a block before it was given is seen by who takes it.

use std::ptr::NonNull;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

/// Loom's types in place of the processor's.
mod sync {
    pub use loom::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
}

#[path = "../src/cache.rs"]
#[allow(dead_code, reason = "each model uses a part of it")]
mod cache;

use cache::{Cache, Pop, Push};
use sync::{AtomicPtr, AtomicUsize};

/// Room for a link of loom's own, which is longer than a word.
#[repr(align(64))]
struct Block(#[expect(dead_code, reason = "room")] [u64; 64]);

fn block() -> NonNull<u8> {
    NonNull::from(Box::leak(Box::new(Block([0; 64])))).cast()
}

/// A list, and for each of three blocks what its owner writes into it: a cell that tells when two threads are at it.
struct World {
    cache: Cache,
    blocks: [NonNull<u8>; 3],
    contents: [UnsafeCell<usize>; 3],
}

// SAFETY: the blocks are leaked memory; who may touch which is what the tests are about.
unsafe impl Sync for World {}
// SAFETY: as above.
unsafe impl Send for World {}

impl World {
    fn new() -> Arc<Self> {
        let cache = Cache::new(AtomicPtr::new(std::ptr::null_mut()), AtomicUsize::new(0));
        Arc::new(Self { cache, blocks: [block(), block(), block()], contents: Default::default() })
    }

    /// What an owner does with a block.
    fn use_block(&self, number: usize) {
        // SAFETY: loom fails the test if another thread is at the cell, or was without our knowing.
        self.contents[number].with_mut(|value| unsafe { *value += 1 });
    }

    /// Gives a block up; true if the list has it now.
    fn give(&self, number: usize) -> bool {
        self.use_block(number);
        // SAFETY: the block is the caller's, long enough, and aligned.
        unsafe { self.cache.push(self.blocks[number], 2) == Push::Kept }
    }

    /// Takes a block, if there is one to be had.
    fn take(&self) -> Option<usize> {
        match self.cache.pop() {
            Pop::Block(block) => {
                let number = self.number(block);
                self.use_block(number);
                Some(number)
            }
            Pop::Empty | Pop::Busy => None,
        }
    }

    fn number(&self, block: NonNull<u8>) -> usize {
        self.blocks.iter().position(|known| *known == block).expect("a block that was given")
    }

    /// When all is quiet: what is in the list, and that its count says so.
    fn rest(&self) -> Vec<usize> {
        let count = self.cache.count();
        let rest: Vec<usize> = std::iter::from_fn(|| self.take()).collect();
        assert_eq!(rest.len(), count);
        rest
    }
}

/// Whoever gave a block away and took others: at the end each block is in one place.
fn each_once(mut numbers: Vec<usize>, all: &[usize]) {
    numbers.sort_unstable();
    assert_eq!(numbers, all, "a block was lost, or is in two places");
}

/// Gives a block and takes one; what it holds then.
fn give_and_take(world: &World, number: usize) -> Vec<usize> {
    let kept = world.give(number);
    world.take().into_iter().chain((!kept).then_some(number)).collect()
}

#[test]
fn two_that_give_and_take_share_out_the_blocks() {
    loom::model(|| {
        let world = World::new();
        let other = thread::spawn({
            let world = world.clone();
            move || give_and_take(&world, 0)
        });
        let mut held = give_and_take(&world, 1);
        held.extend(other.join().unwrap());
        held.extend(world.rest());
        each_once(held, &[0, 1]);
    });
}

#[test]
fn filling_meets_taking() {
    loom::model(|| {
        let world = World::new();
        assert!(world.give(2));
        let other = thread::spawn({
            let world = world.clone();
            move || [world.take(), world.take()].into_iter().flatten().collect::<Vec<_>>()
        });
        let mut stock = vec![0, 1];
        world.cache.fill(2, || {
            let number = stock.pop()?;
            world.use_block(number);
            Some(world.blocks[number])
        });
        let mut held = other.join().unwrap();
        held.extend(stock);
        held.extend(world.rest());
        each_once(held, &[0, 1, 2]);
    });
}

#[test]
fn emptying_meets_giving_and_taking() {
    loom::model(|| {
        let world = World::new();
        assert!(world.give(2));
        let other = thread::spawn({
            let world = world.clone();
            move || give_and_take(&world, 0)
        });
        let mut held = Vec::new();
        world.cache.empty_to(0, |block| {
            let number = world.number(block);
            world.use_block(number);
            held.push(number);
        });
        held.extend(other.join().unwrap());
        held.extend(world.rest());
        each_once(held, &[0, 2]);
    });
}

#[test]
fn a_full_list_keeps_nothing() {
    loom::model(|| {
        let world = World::new();
        assert!(world.give(0) && world.give(1));
        assert!(!world.give(2));
        each_once(world.rest(), &[0, 1]);
    });
}
