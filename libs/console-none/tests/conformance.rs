//! The part of the console slot's suite for what nobody sees.

use kit_console_none::Nowhere;
use kit_iface_console::conformance;

#[test]
fn keeps_the_promises_of_silence() {
    conformance::check_silent(&Nowhere::new());
}
