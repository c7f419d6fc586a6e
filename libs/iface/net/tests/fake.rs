//! The fake keeps the promises that it stands in for.

use kit_iface_net::conformance::{Pair, check_all};
use kit_iface_net::fake::FakeNet;

kit_util_host_test::bind!();

#[test]
fn the_fake_conforms() {
    static NET: FakeNet = FakeNet::new();
    for address in ["127.0.0.1", "::1"] {
        let pair = Pair {
            server: &NET,
            client: &NET,
            address: address.parse().unwrap(),
            bulk_bytes: 1 << 18,
            first_port: 5000,
        };
        check_all(&pair);
    }
}
