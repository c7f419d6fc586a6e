//! The heap slot's suite, on the buddy system.

use kit_alloc_buddy::Buddy;
use kit_util_host_test::growing_heap::{self, pages};

kit_util_host_test::bind!(irq_mask, threads, clock);

#[test]
fn keeps_the_promises_of_the_slot() {
    kit_iface_alloc::conformance::all(|| Buddy::new(pages()));
}

#[test]
fn keeps_the_promises_of_what_grows_from_frames() {
    growing_heap::all(Buddy::new);
}
