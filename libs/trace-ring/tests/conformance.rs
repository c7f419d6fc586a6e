//! The trace slot's suite, and that what is read is what was recorded.

use kit_iface_trace::{Event, Trace, conformance, fake};
use kit_trace_ring::Ring;
use std::sync::atomic::Ordering;

kit_util_host_test::bind!();

/// Words before the places: the header, and three for each of 64 names.
const BEFORE: usize = 8 + 3 * 64;

fn words<const EVENTS: usize>(ring: &Ring<EVENTS>) -> Vec<u64> {
    ring.words().iter().map(|word| word.load(Ordering::Relaxed)).collect()
}

#[test]
fn keeps_the_promises_of_the_slot() {
    static RING: Ring<256> = Ring::new();
    conformance::check(&RING);
}

#[test]
fn nothing_is_there_before_the_first_thread() {
    static RING: Ring<256> = Ring::new();
    RING.record(Event::Idle);
    assert!(words(&RING).iter().all(|word| *word == 0));
}

#[test]
fn the_memory_is_what_the_readme_says() {
    static RING: Ring<256> = Ring::new();
    let count = fake::one_of_each(&RING);
    let words = words(&RING);
    assert_eq!(words[0].to_le_bytes(), *b"kittrace");
    // Two of the events are names, which have places of their own.
    assert_eq!(words[1..5], [1, 256, 64, count as u64 - 2]);
    assert_eq!(words[8 + 3], 2);
    assert_eq!(words[8 + 4].to_le_bytes(), *b"main\0\0\0\0");
    let place = |number: usize| &words[BEFORE + 4 * number..][..4];
    let kinds: Vec<u64> = (0..count - 2).map(|number| place(number)[1] & 0xff).collect();
    assert_eq!(kinds, [2, 5, 3, 4, 2, 7, 8, 9, 6, 2]);
    // The first round; who runs is known from the event before.
    assert_eq!([place(0)[1] >> 8, place(1)[1] >> 8], [1, 1 | 1 << 24]);
    assert_eq!(place(1)[2] >> 48, 4, "the length of a name is above its address");
    assert_eq!((place(8)[3], place(9)[2]), (u64::MAX, 2));
    assert!((1..count - 2).all(|number| place(number)[0] >= place(number - 1)[0]), "time goes on");
}

#[test]
fn the_oldest_are_overwritten() {
    static RING: Ring<256> = Ring::new();
    fake::one_of_each(&RING);
    (0..1000).for_each(|bytes| RING.record(Event::FrameIn { bytes }));
    let words = words(&RING);
    let head = words[4];
    for number in head - 256..head {
        let place = &words[BEFORE + 4 * (number as usize % 256)..][..4];
        assert_eq!(place[2], number - 10, "event {number}");
        assert_eq!(place[1] >> 8 & 0xff_ffff, number / 256 + 1, "event {number}");
    }
}

#[test]
fn many_threads_at_once_lose_nothing() {
    static RING: Ring<65536> = Ring::new();
    fake::one_of_each(&RING);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                (0..10_000).for_each(|n| RING.record(Event::FrameIn { bytes: thread << 32 | n }))
            });
        }
    });
    let words = words(&RING);
    let mut next = [0; 4];
    for number in 10..words[4] as usize {
        let value = words[BEFORE + 4 * number + 2];
        let thread = (value >> 32) as usize;
        assert_eq!(value & 0xffff_ffff, next[thread], "the events of a thread keep their order");
        next[thread] += 1;
    }
    assert_eq!(next, [10_000; 4]);
}
