//! The heap slot's suite, on two-level segregated fit.

use kit_alloc_tlsf::Tlsf;
use kit_iface_alloc::conformance;
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
    assert_eq!(kit_iface_alloc::Heap::usage(&heap).used, 0);
}
