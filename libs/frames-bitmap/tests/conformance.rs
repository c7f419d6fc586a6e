//! The page-frame slot's suite, on the bitmap.

use kit_frames_bitmap::Bitmap;
use kit_iface_frames::{Frames, conformance, conformance::Page};

kit_util_host_test::bind!(irq_mask, threads, clock);

#[test]
fn keeps_the_promises_of_the_slot() {
    conformance::all(Bitmap::new, &mut vec![Page::ZERO; 512]);
    conformance::all_below(Bitmap::new, &mut vec![Page::ZERO; 512]);
}

#[test]
fn survives_random_use() {
    let mut memory = vec![Page::ZERO; 300];
    let seed = kit_util_host_test::seed();
    (seed..seed + 18).for_each(|seed| conformance::survives_random_use(&Bitmap::new(), &mut memory, seed));
}

#[test]
fn survives_many_threads() {
    let mut memory = vec![Page::ZERO; 1024];
    let frames = Bitmap::new();
    let start = memory.as_mut_ptr().expose_provenance();
    // SAFETY: the memory outlives the allocator.
    unsafe { frames.add(start, start + size_of_val(&memory[..])) };
    std::thread::scope(|scope| {
        for seed in 1..=4 {
            let frames = &frames;
            scope.spawn(move || conformance::hammer(frames, seed * 7919, 20_000));
        }
    });
    assert_eq!(frames.usage().free, 1023);
    assert!(frames.allocate(1023, 1).is_ok(), "one run again, behind one frame of bitmap");
}
