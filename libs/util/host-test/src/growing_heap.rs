//! What every heap promises that grows from page frames, beyond the suite of the heap slot: how much it takes,
//! and that it gives back what is large. Each function takes the heap's constructor.

use core::alloc::Layout;
use core::ptr::NonNull;
use kit_iface_alloc::{Heap, conformance};
use kit_iface_frames::{Frames, conformance::Page, fake::Table};

/// The frames under such a heap.
pub type Pages = Table<512>;

/// Two MiB that nobody else has, leaked.
pub fn pages() -> &'static Pages {
    let memory = vec![Page::ZERO; 512].leak();
    let pages: &'static Pages = Box::leak(Box::new(Pages::new()));
    let start = memory.as_mut_ptr().expose_provenance();
    // SAFETY: leaked, so nobody else's for ever.
    unsafe { pages.add(start, start + size_of_val(memory)) };
    pages
}

/// Everything below.
pub fn all<H: Heap + Sync>(new: impl Fn(&'static Pages) -> H) {
    survives_random_use(&new);
    survives_many_threads(&new);
    blocks_may_be_freed_by_another_thread(&new);
    the_first_block_costs_16_kib_and_a_large_one_comes_back(&new);
    a_little_memory_is_enough_for_a_little_block(&new);
}

/// The same heap, with one seed after the other, the first of them new on every run.
pub fn survives_random_use<H: Heap>(new: impl Fn(&'static Pages) -> H) {
    let heap = new(pages());
    let seed = crate::seed();
    (seed..seed + 8).for_each(|seed| conformance::survives_random_use(&heap, seed));
}

/// The same heap, with four seeds at once.
pub fn survives_many_threads<H: Heap + Sync>(new: impl Fn(&'static Pages) -> H) {
    let heap = new(pages());
    std::thread::scope(|scope| {
        for seed in 1..=4 {
            let heap = &heap;
            scope.spawn(move || conformance::hammer(heap, seed * 7919, 10_000));
        }
    });
    assert_eq!(heap.usage().used, 0);
}

/// A block is given back by whoever has it then: two threads hand blocks to two others.
pub fn blocks_may_be_freed_by_another_thread<H: Heap + Sync>(new: impl Fn(&'static Pages) -> H) {
    struct Block(NonNull<u8>, Layout);
    // SAFETY: whoever has the value has the block.
    unsafe impl Send for Block {}
    let heap = &new(pages());
    std::thread::scope(|scope| {
        for seed in 1..=2 {
            let (sender, receiver) = std::sync::mpsc::sync_channel(32);
            scope.spawn(move || {
                for number in 0..5_000_usize {
                    let size = 1 + number.wrapping_mul(seed * 7919) % 3000;
                    let layout = Layout::from_size_align(size, 8).expect("a legal layout");
                    let Ok(block) = heap.allocate(layout) else { continue };
                    // SAFETY: the block is ours and this long.
                    unsafe { block.write_bytes(size as u8, size) };
                    sender.send(Block(block, layout)).expect("the other thread takes them all");
                }
            });
            scope.spawn(move || {
                for Block(block, layout) in receiver {
                    // SAFETY: handed over by the other thread, with what it has written; then freed, once.
                    unsafe {
                        let bytes = core::slice::from_raw_parts(block.as_ptr(), layout.size());
                        assert!(
                            bytes.iter().all(|byte| *byte == layout.size() as u8),
                            "{layout:?} was overwritten"
                        );
                        heap.free(block, layout);
                    }
                }
            });
        }
    });
    assert_eq!(heap.usage().used, 0);
}

/// Small blocks share a first chunk of four frames; a large one is frames of its own.
pub fn the_first_block_costs_16_kib_and_a_large_one_comes_back<H: Heap>(new: impl Fn(&'static Pages) -> H) {
    let pages = pages();
    let heap = new(pages);
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

/// When there is no whole chunk left, what there is serves.
pub fn a_little_memory_is_enough_for_a_little_block<H: Heap>(new: impl Fn(&'static Pages) -> H) {
    let pages = pages();
    let taken = pages.allocate(510, 1).unwrap();
    let heap = new(pages);
    assert!(heap.allocate(Layout::new::<[u8; 2000]>()).is_ok(), "two frames are left");
    assert!(heap.allocate(Layout::new::<[u8; 9000]>()).is_err(), "not for this");
    // SAFETY: allocated above.
    unsafe { pages.free(taken, 510) }
    assert!(heap.allocate(Layout::new::<[u8; 9000]>()).is_ok());
}
