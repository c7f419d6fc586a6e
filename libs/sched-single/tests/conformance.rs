//! The scheduler slot's suite, on the policy for one thread.

use kit_iface_sched::conformance;
use kit_sched_single::Single;

#[test]
fn keeps_the_promises_of_the_slot() {
    conformance::all(Single::new);
}

#[test]
fn the_core_keeps_its_promises_under_it() {
    kit_util_rehearsal::suite::all(Single::new);
}
