//! With time counted in instructions (`-icount`), a run with preemption repeats itself to the last instruction.

use std::time::Duration;

use kit_tests::image::{Machine, boot};
use kit_tests::measure::counter::Counter;
use kit_tests::{on_machines, process, turns};

on_machines!([Microvm, Q35] fn preemption_repeats_itself(machine) {
    let run = || {
        let mut command = boot("tests/apps/probe", machine).arguments(["spin"]).machine_command(&[]);
        Counter::make_deterministic(&mut command);
        let _turn = turns::machine();
        process::run(command, b"", Duration::from_secs(120)).stdout
    };
    let first = run();
    assert!(first.contains("both ran: true"), "{first}");
    assert_eq!(first, run());
});

/// The dry run is a command that can be pasted: it boots the same image with the same arguments.
#[test]
fn the_dry_run_runs() {
    let command = boot("examples/hello", Machine::Microvm).arguments(["a b", "c\"d"]).machine_command(&[]);
    let _turn = turns::machine();
    let output = process::run(command, b"", Duration::from_secs(60));
    assert!(output.stdout.contains("arguments: a b c\"d"), "{}", output.transcript());
}
