//! The heap below `malloc`: a ported image. `heap-std WORKLOAD ROUNDS`; besides the workloads of the native image there
//! is `handoff`, which takes threads.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use heap_workloads::{Marks, run};

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

struct Clock {
    begin: Instant,
    ns: u128,
}

impl Marks for Clock {
    fn begin(&mut self) {
        self.begin = Instant::now();
        bench_begin();
    }

    fn end(&mut self) {
        bench_end();
        self.ns = self.begin.elapsed().as_nanos();
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, rounds] = &arguments[..] else { return ExitCode::from(64) };
    let Ok(rounds) = rounds.parse() else { return ExitCode::from(64) };
    let mut clock = Clock { begin: Instant::now(), ns: 0 };
    let counted = match name.as_str() {
        "handoff" => Some(handoff(rounds, &mut clock)),
        name => run(name, rounds, &mut clock),
    };
    let Some(counted) = counted else { return ExitCode::FAILURE };
    println!("counted: {counted}\nns: {}", clock.ns);
    ExitCode::SUCCESS
}

/// One thread allocates, another frees, with a queue of 64 blocks between them.
fn handoff(rounds: u32, marks: &mut impl Marks) -> u64 {
    const BLOCKS: u32 = 512;
    let (sender, receiver) = sync_channel::<Vec<u8>>(64);
    let consumer =
        std::thread::spawn(move || receiver.iter().map(|block| block.capacity() as u64).sum::<u64>());
    let send = |rounds| {
        for block in 0..rounds * BLOCKS {
            let bytes = 32 + (block % 61) as usize * 24;
            sender.send(Vec::with_capacity(bytes)).expect("the consumer waits for more");
        }
    };
    send(1);
    marks.begin();
    send(rounds);
    drop(sender);
    let received = consumer.join().expect("the consumer has no way to fail");
    marks.end();
    assert!(received > 0, "the blocks have arrived");
    u64::from(rounds * BLOCKS) * 2
}
