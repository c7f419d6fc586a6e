//! The console slot's suite for output, against a pretended port.

use kit_console_debugcon::{Debugcon, Output};
use kit_iface_console::conformance;
use std::sync::Mutex;

struct Pretended;

static WRITTEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());

impl Output for Pretended {
    fn write(byte: u8) {
        WRITTEN.lock().unwrap().push(byte);
    }
}

#[test]
fn keeps_the_promises_of_output() {
    let console = Debugcon::<0x4e9, Pretended>::new();
    conformance::check_output_only(&console, &mut |buffer| {
        let written = std::mem::take(&mut *WRITTEN.lock().unwrap());
        buffer[..written.len()].copy_from_slice(&written);
        written.len()
    });
}
