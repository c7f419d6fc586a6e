//! What every page-frame allocator promises, as tests. Each function takes an allocator that owns nothing yet,
//! gives it memory, and panics with what was broken.
//!
//! Owned frames are stamped with their own address and checked when they are given back, so a frame that two
//! owners hold, or that the allocator wrote to while it was out, shows. On the host the memory is a slice of
//! [`Page`]s, which stands for identity-mapped RAM.

mod owned;

use crate::{FRAME_BYTES, Frames, FramesBelow, FramesError, FramesUsage};
use owned::{Owned, drain, frame_at, give_back};

/// Test memory: `vec![Page::ZERO; N]`.
#[derive(Clone, Copy)]
#[repr(C, align(4096))]
pub struct Page([u8; FRAME_BYTES]);

impl Page {
    /// A page of zeroes.
    pub const ZERO: Self = Self([0; FRAME_BYTES]);
}

/// Runs the whole suite; `new` makes an allocator that owns nothing, `memory` is at least 256 pages and must
/// outlive what `new` makes.
pub fn all<F: Frames>(new: impl Fn() -> F, memory: &mut [Page]) {
    assert!(memory.len() >= 256, "the suite needs 256 pages");
    refuses_bad_requests(&new(), memory);
    leaves_partial_frames_alone(&new(), memory);
    hands_out_every_frame_once(&new(), memory);
    joins_what_is_freed_in_any_order(&new, memory);
    runs_are_contiguous_and_aligned(&new(), memory);
    any_part_of_a_run_may_be_freed(&new(), memory);
    runs_do_not_span_gaps(&new(), memory);
    recovers_from_exhaustion(&new(), memory);
    long_runs_come_back_after_scattered_use(&new(), memory, 1);
    (1..4).for_each(|seed| survives_random_use(&new(), memory, seed));
}

/// What a [`FramesBelow`] promises besides; `new` and `memory` as for [`all`].
pub fn all_below<F: FramesBelow>(new: impl Fn() -> F, memory: &mut [Page]) {
    assert!(memory.len() >= 256, "the suite needs 256 pages");
    frames_lie_below_the_end(&new(), memory);
    what_lies_above_does_not_help(&new(), memory);
    survives_random_use_of_both_kinds(&new(), memory, 1);
}

/// Zero frames and odd alignments are refused, and so is what can never fit; nothing changes by it.
pub fn refuses_bad_requests(frames: &impl Frames, memory: &mut [Page]) {
    assert_eq!(frames.usage(), FramesUsage::default(), "a new allocator owns nothing");
    assert_eq!(frames.allocate(1, 1), Err(FramesError::Exhausted), "and has nothing to give");
    add(frames, memory);
    let before = frames.usage();
    for (count, align_frames) in [(0, 1), (1, 0), (1, 3), (0, 0)] {
        let answer = frames.allocate(count, align_frames);
        assert_eq!(answer, Err(FramesError::BadRequest), "{count} frames aligned to {align_frames}");
    }
    let most = usize::MAX / FRAME_BYTES;
    let too_many = before.free + 1;
    for (count, align_frames) in [(too_many, 1), (most, 1), (usize::MAX, 1), (too_many, 1 << 40)] {
        let answer = frames.allocate(count, align_frames);
        assert_eq!(answer, Err(FramesError::Exhausted), "{count} frames aligned to {align_frames}");
    }
    assert_eq!(frames.usage(), before, "a refused request changes nothing");
}

/// Memory that is not a whole frame is never handed out, nor written to.
pub fn leaves_partial_frames_alone(frames: &impl Frames, memory: &mut [Page]) {
    memory.fill(Page([0xA5; FRAME_BYTES]));
    let (start, end) = (address_of(memory) + 1, address_of(memory) + 64 * FRAME_BYTES - 1);
    // SAFETY: a part of `memory`, which outlives the allocator.
    unsafe { frames.add(start, end) };
    assert!((1..=62).contains(&frames.usage().total), "64 pages less a byte at both ends are 62 frames");
    drain(frames, |frame| {
        assert!(frame.get() > start && frame.get() + FRAME_BYTES < end, "{frame:#x} is not whole");
    });
    let is_untouched = |page: &Page| page.0.iter().all(|byte| *byte == 0xA5);
    assert!(is_untouched(&memory[0]) && is_untouched(&memory[63]), "a partial frame was written to");
}

/// Single frames: each is aligned, inside of the memory, handed out once; then there is no more; and what is
/// given back can be taken again.
pub fn hands_out_every_frame_once(frames: &impl Frames, memory: &mut [Page]) {
    add(frames, memory);
    let range = address_of(memory)..address_of(memory) + size_of_val(memory);
    let FramesUsage { total, free } = frames.usage();
    assert!(free <= total && total <= memory.len(), "more frames than memory");
    assert!(free * 100 >= memory.len() * 95, "more than 5 % of the memory is book-keeping");
    for _ in 0..3 {
        let mut taken = 0;
        let chain = drain(frames, |frame| {
            assert!(range.contains(&frame.get()), "{frame:#x} is not memory that was added");
            taken += 1;
            assert_eq!(frames.usage(), FramesUsage { total, free: free - taken }, "the counters are wrong");
        });
        assert_eq!(taken, free, "`free` frames could be taken");
        assert_eq!(frames.allocate(1, 1), Err(FramesError::Exhausted));
        give_back(frames, chain);
        assert_eq!(frames.usage(), FramesUsage { total, free }, "all frames are back");
    }
}

/// However frames come back, free neighbours become one run again.
pub fn joins_what_is_freed_in_any_order<F: Frames>(new: impl Fn() -> F, memory: &mut [Page]) {
    // Multiples of an odd number visit every residue of a power of two; 1 and 255 are up and down.
    for stride in [1, 255, 3, 101, 77] {
        let frames = new();
        add(&frames, &mut memory[..256]);
        let longest = longest_run(&frames);
        let mut taken = [false; 256];
        let start = address_of(memory);
        drain(&frames, |frame| taken[(frame.get() - start) / FRAME_BYTES] = true);
        for i in (0..256).map(|i| i * stride % 256).filter(|i| taken[*i]) {
            // SAFETY: taken above and not used any more.
            unsafe { frames.free(frame_at(start + i * FRAME_BYTES), 1) }
        }
        assert_eq!(longest_run(&frames), longest, "freed in steps of {stride}, memory stays in pieces");
    }
}

/// A run's frames follow each other, and its start is aligned as asked.
pub fn runs_are_contiguous_and_aligned(frames: &impl Frames, memory: &mut [Page]) {
    add(frames, memory);
    let before = frames.usage();
    for align_frames in [1, 2, 4, 8, 16, 64] {
        let mut held = [None; 24];
        for (i, slot) in held.iter_mut().enumerate() {
            let count = [1, 3, 16, 7, 2, 20][i % 6];
            *slot = frames.allocate(count, align_frames).ok().map(|first| Owned::new(first, count));
            if let Some(run) = slot {
                let address = run.first.get();
                assert_eq!(address % (align_frames * FRAME_BYTES), 0, "{address:#x} is not aligned");
            }
        }
        assert!(held[0].is_some(), "no run although all memory is free");
        held.into_iter().flatten().for_each(|run| run.free(frames));
        assert_eq!(frames.usage(), before, "all frames are back");
    }
}

/// Every frame of a run can be freed alone, and is found again when nothing else is left.
pub fn any_part_of_a_run_may_be_freed(frames: &impl Frames, memory: &mut [Page]) {
    add(frames, memory);
    let count = longest_run(frames);
    let first = frames.allocate(count, 1).expect("the longest run is there");
    let chain = drain(frames, |_| ());
    let part = |from: usize| frame_at(first.get() + from * FRAME_BYTES);
    for (from, length) in [(10, 3), (0, 1), (count - 5, 5), (20, 16)] {
        // SAFETY: part of the run, not used.
        unsafe { frames.free(part(from), length) };
        assert_eq!(frames.usage().free, length);
        assert_eq!(frames.allocate(length + 1, 1), Err(FramesError::Exhausted), "more than was freed");
        assert_eq!(
            frames.allocate(length, 1),
            Ok(part(from)),
            "the part that was freed is the one that is free"
        );
    }
    // SAFETY: the whole run is still ours.
    unsafe { frames.free(part(40), count - 40) };
    // SAFETY: as above; the two parts are neighbours.
    unsafe { frames.free(first, 40) };
    give_back(frames, chain);
    assert_eq!(longest_run(frames), count, "the parts are one run again");
}

/// Memory added in pieces is all usable, and no run reaches across what was not added.
pub fn runs_do_not_span_gaps(frames: &impl Frames, memory: &mut [Page]) {
    let start = address_of(memory);
    // In no order of address, as a boot loader's map may be.
    for (from, to) in [(100, 140), (20, 60), (180, 220)] {
        // SAFETY: parts of `memory` that do not overlap.
        unsafe { frames.add(start + from * FRAME_BYTES, start + to * FRAME_BYTES) }
    }
    assert_eq!(frames.usage().total, 120);
    assert_eq!(frames.allocate(41, 1), Err(FramesError::Exhausted), "a run reaches across a gap");
    let longest = longest_run(frames);
    let mut runs = [None; 3];
    for slot in &mut runs {
        *slot = frames.allocate(longest.min(30), 1).ok().map(|first| Owned::new(first, longest.min(30)));
        assert!(slot.is_some(), "a run of 30 frames from each piece of 40");
    }
    for run in runs.into_iter().flatten() {
        let page = (run.first.get() - start) / FRAME_BYTES;
        assert!([100, 20, 180].iter().any(|from| (*from..from + 40).contains(&page)), "page {page}");
        run.free(frames);
    }
    drain(frames, |frame| {
        let page = (frame.get() - start) / FRAME_BYTES;
        assert!([100, 20, 180].iter().any(|from| (*from..from + 40).contains(&page)), "page {page}");
    });
}

/// When there is no frame left each request is refused, and whatever is freed then can be had again, by any kind of
/// request that it has room for.
pub fn recovers_from_exhaustion(frames: &impl Frames, memory: &mut [Page]) {
    add(frames, memory);
    let before = frames.usage();
    let held = frames.allocate(64, 1).expect("all memory is free");
    let chain = drain(frames, |_| ());
    for round in 1..=64 {
        for (count, align_frames) in [(1, 1), (2, 1), (16, 16), (usize::MAX / FRAME_BYTES, 1)] {
            let answer = frames.allocate(count, align_frames);
            assert_eq!(answer, Err(FramesError::Exhausted), "round {round}: {count} by {align_frames}");
        }
        assert_eq!(frames.usage().free, 0);
        // SAFETY: a part of the run that is held.
        unsafe { frames.free(held, round) };
        assert_eq!(frames.allocate(round, 1), Ok(held), "what was freed can be had again");
    }
    // SAFETY: the run is ours.
    unsafe { frames.free(held, 64) };
    give_back(frames, chain);
    assert_eq!(frames.usage(), before, "all frames are back");
}

/// Stacks, heaps and rings come and go in any order; when they are gone, memory is whole again.
pub fn long_runs_come_back_after_scattered_use(frames: &impl Frames, memory: &mut [Page], seed: u64) {
    add(frames, memory);
    let (before, longest) = (frames.usage(), longest_run(frames));
    let mut below = random(seed);
    for _ in 0..20 {
        let mut held: [Option<Owned>; 96] = [None; 96];
        for slot in &mut held {
            let count = 1 + below(6);
            *slot = frames.allocate(count, 1).ok().map(|first| Owned::new(first, count));
        }
        // Every order of freeing, of which this is a random one.
        for _ in 0..400 {
            if let Some(run) = held[below(96)].take() {
                run.free(frames);
            }
        }
        held.into_iter().flatten().for_each(|run| run.free(frames));
        assert_eq!((frames.usage(), longest_run(frames)), (before, longest), "seed {seed}");
    }
}

/// All of a run lies below the end that was named, aligned as asked; an end below all memory is a refusal.
pub fn frames_lie_below_the_end(frames: &impl FramesBelow, memory: &mut [Page]) {
    add(frames, memory);
    let (start, before) = (address_of(memory), frames.usage());
    assert_eq!(frames.allocate_below(start, 1, 1), Err(FramesError::Exhausted), "there is nothing below");
    assert_eq!(frames.allocate_below(usize::MAX, 0, 1), Err(FramesError::BadRequest));
    assert_eq!(frames.allocate_below(usize::MAX, 1, 3), Err(FramesError::BadRequest));
    for pages in [250, 201, 100, 64, 33] {
        // An end within a frame excludes that frame.
        let end = start + pages * FRAME_BYTES + 100;
        for (count, align_frames) in [(1, 1), (7, 1), (16, 4), (16, 16)] {
            let run = frames.allocate_below(end, count, align_frames).expect("memory is free");
            assert!(run.get() >= start && run.get() + count * FRAME_BYTES <= end, "{run:#x} is not below");
            assert_eq!(run.get() % (align_frames * FRAME_BYTES), 0, "{run:#x} is not aligned");
            Owned::new(run, count).free(frames);
        }
        let too_long = frames.allocate_below(end, pages + 1, 1);
        assert_eq!(too_long, Err(FramesError::Exhausted), "{} frames below frame {pages}", pages + 1);
    }
    assert_eq!(frames.usage(), before, "all frames are back");
}

/// When memory below an end is used up, a request for it is refused and one for any memory is served; and every frame
/// below can be had.
pub fn what_lies_above_does_not_help(frames: &impl FramesBelow, memory: &mut [Page]) {
    add(frames, memory);
    let (start, before) = (address_of(memory), frames.usage());
    let end = start + 128 * FRAME_BYTES;
    let mut chain = [None::<Owned>; 128];
    let taken = chain.iter_mut().map_while(|slot| {
        *slot = Some(Owned::new(frames.allocate_below(end, 1, 1).ok()?, 1));
        Some(())
    });
    let taken = taken.count();
    assert!(taken >= 120, "only {taken} of 128 frames below the end");
    assert_eq!(frames.allocate_below(end, 1, 1), Err(FramesError::Exhausted));
    let above = frames.allocate(1, 1).expect("there is memory above");
    assert!(above.get() >= end, "{above:#x} was left below");
    Owned::new(above, 1).free(frames);
    chain.into_iter().flatten().for_each(|run| run.free(frames));
    assert_eq!(frames.usage(), before, "all frames are back");
}

/// Requests with and without an end, at random, from `seed`.
pub fn survives_random_use_of_both_kinds(frames: &impl FramesBelow, memory: &mut [Page], seed: u64) {
    add(frames, memory);
    let (start, before) = (address_of(memory), (frames.usage(), longest_run(frames)));
    let mut below = random(seed);
    let mut held: [Option<Owned>; 64] = [None; 64];
    for _ in 0..10_000 {
        let slot = &mut held[below(64)];
        *slot = match slot.take() {
            Some(run) => {
                run.free(frames);
                None
            }
            None => {
                let (count, end) = (1 + below(8), start + (1 + below(memory.len())) * FRAME_BYTES);
                let is_any = below(2) == 0;
                let run =
                    if is_any { frames.allocate(count, 1) } else { frames.allocate_below(end, count, 1) };
                run.ok().map(|first| {
                    assert!(is_any || first.get() + count * FRAME_BYTES <= end, "seed {seed}: above the end");
                    Owned::new(first, count)
                })
            }
        };
    }
    held.into_iter().flatten().for_each(|run| run.free(frames));
    assert_eq!(
        (frames.usage(), longest_run(frames)),
        before,
        "seed {seed}: all frames are back, in one piece"
    );
}

/// Random requests and frees, whole and in part, from `seed`; at the end all frames are back in long runs.
pub fn survives_random_use(frames: &impl Frames, memory: &mut [Page], seed: u64) {
    add(frames, memory);
    let before = (frames.usage(), longest_run(frames));
    hammer(frames, seed, 20_000);
    assert_eq!(
        (frames.usage(), longest_run(frames)),
        before,
        "seed {seed}: all frames are back, in one piece"
    );
}

/// The body of [`survives_random_use`], for tests that run it on many threads at once: `rounds` random requests
/// and frees of frames that `frames` already owns. Everything is given back.
pub fn hammer(frames: &impl Frames, seed: u64, rounds: usize) {
    let mut below = random(seed);
    let mut held: [Option<Owned>; 64] = [None; 64];
    for _ in 0..rounds {
        let slot = &mut held[below(64)];
        *slot = match slot.take() {
            Some(run) if run.count > 2 && below(4) == 0 => Some(run.keep(frames, below(run.count - 2) + 1)),
            Some(run) => {
                run.free(frames);
                None
            }
            None => {
                let count = if below(4) == 0 { 1 + below(40) } else { 1 };
                let align_frames = if below(4) == 0 { 1 << below(5) } else { 1 };
                frames.allocate(count, align_frames).ok().map(|first| {
                    assert_eq!(first.get() % (align_frames * FRAME_BYTES), 0, "the run is not aligned");
                    Owned::new(first, count)
                })
            }
        };
    }
    held.into_iter().flatten().for_each(|run| run.free(frames));
}

/// Random numbers below a limit. Marsaglia, "Xorshift RNGs" (2003).
fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |limit| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize % limit
    }
}

fn add(frames: &impl Frames, memory: &mut [Page]) {
    let start = address_of(memory);
    // SAFETY: the caller of the suite promises that the memory outlives the allocator; nobody else has it.
    unsafe { frames.add(start, start + size_of_val(memory)) }
}

fn longest_run(frames: &impl Frames) -> usize {
    let fits = |count: &usize| {
        let Ok(first) = frames.allocate(*count, 1) else { return false };
        // SAFETY: just allocated.
        unsafe { frames.free(first, *count) };
        true
    };
    (1..=frames.usage().free).rev().find(fits).unwrap_or(0)
}

fn address_of(memory: &mut [Page]) -> usize {
    memory.as_mut_ptr().expose_provenance()
}
