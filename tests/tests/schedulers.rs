//! Each scheduler in an image: threads that compute, block and time out; and what only one of them promises.
//!
//! Where time matters it is counted in instructions (`-icount`), so that a bound is a bound on any machine. What all
//! policies and the thread core promise is tested on the host, in virtual time: `libs/util/rehearsal`.

use std::time::Duration;

use kit_tests::image::{Boot, Machine, boot};
use kit_tests::measure::counter::Counter;
use kit_tests::{kit, process, turns, variant};

const APP: &str = "tests/apps/urgency";

/// The app with this scheduler. Its name says which, so that tests share what is built.
fn app_with(scheduler: &str) -> String {
    variant::of(APP, &format!("urgency-{scheduler}"), &format!("[config]\n{scheduler} = true\n"))
}

/// What the app prints, with guest time counted in instructions.
fn counted(boot: Boot) -> String {
    let mut command = boot.machine_command(&[]);
    Counter::make_deterministic(&mut command);
    let _turn = turns::machine();
    process::run(command, b"", Duration::from_secs(60)).stdout
}

/// The number behind `name: ` in what an app has printed.
#[track_caller]
fn number(printed: &str, name: &str) -> u64 {
    let line = printed.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": "));
    line.and_then(|number| number.trim().parse().ok())
        .unwrap_or_else(|| panic!("no number {name}:\n{printed}"))
}

#[track_caller]
fn runs(scheduler: &str) {
    let app = app_with(scheduler);
    for machine in [Machine::Linux, Machine::Microvm] {
        let output = boot(&app, machine).arguments(["all"]).run().expect_code(0);
        assert!(output.stdout.contains("counted 300 in 300 turns"), "{}", output.transcript());
    }
}

#[test]
fn cooperative_threads_compute_block_and_time_out() {
    runs("SCHED_COOP");
}

#[test]
fn threads_that_take_turns_compute_block_and_time_out() {
    runs("SCHED_RR");
}

#[test]
fn prioritised_threads_compute_block_and_time_out() {
    runs("SCHED_PRIO");
}

#[test]
fn threads_with_shares_compute_block_and_time_out() {
    runs("SCHED_FAIR");
}

/// Nice 0 beside nice 5 is 1.25 to the fifth: 3.05 times as much. The same run twice is the same to the last digit.
#[test]
fn nice_values_are_shares_under_fair() {
    let ratio = || counted(boot(&app_with("SCHED_FAIR"), Machine::Microvm).arguments(["shares"]));
    let printed = ratio();
    let thousandths = number(&printed, "ratio");
    assert!((2990..=3110).contains(&thousandths), "{printed}");
    assert_eq!(printed, ratio());
}

#[test]
fn threads_run_in_the_order_of_their_priorities() {
    let app = app_with("SCHED_PRIO");
    for machine in [Machine::Linux, Machine::Microvm] {
        let output = boot(&app, machine).arguments(["order"]).run().expect_code(0);
        assert!(output.stdout.contains("order: [70, 60, 50, 40, 30, 20, 10]"), "{}", output.transcript());
    }
}

/// A lock whose holder inherits is waited for no longer than its critical section lasts; with `std`'s mutex, which
/// does not say who holds it, the same program waits for a thread that has nothing to do with the lock.
#[test]
fn inheritance_bounds_the_wait_for_a_lock() {
    let printed = counted(boot(&app_with("SCHED_PRIO"), Machine::Microvm).arguments(["inversion"]));
    let [section, inheriting, plain] = ["section", "inheriting", "plain"].map(|name| number(&printed, name));
    assert!(inheriting > 0 && inheriting <= section, "{printed}");
    assert!(plain > 10 * section, "without inheritance there is an inversion: {printed}");
}

/// A program is told what the scheduler of its image does not do.
#[test]
fn what_a_scheduler_cannot_honour_is_refused() {
    let settings = |scheduler| {
        let output = boot(&app_with(scheduler), Machine::Linux).arguments(["settings"]).run().expect_code(0);
        output.stdout.lines().map(str::to_string).collect::<Vec<_>>()
    };
    let prio = settings("SCHED_PRIO");
    let expected = [
        "at first: (0, 0)",
        "other: 0",
        "nonsense: 22",
        "fifo: 0 (1, 7)",
        "inherited: (1, 7)",
        "back: 0 (0, 0)",
        "nice: (true, 7)",
    ];
    assert_eq!(prio, expected);
    // ENOTSUP is 95.
    let rr = settings("SCHED_RR");
    for line in ["fifo: 95 (0, 0)", "other: 0", "nice: (false, 0)"] {
        assert!(rr.iter().any(|seen| seen == line), "{line}: {rr:#?}");
    }
}

/// The smallest scheduler: programs with one thread run, and the image is smaller than with any other.
#[test]
fn one_thread_is_enough_for_hello() {
    let with = |scheduler| {
        variant::of(
            "examples/hello",
            &format!("hello-{scheduler}"),
            &format!("[config]\n{scheduler} = true\n"),
        )
    };
    let (single, coop) = (with("SCHED_SINGLE"), with("SCHED_COOP"));
    for machine in [Machine::Linux, Machine::Microvm] {
        let output = boot(&single, machine).run().expect_code(0);
        assert!(output.stdout.contains("Hello, world!"), "{}", output.transcript());
    }
    let size = |app| boot(app, Machine::Microvm).build().size;
    let (single, coop) = (size(&single), size(&coop));
    assert!(single < coop, "{single} bytes with one thread, {coop} with the next larger scheduler");
}

/// Whoever needs a second thread is refused, by name and with what to set: the program, and the network stack.
#[test]
fn a_second_thread_is_refused_before_anything_boots() {
    let app = app_with("SCHED_SINGLE");
    for line in [["check", &app], ["build", &app]] {
        let output = kit::run(line.into_iter().chain(["--platform", "linux"])).expect_code(1);
        let said = output.stdout.clone() + &output.stderr;
        let line = said.lines().find(|line| line.trim_start().starts_with("pthread_create"));
        let line = line.unwrap_or_else(|| panic!("{}", output.transcript()));
        assert!(line.contains("SCHED_SINGLE has no threads; set ") && line.contains("SCHED_RR"), "{line}");
    }
    let app = variant::of(
        "examples/hello",
        "hello-single-stack",
        "[config]\nSCHED_SINGLE = true\nNET_SMOLTCP = true\n",
    );
    let output = kit::run(["build", &app, "--platform", "kvm"]).expect_code(2);
    assert!(output.stderr.contains("needs THREADS != none (is none)"), "{}", output.transcript());
}
