//! What the tests share: a random source, a disk that loses power, a model of the tree, and random operations on both.
#![allow(dead_code, reason = "each test uses its part")]

mod cut_disk;
mod model;
mod workload;

pub use cut_disk::CutDisk;
#[allow(unused_imports, reason = "not every test compares trees")]
pub use model::{Model, tree_of};
pub use workload::{Step, Workload};

use kit_fs_cow::{CowFs, Limits};
use kit_iface_block::Disk;
use kit_iface_clock::Clock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A clock that ticks when it is asked: what goes onto the disk depends on the seed alone.
pub struct Ticks(AtomicU64);

impl Ticks {
    pub const fn new() -> Self {
        Self(AtomicU64::new(1))
    }
}

impl Clock for Ticks {
    fn monotonic_ns(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    fn wall_ns(&self) -> u64 {
        self.monotonic_ns()
    }
}

/// Binds the ambient services of a test binary.
macro_rules! bind {
    () => {
        kit_util_host_test::bind!(heap, log, entropy, irq_mask, threads, fatal);
        static TICKS: common::Ticks = common::Ticks::new();
        kit_iface_clock::use_clock!(TICKS);
    };
}
pub(crate) use bind;

pub const LIMITS: Limits = Limits { cache_kib: 128, commit_seconds: 1 << 30 };

/// The filesystem on a test disk.
pub fn mount(disk: &'static CutDisk) -> CowFs<CutDisk> {
    CowFs::new(disk, Disk(0), LIMITS)
}

/// Xorshift64* (Vigna 2016).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// The seed of a test: `KIT_SEED`, or one of its own.
pub fn seed(own: u64) -> u64 {
    let seed = std::env::var("KIT_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(own);
    println!("seed {seed} (KIT_SEED={seed} repeats it)");
    seed
}
