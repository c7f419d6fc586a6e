//! The scheduler slot's suite, on the run-to-block policy.

use kit_iface_sched::conformance;
use kit_sched_coop::Coop;

#[test]
fn keeps_the_promises_of_the_slot() {
    conformance::all(Coop::new);
}

#[test]
fn the_core_keeps_its_promises_under_it() {
    kit_util_rehearsal::suite::all(Coop::new);
}
