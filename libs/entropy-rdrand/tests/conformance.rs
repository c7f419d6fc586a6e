//! The slot's suite, where this machine's processor has the instruction; where it has not, that it says so.

#[test]
fn suite() {
    let source = kit_entropy_rdrand::Rdrand::new();
    if std::arch::is_x86_feature_detected!("rdrand") {
        kit_iface_entropy::conformance::check(&source);
    } else {
        kit_iface_entropy::conformance::check_absent(&source);
    }
}
