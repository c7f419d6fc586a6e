//! The heap slot's suite, on binned free lists.

use kit_alloc_talc::Talc;
use kit_util_host_test::growing_heap::{self, pages};

kit_util_host_test::bind!(irq_mask, threads, clock);

#[test]
fn keeps_the_promises_of_the_slot() {
    kit_iface_alloc::conformance::all(|| Talc::new(pages()));
}

#[test]
fn keeps_the_promises_of_what_grows_from_frames() {
    growing_heap::all(Talc::new);
}
