//! The page-frame slot's suite, on address-ordered runs, and what only this allocator promises.

use kit_frames_runs::{LONG_FRAMES, Runs};
use kit_iface_frames::{FRAME_BYTES, Frame, Frames, conformance, conformance::Page};

kit_util_host_test::bind!(irq_mask, threads, clock);

#[test]
fn keeps_the_promises_of_the_slot() {
    conformance::all(Runs::new, &mut vec![Page::ZERO; 512]);
    conformance::all_below(Runs::new, &mut vec![Page::ZERO; 512]);
}

#[test]
fn survives_random_use() {
    let mut memory = vec![Page::ZERO; 300];
    let seed = kit_util_host_test::seed();
    (seed..seed + 18).for_each(|seed| conformance::survives_random_use(&Runs::new(), &mut memory, seed));
}

#[test]
fn survives_many_threads() {
    let mut memory = vec![Page::ZERO; 1024];
    let frames = owner_of(&mut memory);
    std::thread::scope(|scope| {
        for seed in 1..=4 {
            let frames = &frames;
            scope.spawn(move || conformance::hammer(frames, seed * 7919, 20_000));
        }
    });
    assert_eq!(frames.usage().free, 1024);
    assert!(frames.allocate(1024, 1).is_ok(), "one run again");
}

#[test]
fn single_frames_fill_holes_and_long_runs_stay_whole() {
    let mut memory = vec![Page::ZERO; 1000];
    let frames = owner_of(&mut memory);
    let singles: Vec<Frame> = (0..400).map(|_| frames.allocate(1, 1).unwrap()).collect();
    let long = frames.allocate(LONG_FRAMES, 1).unwrap();
    assert_eq!(long.get(), memory.as_ptr().addr() + (1000 - LONG_FRAMES) * FRAME_BYTES, "from the high end");
    // Every other single frame goes: 200 holes, none of which a later single frame may pass over.
    for frame in singles.iter().step_by(2) {
        // SAFETY: allocated above, not used.
        unsafe { frames.free(*frame, 1) }
    }
    for frame in singles.iter().step_by(2) {
        assert_eq!(frames.allocate(1, 1), Ok(*frame), "the lowest hole first");
    }
    assert!(frames.allocate(1000 - 400 - LONG_FRAMES, 1).is_ok(), "the rest is one run");
}

fn owner_of(memory: &mut [Page]) -> Runs {
    let frames = Runs::new();
    let start = memory.as_mut_ptr().expose_provenance();
    // SAFETY: each test keeps the memory longer than the allocator.
    unsafe { frames.add(start, start + size_of_val(memory)) };
    frames
}
