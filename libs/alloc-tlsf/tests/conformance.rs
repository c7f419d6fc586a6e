//! The heap slot's suite, on two-level segregated fit.

use core::alloc::Layout;
use kit_alloc_tlsf::Tlsf;
use kit_iface_alloc::{Heap, conformance};
use kit_iface_frames::{Frames, conformance::Page, fake::Table};

kit_util_host_test::bind!(irq_mask, threads, clock);

type Pages = Table<512>;

/// A heap over 2 MiB of its own.
fn heap() -> Tlsf<Pages> {
    Tlsf::new(pages())
}

fn pages() -> &'static Pages {
    let memory = vec![Page::ZERO; 512].leak();
    let pages: &'static Pages = Box::leak(Box::new(Pages::new()));
    let start = memory.as_mut_ptr().expose_provenance();
    // SAFETY: leaked, so nobody else's for ever.
    unsafe { pages.add(start, start + size_of_val(memory)) };
    pages
}

#[test]
fn keeps_the_promises_of_the_slot() {
    conformance::all(heap);
}

#[test]
fn survives_random_use() {
    let heap = heap();
    (2..10).for_each(|seed| conformance::survives_random_use(&heap, seed));
}

#[test]
fn survives_many_threads() {
    let heap = heap();
    std::thread::scope(|scope| {
        for seed in 1..=4 {
            let heap = &heap;
            scope.spawn(move || conformance::hammer(heap, seed * 7919, 10_000));
        }
    });
    assert_eq!(heap.usage().used, 0);
}

#[test]
fn the_first_block_costs_16_kib_and_a_large_one_comes_back() {
    let pages = pages();
    let heap = Tlsf::new(pages);
    let free = || pages.usage().free;
    let (all, small, large) = (free(), Layout::new::<[u8; 100]>(), Layout::new::<[u8; 100_000]>());
    let block = heap.allocate(small).unwrap();
    assert_eq!(all - free(), 4, "frames for the first block");
    let run = heap.allocate(large).unwrap();
    assert_eq!(all - free(), 4 + 25, "a large block is rounded to frames");
    // SAFETY: allocated above with these layouts.
    unsafe {
        let run = heap.resize(run, large, 50_000).unwrap();
        assert_eq!(all - free(), 4 + 13, "its end comes back");
        heap.free(run, Layout::new::<[u8; 50_000]>());
        heap.free(block, small);
    }
    assert_eq!(all - free(), 4);
}

#[test]
fn a_little_memory_is_enough_for_a_little_block() {
    let pages = pages();
    let taken = pages.allocate(510, 1).unwrap();
    let heap = Tlsf::new(pages);
    assert!(heap.allocate(Layout::new::<[u8; 2000]>()).is_ok(), "two frames are left");
    assert!(heap.allocate(Layout::new::<[u8; 9000]>()).is_err(), "not for this");
    // SAFETY: allocated above.
    unsafe { pages.free(taken, 510) }
    assert!(heap.allocate(Layout::new::<[u8; 9000]>()).is_ok());
}
