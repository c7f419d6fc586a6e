//! Every heap of the shelf side by side: the heap itself under a native image, and below `malloc` under a ported one.

use kit_tests::image::{Boot, Machine, boot};
use kit_tests::measure::figures::instructions_between;
use kit_tests::variant;

use crate::side_by_side::{Comparison, INSTRUCTIONS, NANOSECONDS, Unit, on_the_shelf, reported};

const NATIVE: &str = "tests/apps/heap-native";
const PORTED: &str = "tests/apps/heap-std";

/// Workloads of `tests/apps/heap-workloads` and `heap-std`: the app, the argument, what the table says, and how many
/// rounds are timed. One round is counted.
const WORKLOADS: [(&str, &str, &str, &str); 6] = [
    (NATIVE, "churn", "churn: 512 blocks of 64 bytes", "2000"),
    (NATIVE, "server", "server: 32 connections, mixed sizes", "1000"),
    (NATIVE, "grow", "grow: vectors double from 64 B to 64 KiB", "500"),
    (NATIVE, "fragmentation", "fragmentation: 1,000 blocks replaced at random", "300"),
    (PORTED, "server", "server, by malloc", "1000"),
    (PORTED, "handoff", "producer to consumer, by malloc and a channel", "200"),
];

/// Runs on the platform linux; the fastest counts, as what is slower was disturbed.
const RUNS: usize = 5;

const CAPACITY: Unit = Unit { name: "KiB in use when 8 MiB are full", is_more_better: true };

/// Prints the section and draws the plot.
pub fn report() {
    let heaps = on_the_shelf("alloc");
    let option = |heap: &str| &heaps.iter().find(|one| one.0 == heap).expect("one of the heaps").1;
    let image = |app: &str, heap: &str, machine, arguments: [&str; 2]| {
        let name = format!("bench-{heap}-{}", app.rsplit('/').next().unwrap_or(app));
        let app = variant::of(app, &name, &format!("[config]\n{} = true\n", option(heap)));
        boot(&app, machine).arguments(arguments)
    };
    let mut comparison = Comparison::new("Heaps side by side", heaps.iter().map(|heap| &heap.0));
    for (app, workload, title, rounds) in WORKLOADS {
        comparison.measure(title, INSTRUCTIONS, |heap| {
            let boot = image(app, heap, Machine::Microvm, [workload, "1"]).options(["-m", "64M"]);
            let operations = counted(&boot)?;
            let instructions = instructions_between(&boot, "bench_begin", "bench_end").ok()?;
            Some(instructions as f64 / operations)
        });
        comparison.measure(title, NANOSECONDS, |heap| {
            let boot = image(app, heap, Machine::Linux, [workload, rounds]).options(["-m", "256M"]);
            (0..RUNS).map(|_| nanoseconds(&boot)).reduce(|one, other| Some(one?.min(other?)))?
        });
    }
    comparison.measure("capacity: random requests and frees", CAPACITY, |heap| {
        counted(&image(NATIVE, heap, Machine::Microvm, ["capacity", "1"]).options(["-m", "8M"]))
    });
    comparison.publish("alloc");
}

/// What the app has counted; `None` if the heap has refused it something.
fn counted(boot: &Boot) -> Option<f64> {
    let output = boot.run();
    (output.code() == 0).then(|| reported(&output.stdout, "counted").expect("the app prints what it counted"))
}

fn nanoseconds(boot: &Boot) -> Option<f64> {
    let output = boot.run();
    let number = |name| reported(&output.stdout, name).expect("the app prints its figures");
    (output.code() == 0).then(|| number("ns") / number("counted"))
}
