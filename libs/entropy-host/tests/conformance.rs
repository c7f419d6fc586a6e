//! The slot's suite over the host's source.

#[test]
fn suite() {
    kit_iface_entropy::conformance::check(&kit_entropy_host::Host::new());
}
