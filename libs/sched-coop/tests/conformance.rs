//! The scheduler slot's suite, on the run-to-block policy.

use kit_iface_sched::conformance;
use kit_sched_coop::Coop;

#[test]
fn keeps_the_promises_of_the_slot() {
    conformance::all(Coop::new);
}

#[test]
fn survives_random_use() {
    (2..50).for_each(|seed| conformance::survives_random_use(Coop::new(), seed));
}
