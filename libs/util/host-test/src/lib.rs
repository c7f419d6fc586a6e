//! Binds the ambient services to the host's `std`, so that any OS crate can be tested by `cargo test`.
//!
//! A dev-dependency, never part of an image. A test crate writes [`bind!`] once, at its top, and from then on
//! the code under test has a heap, a clock, a log, entropy, an interrupt mask (which masks nothing), an end of
//! the image (which panics) and real, preemptive threads. A test that wants its own version of one service binds
//! the others singly: `bind!(heap, clock, …)`.
//!
//! [`growing_heap`], [`virtio`], [`virtio_disk`] and [`descriptors`] are what the tests of several crates share: page
//! frames and promises of heaps, the far side of devices, and readable descriptors as interrupts.
#![deny(missing_docs)]

pub mod descriptors;
pub mod growing_heap;
mod services;
mod threads;
pub mod virtio;
pub mod virtio_disk;

pub use services::{
    HostClock, HostEntropy, HostHeap, HostLog, irq_mask, irq_restore, irq_was_enabled, set_clock_speed,
};
pub use threads::HostThreads;

/// The seed of a test's random numbers: that of the environment variable `KIT_SEED`, else a new one. Prints it, so that
/// a failure can be repeated.
pub fn seed() -> u64 {
    let new =
        || std::time::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_nanos() as u64 >> 8 & 0xFFFF_FFFF);
    let seed = std::env::var("KIT_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(new);
    println!("KIT_SEED={seed} repeats this run");
    seed
}

#[doc(hidden)]
pub mod reexport {
    pub use {
        kit_iface_alloc, kit_iface_clock, kit_iface_console, kit_iface_entropy, kit_iface_irq,
        kit_iface_sched,
    };
}

/// Binds the named ambient services (`heap`, `clock`, `log`, `entropy`, `irq_mask`, `threads`, `fatal`), or
/// all of them when none is named. Once per test binary.
#[macro_export]
macro_rules! bind {
    () => { $crate::bind!(heap, clock, log, entropy, irq_mask, threads, fatal); };
    ($($service:ident),+ $(,)?) => { $($crate::bind!(@ $service);)+ };
    (@ heap) => {
        const _: () = {
            static HEAP: $crate::HostHeap = $crate::HostHeap;
            $crate::reexport::kit_iface_alloc::use_heap!(HEAP);
        };
    };
    (@ clock) => {
        const _: () = {
            static CLOCK: $crate::HostClock = $crate::HostClock;
            $crate::reexport::kit_iface_clock::use_clock!(CLOCK);
        };
    };
    (@ log) => {
        const _: () = {
            static LOG: $crate::HostLog = $crate::HostLog;
            $crate::reexport::kit_iface_console::use_log!(LOG);
        };
    };
    (@ entropy) => {
        const _: () = {
            static ENTROPY: $crate::HostEntropy = $crate::HostEntropy;
            $crate::reexport::kit_iface_entropy::use_entropy!(ENTROPY);
        };
    };
    (@ irq_mask) => {
        $crate::reexport::kit_iface_irq::use_irq_mask!($crate::irq_mask, $crate::irq_restore, $crate::irq_was_enabled);
    };
    (@ threads) => {
        const _: () = {
            static THREADS: $crate::HostThreads = $crate::HostThreads::new();
            $crate::reexport::kit_iface_sched::use_threads!(THREADS);
        };
    };
    (@ fatal) => {
        const _: () = {
            #[unsafe(no_mangle)]
            fn __kit_fatal(kind: &str, status: u8) -> ! {
                panic!("the image ended: {kind}, status {status}")
            }
            #[unsafe(no_mangle)]
            fn __kit_exit(status: u8) -> ! {
                panic!("the image exited with status {status}")
            }
            // No tool reads along.
            #[unsafe(no_mangle)]
            unsafe fn __kit_share(_name: &str, _memory: ::core::ptr::NonNull<u8>, _bytes: usize) {}
        };
    };
}
