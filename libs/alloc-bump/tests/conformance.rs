//! The heap slot's suite, on a pointer that moves up. What it does not promise is that freed memory comes back.

use core::alloc::Layout;

use kit_alloc_bump::Bump;
use kit_iface_alloc::{Heap, conformance};
use kit_util_host_test::growing_heap::{self, pages};

kit_util_host_test::bind!(irq_mask, threads, clock);

#[test]
fn keeps_the_promises_of_every_heap() {
    conformance::basics(|| Bump::new(pages()));
}

#[test]
fn keeps_the_promises_of_what_grows_from_frames() {
    growing_heap::all(Bump::new);
}

#[test]
fn the_last_block_can_be_freed_and_resized_where_it_is() {
    let heap = Bump::new(pages());
    let layout = Layout::new::<[u64; 4]>();
    let first = heap.allocate(layout).unwrap();
    let last = heap.allocate(layout).unwrap();
    assert_eq!(last.addr().get(), first.addr().get() + 32, "nothing lies between blocks");
    // SAFETY: allocated above with this layout, and freed once.
    unsafe {
        let grown = heap.resize(last, layout, 5000).unwrap();
        assert_eq!(grown, last, "what grows at the end does not move");
        heap.free(grown, Layout::from_size_align_unchecked(5000, 8));
        assert_eq!(heap.allocate(layout).unwrap(), last, "the last block is there again");
        heap.free(first, layout);
        assert_ne!(heap.allocate(layout).unwrap(), first, "another one is not");
    }
}

#[test]
fn a_chunk_behind_the_last_one_makes_it_longer() {
    let heap = Bump::new(pages());
    let layout = Layout::from_size_align(10_000, 8).unwrap();
    let blocks: Vec<_> = (0..30).map(|_| heap.allocate(layout).unwrap()).collect();
    assert!(blocks.windows(2).all(|pair| pair[1].addr().get() - pair[0].addr().get() == 10_000));
}
