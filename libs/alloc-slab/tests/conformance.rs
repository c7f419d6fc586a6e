//! The heap slot's suite, on slabs, and what only this heap promises.

use core::alloc::Layout;

use kit_alloc_slab::Slab;
use kit_iface_alloc::{Heap, SizedHeap, conformance};
use kit_iface_frames::Frames;
use kit_util_host_test::growing_heap::{self, Pages, pages};

kit_util_host_test::bind!(irq_mask, threads, clock);

fn one(pages: &'static Pages) -> Slab<Pages, 1> {
    Slab::new(pages)
}

#[test]
fn keeps_the_promises_of_the_slot() {
    conformance::all(|| one(pages()));
    conformance::all(|| Slab::<_, 4>::new(pages()));
}

#[test]
fn keeps_the_promises_of_a_heap_that_remembers() {
    conformance::sizes_are_remembered(&one(pages()));
}

#[test]
fn survives_random_use_and_little_memory() {
    growing_heap::survives_random_use(one);
    growing_heap::blocks_may_be_freed_by_another_thread(one);
    growing_heap::a_little_memory_is_enough_for_a_little_block(one);
}

#[test]
fn survives_many_threads_with_one_set_of_caches_and_with_several() {
    growing_heap::survives_many_threads(one);
    growing_heap::survives_many_threads(Slab::<_, 3>::new);
}

#[test]
fn the_first_block_costs_a_page_and_a_large_one_comes_back() {
    let pages = pages();
    let heap = one(pages);
    let free = || pages.usage().free;
    let (all, small, large) = (free(), Layout::new::<[u8; 100]>(), Layout::new::<[u8; 100_000]>());
    let block = heap.allocate(small).unwrap();
    assert_eq!(all - free(), 1, "pages for the first block");
    let run = heap.allocate(large).unwrap();
    assert_eq!(all - free(), 1 + 25, "a large block is rounded to pages");
    // SAFETY: allocated above with these layouts.
    unsafe {
        let run = heap.resize(run, large, 50_000).unwrap();
        assert_eq!(all - free(), 1 + 13, "its end comes back");
        heap.free(run, Layout::new::<[u8; 50_000]>());
        heap.free(block, small);
    }
    assert_eq!(all - free(), 1);
}

#[test]
fn what_waits_in_caches_is_there_when_memory_runs_out() {
    let pages = pages();
    let heap = one(pages);
    let layouts: Vec<Layout> =
        [16, 100, 500, 2000, 4096, 16_000].map(|bytes| Layout::from_size_align(bytes, 8).unwrap()).into();
    let blocks: Vec<_> =
        layouts.iter().cycle().take(60).map(|layout| (heap.allocate(*layout).unwrap(), *layout)).collect();
    for (block, layout) in blocks {
        // SAFETY: allocated above.
        unsafe { heap.free(block, layout) }
    }
    assert_eq!(heap.usage().used, 0);
    let idle = heap.usage().reserved;
    assert!(idle > 8 * 4096, "{idle} bytes wait");
    while pages.allocate(1, 1).is_ok() {}
    let run = Layout::new::<[u8; 8192]>();
    assert!(heap.allocate(run).is_ok(), "of what has waited");
    let size = heap.allocate(Layout::new::<[u8; 1000]>()).unwrap();
    // SAFETY: a live block.
    assert_eq!(unsafe { heap.bytes_of(size) }, 1024);
}
