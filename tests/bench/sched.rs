//! Every scheduler of the shelf that has threads side by side, below `std::thread` of a ported image.

use std::time::Duration;

use kit_tests::image::{Boot, Machine, boot};
use kit_tests::measure::counter::Counter;
use kit_tests::measure::figures::instructions_between;
use kit_tests::{process, turns, variant};

use crate::side_by_side::{Comparison, INSTRUCTIONS, NANOSECONDS, Unit, on_the_shelf_with, reported};

const APP: &str = "tests/apps/sched";

/// Workloads of the app: the argument, what the table says, and how many operations are counted and timed.
const WORKLOADS: [(&str, &str, u32, u32); 4] = [
    ("ping-pong", "ping-pong: a thread wakes another and sleeps", 1000, 40_000),
    ("yield", "yield, among 64 threads that can run", 6400, 256_000),
    ("mutex", "a lock that eight threads want, given away while held", 1600, 64_000),
    ("spawn", "a thread begins, ends and is joined", 100, 4000),
];

/// Wake-ups of the sleeper beside threads that compute.
const WAKE_UPS: &str = "100";
/// Runs on the platform linux; the fastest counts, as what is slower was disturbed.
const RUNS: usize = 5;

const INSTRUCTIONS_LATE: Unit =
    Unit { name: "instructions from deadline to thread, at most", is_more_better: false };
const NANOSECONDS_LATE: Unit = Unit { name: "ns from deadline to thread, at most", is_more_better: false };

/// Prints the section and draws the plot.
pub fn report() {
    let schedulers = on_the_shelf_with("sched", "threads");
    let image = |name: &str, machine, arguments: [&str; 2]| {
        let option = &schedulers.iter().find(|one| one.0 == name).expect("one of the schedulers").1;
        let app = variant::of(APP, &format!("bench-sched-{name}"), &format!("[config]\n{option} = true\n"));
        boot(&app, machine).arguments(arguments)
    };
    let mut comparison = Comparison::new("Schedulers side by side", schedulers.iter().map(|one| &one.0));
    for (workload, title, counted, timed) in WORKLOADS {
        comparison.measure(title, INSTRUCTIONS, |scheduler| {
            let boot = image(scheduler, Machine::Microvm, [workload, &counted.to_string()]);
            let instructions = instructions_between(&boot, "bench_begin", "bench_end");
            Some(instructions.unwrap_or_else(|said| panic!("{said}")) as f64 / f64::from(counted))
        });
        comparison.measure(title, NANOSECONDS, |scheduler| {
            let boot = image(scheduler, Machine::Linux, [workload, &timed.to_string()]);
            let run = |_| reported(&boot.run().expect_code(0).stdout, "ns");
            (0..RUNS).filter_map(run).reduce(f64::min).map(|ns| ns / f64::from(timed))
        });
    }
    let title = "a sleeper wakes beside four threads that compute";
    comparison.measure(title, INSTRUCTIONS_LATE, |scheduler| {
        reported(&deterministic(&image(scheduler, Machine::Microvm, ["latency", WAKE_UPS])), "late")
    });
    comparison.measure(title, NANOSECONDS_LATE, |scheduler| {
        let boot = image(scheduler, Machine::Linux, ["latency", WAKE_UPS]);
        (0..RUNS).filter_map(|_| reported(&boot.run().expect_code(0).stdout, "late")).reduce(f64::min)
    });
    comparison.publish("sched");
}

/// What the app prints where an instruction takes a nanosecond.
fn deterministic(boot: &Boot) -> String {
    let mut command = boot.machine_command(&[]);
    Counter::make_deterministic(&mut command);
    let _turn = turns::machine();
    process::run(command, b"", Duration::from_secs(120)).stdout
}
