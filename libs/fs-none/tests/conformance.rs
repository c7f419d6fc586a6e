//! The filesystem slot's suite.

use kit_fs_none::NoFs;
use kit_iface_fs::conformance;

kit_util_host_test::bind!();

#[test]
fn keeps_the_slots_promises() {
    conformance::all(&NoFs::new());
}
