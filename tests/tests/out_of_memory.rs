//! Memory that runs out, under every heap of the shelf: the app is told, or ended with a word about it, and nothing hangs
//! and nothing of the OS panics. And what a guard around a heap says of misuse.

use std::time::Duration;

use kit_tests::image::{Boot, Machine, boot};
use kit_tests::process::Finished;
use kit_tests::{on_machines, variant};

const PORTED: &str = "tests/apps/probe";
const NATIVE: &str = "tests/apps/heap-native";

/// Every heap, and one with a guard around it: a name and a `[config]`.
fn heaps() -> Vec<(String, String)> {
    let plain = variant::on_the_shelf("alloc");
    assert!(plain.len() >= 5, "the shelf has lost its heaps: {plain:?}");
    let guarded = plain.iter().filter(|(name, _)| name == "slab");
    let guarded = guarded
        .map(|(name, option)| (format!("guard-{name}"), format!("ALLOC_GUARD = true\n{option} = true\n")))
        .collect::<Vec<_>>();
    plain.into_iter().map(|(name, option)| (name, format!("{option} = true\n"))).chain(guarded).collect()
}

/// A machine with little memory, that is soon used up.
fn small_machine(app: &str, name: &str, config: &str) -> Boot {
    let app = variant::of(app, &format!("memory-{name}"), &format!("[config]\n{config}"));
    boot(&app, Machine::Microvm).options(["-m", "12M"]).limit(Duration::from_secs(120))
}

/// The OS is in order: what ended is the app.
#[track_caller]
fn no_fault_of_the_os(heap: &str, output: &Finished) {
    for word in ["panic in the OS", "fault inside the OS"] {
        assert!(!output.stdout.contains(word), "{heap}\n{}", output.transcript());
    }
}

#[test]
fn a_ported_app_is_told_or_ended_under_every_heap() {
    for (heap, config) in heaps() {
        let probe = |behaviour| {
            let output = small_machine(PORTED, &heap, &config).arguments([behaviour]).run();
            no_fault_of_the_os(&heap, &output);
            output
        };
        for behaviour in ["memory", "small-memory"] {
            let output = probe(behaviour);
            assert_eq!(output.code(), 0, "{heap}, {behaviour}\n{}", output.transcript());
            let says = "refused: true, intact: true, again: true";
            assert!(output.stdout.contains(says), "{heap}, {behaviour}\n{}", output.transcript());
        }
        // Boxes cannot be refused: std's message, and its abort.
        let output = probe("spend");
        assert_eq!(output.code(), 134, "{heap}\n{}", output.transcript());
        assert!(output.stdout.contains("memory allocation of "), "{heap}\n{}", output.transcript());
        // A thread needs memory in many places, and any of them may be the one that has none.
        let output = probe("starved");
        let says = match output.code() {
            0 => "thread: 7, file: Ok(5000)",
            134 => "memory allocation of ",
            137 => "out-of-memory",
            code => panic!("{heap}: exit code {code}\n{}", output.transcript()),
        };
        assert!(output.transcript().contains(says), "{heap}\n{}", output.transcript());
    }
}

#[test]
fn a_native_app_is_told_under_every_heap() {
    for (heap, config) in heaps() {
        let output =
            small_machine(NATIVE, &format!("native-{heap}"), &config).arguments(["capacity", "1"]).run();
        no_fault_of_the_os(&heap, &output);
        assert_eq!(output.code(), 0, "{heap}\n{}", output.transcript());
        assert!(output.stdout.contains("counted: "), "{heap}\n{}", output.transcript());
    }
}

on_machines!([Linux, Microvm] fn a_guard_ends_an_image_that_misuses_a_block(machine) {
    let app = variant::of(PORTED, "guarded", "[config]\nALLOC_GUARD = true\n");
    let misuse = |how| boot(&app, machine).arguments(["misuse", how]).run();
    for (how, message) in [
        ("behind", "kit: heap: write behind a block of 40 bytes at 0x"),
        ("before", "kit: heap: write before a block of 40 bytes at 0x"),
        ("twice", "kit: heap: second free of a block of 40 bytes at 0x"),
        ("late", "kit: heap: write to a freed block: a block of 40 bytes at 0x"),
    ] {
        let output = misuse(how);
        assert_eq!(output.code(), 70, "{how}\n{}", output.transcript());
        assert!(output.stdout.contains(message), "{how}\n{}", output.transcript());
    }
    let leaks = misuse("leak").expect_code(0);
    assert!(leaks.stdout.contains("1 of 40 bytes"), "{}", leaks.transcript());
    let none = misuse("nothing").expect_code(0);
    assert!(!none.stdout.contains("of 40 bytes"), "{}", none.transcript());
});
