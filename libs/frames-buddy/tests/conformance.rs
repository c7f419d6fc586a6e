//! The page-frame slot's suite, on buddies, and what only this allocator promises.

use kit_frames_buddy::Buddy;
use kit_iface_frames::{FRAME_BYTES, Frame, Frames, conformance, conformance::Page};

kit_util_host_test::bind!(irq_mask, threads, clock);

#[test]
fn keeps_the_promises_of_the_slot() {
    conformance::all(Buddy::new, &mut vec![Page::ZERO; 512]);
    conformance::all_below(Buddy::new, &mut vec![Page::ZERO; 512]);
}

#[test]
fn survives_random_use() {
    let mut memory = vec![Page::ZERO; 300];
    let seed = kit_util_host_test::seed();
    (seed..seed + 18).for_each(|seed| conformance::survives_random_use(&Buddy::new(), &mut memory, seed));
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
    assert_eq!(frames.usage().free, 1023);
    assert!(frames.allocate(1023, 1).is_ok(), "one run again, behind one frame of map");
}

#[test]
fn a_run_of_any_length_is_found_where_one_is() {
    let mut memory = vec![Page::ZERO; 600];
    let frames = owner_of(&mut memory);
    let all = frames.allocate(599, 1).unwrap();
    let part = |from: usize| Frame::new(all.get() + from * FRAME_BYTES).unwrap();
    for from in 0..64 {
        for count in [2, 3, 5, 7, 11, 100] {
            // SAFETY: a part of what was allocated, freed and taken again.
            unsafe { frames.free(part(from), count) };
            assert_eq!(frames.allocate(count, 1), Ok(part(from)), "{count} frames from {from}");
        }
    }
}

#[test]
fn what_is_left_of_a_block_is_free() {
    let mut memory = vec![Page::ZERO; 513];
    let frames = owner_of(&mut memory);
    let before = frames.usage();
    let runs: Vec<Frame> = (0..).map_while(|_| frames.allocate(5, 1).ok()).collect();
    let left = before.free - runs.len() * 5;
    assert_eq!(frames.usage().free, left, "nothing is lost to rounding");
    let singles: Vec<Frame> = (0..).map_while(|_| frames.allocate(1, 1).ok()).collect();
    assert_eq!(singles.len(), left, "what is too short for five is there for one");
    for (first, count) in runs.iter().map(|run| (*run, 5)).chain(singles.iter().map(|one| (*one, 1))) {
        // SAFETY: allocated above.
        unsafe { frames.free(first, count) }
    }
    assert_eq!(frames.usage(), before);
}

fn owner_of(memory: &mut [Page]) -> Buddy {
    let frames = Buddy::new();
    let start = memory.as_mut_ptr().expose_provenance();
    // SAFETY: each test keeps the memory longer than the allocator.
    unsafe { frames.add(start, start + size_of_val(memory)) };
    frames
}
