//! What `std` promises a program holds in an image: `tests/apps/probe` does it, Linux is the judge.

use std::time::Duration;

use kit_tests::image::{Boot, Machine, boot};
use kit_tests::native::comparable;
use kit_tests::on_machines;

const PROBE: &str = "tests/apps/probe";

fn probe(machine: Machine, behaviour: &str) -> Boot {
    boot(PROBE, machine).arguments([behaviour])
}

/// The image's output and exit code are those of the same program on Linux.
#[track_caller]
fn same_as_native(boot: &Boot) {
    let native = boot.run_natively();
    let image = boot.run();
    assert_eq!(comparable(&image.stdout), comparable(&native.stdout), "\n{}", image.transcript());
    assert_eq!(image.code(), native.code(), "\n{}", image.transcript());
}

on_machines!([Linux, Microvm, Q35] fn panics_are_caught_and_unwind(machine) {
    same_as_native(&probe(machine, "catch"));
});

on_machines!([Linux, Microvm, Q35] fn files_behave(machine) {
    same_as_native(&probe(machine, "files"));
});

on_machines!([Linux, Microvm, Q35] fn loopback_behaves(machine) {
    same_as_native(&probe(machine, "network"));
});

on_machines!([Linux, Microvm, Q35] fn time_passes(machine) {
    same_as_native(&probe(machine, "time"));
});

on_machines!([Linux, Microvm, Q35] fn many_threads_live_and_die(machine) {
    same_as_native(&probe(machine, "many").options(["-m", "32M"]));
});

on_machines!([Linux, Microvm, Q35] fn an_unknown_mode_is_the_apps_own_error(machine) {
    same_as_native(&probe(machine, "nonsense"));
});

on_machines!([Linux, Microvm, Q35] fn arguments_and_variables_arrive_unchanged(machine) {
    let odd = ["arguments", "", " ", "two words", "a\"b", "back\\slash", "kit.ip=1.2.3.4/5", "--", "-x", "ä€"];
    same_as_native(&boot(PROBE, machine).arguments(odd));
    let variables = boot(PROBE, machine).arguments(["variable", "EMPTY", "SPACES", "QUOTES", "ABSENT"]);
    same_as_native(&variables.variable("EMPTY", "").variable("SPACES", " a  b ").variable("QUOTES", "\"\\\"="));
});

on_machines!([Linux, Microvm, Q35] fn standard_input_arrives_whole(machine) {
    // Every byte, among them 0x04 and 0x10, which mean something to the console's wire.
    let bytes: Vec<u8> = (0..=255_u8).cycle().take(5000).map(|byte| if byte >= 128 { byte - 128 } else { byte }).collect();
    same_as_native(&probe(machine, "upper").stdin(&bytes));
    same_as_native(&probe(machine, "upper").stdin(b""));
});

on_machines!([Linux, Microvm, Q35] fn a_panic_gives_its_message_and_101(machine) {
    let image = probe(machine, "panic").run().expect_code(101);
    assert!(image.stdout.contains("panicked at src/main.rs:"), "{}", image.transcript());
    assert!(image.stdout.contains("at the disco"), "{}", image.transcript());
    same_as_native(&probe(machine, "panic"));
});

on_machines!([Linux, Microvm, Q35] fn a_stack_overflow_says_so(machine) {
    let image = probe(machine, "overflow").run().expect_code(134);
    assert!(image.stdout.contains("has overflowed its stack"), "{}", image.transcript());
    same_as_native(&probe(machine, "overflow"));
});

on_machines!([Linux, Microvm, Q35] fn abort_and_null_end_the_image_as_on_linux(machine) {
    probe(machine, "abort").run().expect_code(134);
    probe(machine, "null").run().expect_code(139);
});

on_machines!([Linux, Microvm, Q35] fn memory_that_ends_is_an_error_the_app_can_handle(machine) {
    let image = probe(machine, "memory").options(["-m", "16M"]).run().expect_code(0);
    assert!(image.stdout.contains("refused: true, intact: true, again: true"), "{}", image.transcript());
});

on_machines!([Linux, Microvm, Q35] fn memory_that_no_machine_has_is_refused(machine) {
    same_as_native(&probe(machine, "too-much"));
});

on_machines!([Microvm, Q35] fn no_register_is_lost_when_threads_interrupt_each_other(machine) {
    let image = probe(machine, "registers").limit(Duration::from_secs(240)).run().expect_code(0);
    assert!(image.stdout.contains("wrong results: 0 of 18"), "{}", image.transcript());
});

on_machines!([Microvm, Q35] fn threads_that_never_wait_are_preempted(machine) {
    let image = probe(machine, "spin").run().expect_code(0);
    assert!(image.stdout.contains("both ran: true"), "{}", image.transcript());
});
