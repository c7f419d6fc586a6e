//! The orders in which recorders and a reader can meet, as far as loom's model reaches: what a reader takes for
//! whole is whole, and what has been recorded is found.

use kit_trace_ring::place::{Word, Words, read, record};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, fence};
use loom::thread;
use std::sync::atomic::Ordering;

struct Loom(AtomicU64);

impl Word for Loom {
    fn load(&self, order: Ordering) -> u64 {
        self.0.load(order)
    }
    fn store(&self, value: u64, order: Ordering) {
        self.0.store(value, order);
    }
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
    fn fence(order: Ordering) {
        fence(order);
    }
}

struct Memory<const EVENTS: usize> {
    head: Loom,
    places: [[Loom; 4]; EVENTS],
}

fn memory<const EVENTS: usize>() -> Arc<Memory<EVENTS>> {
    let zero = || Loom(AtomicU64::new(0));
    Arc::new(Memory { head: zero(), places: std::array::from_fn(|_| std::array::from_fn(|_| zero())) })
}

/// All orders with up to `preemptions` involuntary switches; without a bound three threads take hours.
fn model(preemptions: usize, body: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(body);
}

/// Words that belong together: any mixture shows.
fn event(value: u64) -> Words {
    Words { time_ns: value, kind: 2, thread: value as u32, a: value, b: value }
}

fn check<const EVENTS: usize>(memory: &Memory<EVENTS>, number: u64) -> bool {
    let Some(words) = read(&memory.places, number) else { return false };
    assert_eq!(words, event(words.a), "event {number} is torn");
    true
}

#[test]
fn two_recorders_lose_nothing() {
    model(2, || {
        let memory = memory::<2>();
        let other = {
            let memory = memory.clone();
            thread::spawn(move || record(&memory.head, &memory.places, event(7)))
        };
        record(&memory.head, &memory.places, event(8));
        other.join().unwrap();
        assert!(check(&memory, 0) && check(&memory, 1), "what was recorded is there");
    });
}

#[test]
fn a_reader_while_the_ring_goes_round() {
    model(3, || {
        let memory = memory::<1>();
        record(&memory.head, &memory.places, event(7));
        let recorder = {
            let memory = memory.clone();
            thread::spawn(move || record(&memory.head, &memory.places, event(8)))
        };
        check(&memory, 0);
        check(&memory, 1);
        recorder.join().unwrap();
        assert!(!check(&memory, 0) && check(&memory, 1), "the oldest is gone, the newest there");
    });
}
