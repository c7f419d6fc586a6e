//! Every console that a slot offers, booted: output whole, input where there is one, and a machine that suits it.

use kit_tests::image::{Machine, boot};
use kit_tests::native::comparable;
use kit_tests::{on_machines, variant};

const PROBE: &str = "tests/apps/probe";

fn with(console: &str) -> String {
    let name = console.to_lowercase().replace('_', "-");
    variant::of(PROBE, &name, &format!("[config]\n{console} = true\n"))
}

/// Text of every length up to a page, with each byte that a console's wire might mistake.
fn every_byte() -> Vec<u8> {
    (0..128).cycle().take(5000).collect()
}

on_machines!([Microvm, Q35] fn the_debug_port_prints_and_reads_nothing(machine) {
    let app = with("CONSOLE_DEBUGCON");
    let odd = ["arguments", "", "two words", "a\"b", "ä€"];
    let image = boot(&app, machine).arguments(odd).run().expect_code(0);
    let native = boot(PROBE, Machine::Linux).arguments(odd).run_natively();
    assert_eq!(comparable(&image.stdout), comparable(&native.stdout));
    // Standard input has ended before it began, whatever is typed.
    let image = boot(&app, machine).arguments(["upper"]).stdin(&every_byte()).run().expect_code(0);
    assert_eq!(image.stdout, "");
});

#[test]
fn the_debug_port_may_be_another_one() {
    let app = variant::of(
        PROBE,
        "console-debugcon-402",
        "[config]\nCONSOLE_DEBUGCON = true\nDEBUGCON_PORT = 1026\n",
    );
    let image = boot(&app, Machine::Microvm).arguments(["panic"]).run().expect_code(101);
    assert!(image.stdout.contains("at the disco"), "{}", image.transcript());
}

on_machines!([Microvm, Q35] fn without_a_console_only_the_exit_code_speaks(machine) {
    let app = with("CONSOLE_NONE");
    for (arguments, code) in [(&["arguments", "x"][..], 0), (&["exit", "7"], 7), (&["panic"], 101)] {
        let image = boot(&app, machine).arguments(arguments.iter().copied()).run().expect_code(code);
        assert_eq!(image.stdout, "", "{}", image.transcript());
    }
    let image = boot(&app, machine).arguments(["upper"]).stdin(&every_byte()).run().expect_code(0);
    assert_eq!(image.stdout, "");
});

#[test]
fn a_fault_is_reported_without_a_console() {
    let image = boot(&with("CONSOLE_NONE"), Machine::Microvm).arguments(["null"]).run().expect_code(139);
    assert!(image.stderr.contains("the application was here:"), "{}", image.transcript());
}

/// The machine has the devices that the image drives, and no others.
#[test]
fn the_machine_suits_the_image() {
    let words = |console: &str| {
        let command = boot(&with(console), Machine::Microvm).machine_command(&[]);
        command.get_args().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    };
    assert!(words("CONSOLE_SERIAL").contains("-serial stdio"));
    let debugcon = words("CONSOLE_DEBUGCON");
    assert!(debugcon.contains("isa-debugcon,iobase=1257,chardev=console"), "{debugcon}");
    assert!(!debugcon.contains("-serial"), "{debugcon}");
    assert!(!words("CONSOLE_NONE").contains("stdio"));
}
