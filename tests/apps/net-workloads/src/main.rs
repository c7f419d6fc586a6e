//! What the tests and the benchmark of the network stacks make an image do: `net-workloads MODE [ROUNDS]`.
//!
//! * `udp-server`, `tcp-server` echo on `PORT` for ever · `udp-check` is a list of what std promises of a UDP socket
//! * `fill` takes sockets until there are none, gives one back and takes it again
//! * everything else is a workload over 127.0.0.1 that is measured between two marks

mod check;
mod load;
mod serve;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

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
    let mode = arguments.first().map_or("udp-server", String::as_str);
    let rounds: u32 = arguments.get(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    match mode {
        "udp-server" => serve::udp(),
        "tcp-server" => serve::tcp(),
        "udp-check" => check::udp(),
        "fill" => check::fill(),
        mode => match load::run(mode) {
            Some(mut round) => measure(&mut *round, rounds),
            None => return ExitCode::from(64),
        },
    }
    ExitCode::SUCCESS
}

/// Runs a round to warm up, then measures.
fn measure(round: &mut dyn FnMut(u32) -> u64, rounds: u32) {
    round(1);
    let begin = Instant::now();
    bench_begin();
    let counted = round(rounds);
    bench_end();
    println!("counted: {counted}\nns: {}", begin.elapsed().as_nanos());
}
