//! What `cargo kit bench alloc` makes heaps do. Everything goes through Rust's global allocator, so the same code meets
//! the heap itself in a native image and `malloc` in a ported one.
//!
//! A workload makes its script first, runs it once as a warm-up, and measures what comes then: between `begin` and `end`
//! nothing happens but the script. An *operation* is one call of the allocator.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod script;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::hint::black_box;

use script::{Random, Script};

/// What surrounds the measured part.
pub trait Marks {
    /// Called right before it.
    fn begin(&mut self);
    /// Called right after it.
    fn end(&mut self);
}

/// Runs the workload with this name and returns what it has counted: operations, or for `capacity` KiB. `None` if there
/// is no such workload, or the heap has refused a request that the workload needs.
pub fn run(workload: &str, rounds: u32, marks: &mut impl Marks) -> Option<u64> {
    match workload {
        "churn" => churn(rounds, marks),
        "server" => play(&Script::server(), rounds, marks),
        "fragmentation" => play(&Script::fragmentation(), rounds, marks),
        "grow" => grow(rounds, marks),
        "capacity" => capacity(),
        _ => None,
    }
}

/// Blocks of one size: 512 are taken, and given back in the order in which they were taken.
fn churn(rounds: u32, marks: &mut impl Marks) -> Option<u64> {
    const BLOCKS: usize = 512;
    let mut held: Vec<Option<Box<[u64; 8]>>> = Vec::new();
    held.try_reserve_exact(BLOCKS).ok()?;
    held.resize_with(BLOCKS, || None);
    let mut round = || {
        held.iter_mut().for_each(|slot| *slot = black_box(Some(Box::new([1; 8]))));
        held.iter_mut().for_each(|slot| *slot = black_box(None));
    };
    round();
    marks.begin();
    (0..rounds).for_each(|_| round());
    marks.end();
    Some(u64::from(rounds) * 2 * BLOCKS as u64)
}

/// A script of requests and frees, over and over. It ends as it began, with nothing held.
fn play(script: &Script, rounds: u32, marks: &mut impl Marks) -> Option<u64> {
    let mut held: Vec<Vec<u8>> = Vec::new();
    held.try_reserve_exact(script.slots).ok()?;
    held.resize_with(script.slots, Vec::new);
    let mut round = || {
        for step in &script.steps {
            let slot = &mut held[usize::from(step.slot)];
            if step.bytes == 0 {
                *slot = black_box(Vec::new());
            } else {
                slot.try_reserve_exact(step.bytes as usize).ok()?;
            }
        }
        Some(())
    };
    round()?;
    marks.begin();
    for _ in 0..rounds {
        round()?;
    }
    marks.end();
    Some(u64::from(rounds) * script.steps.len() as u64)
}

/// Eight vectors at once that double from 64 bytes to 64 KiB, as vectors do that are pushed to.
fn grow(rounds: u32, marks: &mut impl Marks) -> Option<u64> {
    const DOUBLINGS: usize = 10;
    let mut vectors: [Vec<u8>; 8] = Default::default();
    let mut round = || {
        for doubling in 0..=DOUBLINGS {
            for vector in &mut vectors {
                vector.try_reserve_exact(64 << doubling).ok()?;
            }
        }
        vectors.iter_mut().for_each(|vector| *vector = black_box(Vec::new()));
        Some(())
    };
    round()?;
    marks.begin();
    for _ in 0..rounds {
        round()?;
    }
    marks.end();
    Some(u64::from(rounds) * (DOUBLINGS as u64 + 2) * 8)
}

/// How much can be held of what random requests and frees leave behind, three requests to two frees: KiB in use when
/// the first request is refused. The more, the less is lost to fragmentation and to the heap's own books.
fn capacity() -> Option<u64> {
    let mut random = Random::new(7);
    let mut held: Vec<Vec<u8>> = Vec::new();
    held.try_reserve_exact(1 << 15).ok()?;
    let mut in_use = 0;
    while held.len() < held.capacity() {
        if random.below(5) < 2 && !held.is_empty() {
            let freed = held.swap_remove(random.below(held.len()));
            in_use -= freed.capacity() as u64;
            continue;
        }
        let mut block = Vec::new();
        let bytes = random.size();
        if block.try_reserve_exact(bytes).is_err() {
            return Some(in_use / 1024);
        }
        in_use += bytes as u64;
        held.push(block);
    }
    None
}
