//! Threads that compute, block and time out with different urgency: what happens depends on the scheduler, and each
//! part says what it saw.

mod posix;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

fn main() {
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "all" => all(),
        "shares" => shares(),
        "inversion" => inversion(),
        "order" => order(),
        "settings" => settings(),
        other => panic!("no part {other:?}"),
    }
}

/// Computes until the processor's own time for it is over: `ms` of this thread's work, however long that takes.
fn work(ms: u64) {
    // A loop of a fixed length, measured once: with time counted in instructions it is always the same.
    for _ in 0..ms * 1000 {
        for step in 0..200_u64 {
            std::hint::black_box(step);
        }
    }
}

/// Every kind of waiting, beside threads that compute: under any scheduler with room for several threads.
fn all() {
    let stop = Arc::new(AtomicBool::new(false));
    let (count, turns) = (Arc::new(Mutex::new(0_u64)), Arc::new((Mutex::new(0_u64), Condvar::new())));
    let barrier = Arc::new(Barrier::new(6));
    let threads: Vec<_> = (0..6_u64)
        .map(|number| {
            let (count, turns, barrier) = (count.clone(), turns.clone(), barrier.clone());
            thread::spawn(move || {
                barrier.wait();
                for round in 0..50 {
                    work(1 + number % 2);
                    *count.lock().unwrap() += 1;
                    let (turn, bell) = &*turns;
                    let mut turn = turn.lock().unwrap();
                    while *turn % 6 != number {
                        turn = bell.wait(turn).unwrap();
                    }
                    *turn += 1;
                    bell.notify_all();
                    drop(turn);
                    if round % 16 == 0 {
                        sleep(Duration::from_millis(2));
                    }
                }
            })
        })
        .collect();
    let stopped = stop.clone();
    let sleeper = thread::spawn(move || {
        let mut late = Duration::ZERO;
        while !stopped.load(Ordering::Relaxed) {
            let before = Instant::now();
            sleep(Duration::from_millis(5));
            late = late.max(before.elapsed());
        }
        late
    });
    // Nobody rings this bell.
    let (alone, bell) = (Mutex::new(()), Condvar::new());
    let before = Instant::now();
    let timed_out =
        bell.wait_timeout(alone.lock().unwrap(), Duration::from_millis(30)).unwrap().1.timed_out();
    assert!(timed_out && before.elapsed() >= Duration::from_millis(30));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    stop.store(true, Ordering::Relaxed);
    println!("latest sleeper: {} ms", sleeper.join().unwrap().as_millis());
    println!("counted {} in {} turns", count.lock().unwrap(), turns.0.lock().unwrap());
}

/// Two threads that never wait, the second with nice 5: how much each gets done in a second.
fn shares() {
    let done: Arc<[AtomicU64; 2]> = Arc::default();
    println!("nice: {:?}", posix::nice(0));
    for (number, nice) in [0, 5].into_iter().enumerate() {
        let done = done.clone();
        thread::spawn(move || {
            posix::nice(nice);
            loop {
                work(1);
                done[number].fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    sleep(Duration::from_millis(200));
    let before = [0, 1].map(|number| done[number].load(Ordering::Relaxed));
    sleep(Duration::from_millis(2000));
    let [normal, nice] = [0, 1].map(|number| done[number].load(Ordering::Relaxed) - before[number]);
    println!("ratio: {}", normal * 1000 / nice.max(1));
}

/// A thread of low priority holds a lock, one of high priority waits for it, one in between computes. With
/// inheritance the wait is what is left of the critical section. `std`'s own mutex cannot inherit: the contrast.
fn inversion() {
    const SECTION_MS: u64 = 20;
    const MIDDLE_MS: u64 = 600;
    fn measure(with: impl Fn(&mut dyn FnMut()) + Send + Sync + 'static) -> u64 {
        let with = Arc::new(with);
        assert_eq!(posix::set(posix::FIFO, 50), 0, "real-time priorities are supported");
        let start = Instant::now();
        let low = with.clone();
        let low = thread::spawn(move || {
            posix::set(posix::FIFO, 1);
            low(&mut || work(SECTION_MS));
        });
        let middle = thread::spawn(move || {
            posix::set(posix::FIFO, 10);
            // Meanwhile the low one takes the lock.
            sleep(Duration::from_millis(5).saturating_sub(start.elapsed()));
            work(MIDDLE_MS);
        });
        let high = thread::spawn(move || {
            posix::set(posix::FIFO, 20);
            sleep(Duration::from_millis(8).saturating_sub(start.elapsed()));
            let before = Instant::now();
            with(&mut || ());
            before.elapsed().as_micros() as u64
        });
        let waited = high.join().unwrap();
        low.join().unwrap();
        middle.join().unwrap();
        posix::set(posix::OTHER, 0);
        waited
    }
    let before = Instant::now();
    work(SECTION_MS);
    println!("section: {}", before.elapsed().as_micros());
    let inheriting = posix::Mutex::new();
    println!("inheriting: {}", measure(move |body| inheriting.with(|| body())));
    let plain = Mutex::new(());
    println!(
        "plain: {}",
        measure(move |body| {
            let _guard = plain.lock().unwrap();
            body();
        })
    );
}

/// Threads that all wait for one event run in the order of their priorities.
fn order() {
    let (start, ran) = (Arc::new((Mutex::new(false), Condvar::new())), Arc::new(Mutex::new(Vec::new())));
    assert_eq!(posix::set(posix::RR, 90), 0);
    let threads: Vec<_> = [30, 70, 10, 50, 20, 60, 40]
        .into_iter()
        .map(|priority| {
            let (start, ran) = (start.clone(), ran.clone());
            thread::spawn(move || {
                posix::set(posix::RR, priority);
                let mut begun = start.0.lock().unwrap();
                while !*begun {
                    begun = start.1.wait(begun).unwrap();
                }
                drop(begun);
                work(2);
                ran.lock().unwrap().push(priority);
            })
        })
        .collect();
    sleep(Duration::from_millis(50));
    *start.0.lock().unwrap() = true;
    start.1.notify_all();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    println!("order: {:?}", ran.lock().unwrap());
}

/// What can be set, and what is said about what cannot.
fn settings() {
    println!("at first: {:?}", posix::get());
    println!("other: {}", posix::set(posix::OTHER, 0));
    println!("nonsense: {}", posix::set(posix::OTHER, 5));
    println!("fifo: {} {:?}", posix::set(posix::FIFO, 7), posix::get());
    println!("inherited: {:?}", thread::spawn(posix::get).join().unwrap());
    println!("back: {} {:?}", posix::set(posix::OTHER, 0), posix::get());
    println!("nice: {:?}", posix::nice(7));
}
