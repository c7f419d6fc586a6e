//! What threads cost: `sched WORKLOAD ROUNDS`. Each workload does so many operations between two marks, and prints how
//! long they took in all, or how late the latest was.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

/// Where the count of instructions begins.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_begin() {
    black_box(1);
}

/// Where it ends.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_end() {
    black_box(2);
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, rounds] = &arguments[..] else { return ExitCode::from(64) };
    let Ok(rounds) = rounds.parse() else { return ExitCode::from(64) };
    let workload = match name.as_str() {
        "ping-pong" => ping_pong,
        "yield" => yield_among_many,
        "mutex" => contended_mutex,
        "spawn" => spawn_and_join,
        "latency" => wake_under_load,
        _ => return ExitCode::from(64),
    };
    println!("{}: {}", if name == "latency" { "late" } else { "ns" }, workload(rounds).as_nanos());
    ExitCode::SUCCESS
}

/// Runs `body` between the marks.
fn timed(body: impl FnOnce()) -> Duration {
    let before = Instant::now();
    bench_begin();
    body();
    bench_end();
    before.elapsed()
}

/// Two threads take turns, each waking the other and sleeping: an operation is one turn.
fn ping_pong(rounds: u32) -> Duration {
    let main = thread::current();
    let turn = Arc::new(AtomicBool::new(false));
    let theirs = turn.clone();
    fn take_turns(turn: &AtomicBool, mine: bool, other: &Thread, times: u32) {
        for _ in 0..times {
            while turn.load(Ordering::Acquire) != mine {
                thread::park();
            }
            turn.store(!mine, Ordering::Release);
            other.unpark();
        }
    }
    let warm = 10;
    let partner = thread::spawn(move || take_turns(&theirs, true, &main, warm + rounds / 2));
    let other = partner.thread().clone();
    take_turns(&turn, false, &other, warm);
    let time = timed(|| take_turns(&turn, false, &other, rounds / 2));
    partner.join().unwrap();
    time
}

/// Starts threads that begin together with the caller.
fn crowd(count: usize, body: impl Fn() + Clone + Send + 'static) -> (Arc<Barrier>, Vec<JoinHandle<()>>) {
    let barrier = Arc::new(Barrier::new(count + 1));
    let threads = (0..count)
        .map(|_| {
            let (barrier, body) = (barrier.clone(), body.clone());
            thread::spawn(move || {
                barrier.wait();
                body();
            })
        })
        .collect();
    (barrier, threads)
}

/// Sixty-four threads that can all run give way to each other.
fn yield_among_many(rounds: u32) -> Duration {
    const THREADS: u32 = 64;
    let (barrier, threads) =
        crowd(THREADS as usize, move || (0..rounds / THREADS).for_each(|_| thread::yield_now()));
    timed(|| {
        barrier.wait();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    })
}

/// Eight threads take one lock, and each gives way while it holds it, so that the others wait: an operation is one
/// time that the lock is taken.
fn contended_mutex(rounds: u32) -> Duration {
    const THREADS: u32 = 8;
    let lock = Arc::new(Mutex::new(0_u32));
    let (barrier, threads) = crowd(THREADS as usize, move || {
        for _ in 0..rounds / THREADS {
            let mut count = lock.lock().unwrap();
            *count += 1;
            thread::yield_now();
        }
    });
    timed(|| {
        barrier.wait();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    })
}

/// A thread begins, ends and is waited for.
fn spawn_and_join(rounds: u32) -> Duration {
    let once = || thread::spawn(|| black_box(1)).join().unwrap();
    (0..4).for_each(|_| _ = black_box(once()));
    timed(|| (0..rounds).for_each(|_| _ = black_box(once())))
}

unsafe extern "C" {
    fn pthread_self() -> usize;
    fn pthread_setschedparam(thread: usize, policy: i32, priority: *const i32) -> i32;
}

/// Four threads compute, one sleeps for a millisecond again and again: how late it wakes at the latest. It asks for
/// a high priority, which it gets where there are any.
fn wake_under_load(rounds: u32) -> Duration {
    let done = Arc::new(AtomicBool::new(false));
    let seen = done.clone();
    let (barrier, threads) = crowd(4, move || {
        let begin = Instant::now();
        // Where nobody is interrupted each computes for so long before the next one does.
        while !seen.load(Ordering::Relaxed) && begin.elapsed() < Duration::from_millis(200) {
            (0..10_000_u32).for_each(|step| _ = black_box(step));
        }
    });
    // SAFETY: the calling thread; SCHED_FIFO is 1, and a `sched_param` is one number.
    let _ = unsafe { pthread_setschedparam(pthread_self(), 1, &50) };
    barrier.wait();
    let mut latest = Duration::ZERO;
    bench_begin();
    for _ in 0..rounds {
        let due = Instant::now() + Duration::from_millis(1);
        thread::sleep(Duration::from_millis(1));
        latest = latest.max(Instant::now().saturating_duration_since(due));
    }
    bench_end();
    done.store(true, Ordering::Relaxed);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    latest
}
