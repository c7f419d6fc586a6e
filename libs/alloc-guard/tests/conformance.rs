//! The heap slot's suite, on a guard around the host's own heap and a bounded one, and what only a guard promises.

use core::alloc::Layout;
use core::ptr::NonNull;

use kit_alloc_guard::Guard;
use kit_iface_alloc::fake::Limited;
use kit_iface_alloc::{Heap, SizedHeap, conformance};
use kit_util_host_test::{HostHeap, growing_heap};

kit_util_host_test::bind!(irq_mask, threads, clock, log, fatal);

type Inner = Limited<HostHeap>;
type Small = Guard<Inner, 32, 64>;

fn new() -> Small {
    Guard::new(Box::leak(Box::new(Limited::new(HostHeap, 2 << 20))))
}

const LAYOUT: Layout = Layout::new::<[u64; 5]>();

/// A block of 40 bytes.
fn block(heap: &Small) -> NonNull<u8> {
    heap.allocate(LAYOUT).unwrap()
}

/// Writes one byte at a distance from the start of a block.
fn write_at(block: NonNull<u8>, distance: isize) {
    // SAFETY: inside of the inner heap's block, which is longer than the guarded one at both ends.
    unsafe { block.offset(distance).write(0x55) }
}

fn free(heap: &Small, block: NonNull<u8>) {
    // SAFETY: allocated with this layout; where a test frees twice, that is what it is about.
    unsafe { heap.free(block, LAYOUT) }
}

/// Frees enough that whatever was in quarantine has left it.
fn flush(heap: &Small) {
    for _ in 0..1000 {
        free(heap, block(heap));
    }
}

#[test]
fn keeps_the_promises_of_the_slot() {
    conformance::all(new);
    // Another zone, and blocks that go back at once.
    conformance::all(|| Guard::<Inner, 100, 0>::new(Box::leak(Box::new(Limited::new(HostHeap, 4 << 20)))));
}

#[test]
fn remembers_sizes() {
    conformance::sizes_are_remembered(&new());
    let heap = new();
    let block = heap.allocate(Layout::new::<[u8; 77]>()).unwrap();
    // SAFETY: the block is live.
    assert_eq!(unsafe { heap.bytes_of(block) }, 77, "to the byte");
}

#[test]
fn survives_many_threads() {
    growing_heap::survives_many_threads(|_| new());
    growing_heap::blocks_may_be_freed_by_another_thread(|_| new());
}

#[test]
#[should_panic(expected = "the image ended: heap, status 70")]
fn a_write_behind_a_block_is_found() {
    let heap = new();
    let block = block(&heap);
    write_at(block, 40);
    free(&heap, block);
}

#[test]
#[should_panic(expected = "the image ended: heap, status 70")]
fn a_write_before_a_block_is_found() {
    let heap = new();
    let block = block(&heap);
    write_at(block, -1);
    free(&heap, block);
}

#[test]
#[should_panic(expected = "the image ended: heap, status 70")]
fn a_write_that_misses_the_zone_hits_the_header() {
    let heap = new();
    let block = block(&heap);
    write_at(block, -60);
    free(&heap, block);
}

#[test]
#[should_panic(expected = "the image ended: heap, status 70")]
fn a_second_free_is_found() {
    let heap = new();
    let block = block(&heap);
    free(&heap, block);
    free(&heap, block);
}

#[test]
#[should_panic(expected = "the image ended: heap, status 70")]
fn a_write_after_the_free_is_found() {
    let heap = new();
    let block = block(&heap);
    free(&heap, block);
    write_at(block, 7);
    flush(&heap);
}

#[test]
#[should_panic(expected = "the image ended: heap, status 70")]
fn a_write_after_the_free_is_found_at_the_end_at_last() {
    let heap = new();
    let block = block(&heap);
    free(&heap, block);
    write_at(block, 7);
    heap.at_exit();
}

#[test]
#[should_panic(expected = "the image ended: heap, status 70")]
fn a_write_behind_a_block_that_is_never_freed_is_found_at_the_end() {
    let heap = new();
    write_at(block(&heap), 41);
    heap.at_exit();
}

#[test]
#[should_panic(expected = "the image ended: heap, status 70")]
fn a_free_with_another_size_is_found() {
    let heap = new();
    let block = block(&heap);
    // SAFETY: not what the contract says, which is what the guard is to find.
    unsafe { heap.free(block, Layout::new::<[u64; 4]>()) }
}

#[test]
#[should_panic(expected = "the image ended: heap, status 70")]
fn a_resize_of_a_damaged_block_is_found() {
    let heap = new();
    let block = block(&heap);
    write_at(block, 40);
    // SAFETY: the block is live.
    let _ = unsafe { heap.resize(block, LAYOUT, 1000) };
}

#[test]
fn a_block_that_is_used_as_it_should_is_not_complained_of() {
    let heap = new();
    let first = block(&heap);
    (0..40).for_each(|at| write_at(first, at));
    // SAFETY: the block is live, and then freed once.
    unsafe {
        let longer = heap.resize(first, LAYOUT, 4000).unwrap();
        assert_ne!(longer, first, "so that who keeps the old address is found");
        assert_eq!(longer.add(39).read(), 0x55);
        heap.free(longer, Layout::from_size_align_unchecked(4000, 8));
    }
    flush(&heap);
    let pages = Layout::from_size_align(10_000, 4096).unwrap();
    let run = heap.allocate(pages).unwrap();
    assert_eq!(run.addr().get() % 4096, 0);
    heap.at_exit();
    // SAFETY: allocated above.
    unsafe { heap.free(run, pages) }
    assert_eq!(heap.usage().used, 0);
}
