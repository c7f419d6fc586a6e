//! The trace slot's suite, and that lines say what happened.

use kit_iface_console::Console;
use kit_iface_console::fake::FakeConsole;
use kit_iface_trace::{Event, Trace, conformance, fake};
use kit_trace_console::Lines;

kit_util_host_test::bind!();

struct Forgets;

impl Console for Forgets {
    fn write(&self, bytes: &[u8]) {
        assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1, "each write is a line");
    }
}

#[test]
fn keeps_the_promises_of_the_slot() {
    static CONSOLE: Forgets = Forgets;
    conformance::check(&Lines::new(&CONSOLE));
}

#[test]
fn a_line_says_when_who_and_what() {
    static CONSOLE: FakeConsole<4096> = FakeConsole::new();
    let trace = Lines::new(&CONSOLE);
    let count = fake::one_of_each(&trace);
    let mut text = [0; 4096];
    let length = CONSOLE.take_output(&mut text);
    let text = std::str::from_utf8(&text[..length]).unwrap();
    let lines: Vec<&str> = text.lines().map(|line| line.split_once("] ").unwrap().1).collect();
    assert_eq!(lines.len(), count);
    assert_eq!(
        lines[..4],
        ["0 thread 1 is main", "0 thread 2 is exactly-15-byte", "0 run 1", "1 begin read 3"]
    );
    assert_eq!(lines[9..], ["1 frames in use: 77", "1 end read -1", "1 run 2"]);
}

/// A console whose driver is traced itself does not make the trace go round in circles.
#[test]
fn what_the_console_does_is_not_shown() {
    struct Traced;
    static TRACE: Lines<Traced> = Lines::new(&Traced);
    impl Console for Traced {
        fn write(&self, _bytes: &[u8]) {
            TRACE.record(Event::Gauge { name: "frames in use", value: 1 });
        }
    }
    fake::one_of_each(&TRACE);
}
