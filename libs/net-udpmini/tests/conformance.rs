//! The slot's suite, over a wire and on loopback, as far as the stack says it goes: it has no streams.

mod common;

use common::{addresses, ip, stack};
use kit_iface_net::conformance::{Pair, check_all};
use kit_iface_netdev::fake::FakeDevice;

kit_util_host_test::bind!();

fn pair(
    server: &'static common::Mini,
    client: &'static common::Mini,
    address: &str,
) -> Pair<common::Mini, common::Mini> {
    Pair { server, client, address: ip(address), bulk_bytes: 0, first_port: 5000 }
}

#[test]
fn over_a_wire() {
    stack!(SERVER, NEAR, 1, addresses("10.0.0.1/24", ""));
    stack!(CLIENT, FAR, 2, addresses("10.0.0.2/24", ""));
    FakeDevice::join(&NEAR, &FAR);
    check_all(&pair(&SERVER, &CLIENT, "10.0.0.1"));
}

#[test]
fn over_link_local_ipv6() {
    stack!(SERVER, NEAR, 1, addresses("none", ""));
    stack!(CLIENT, FAR, 2, addresses("none", ""));
    FakeDevice::join(&NEAR, &FAR);
    check_all(&pair(&SERVER, &CLIENT, "fe80::ff:fe00:1"));
}

#[test]
fn on_loopback_without_a_device() {
    stack!(STACK, LONELY, 9, addresses("dhcp", ""));
    for address in ["127.0.0.1", "::1"] {
        check_all(&pair(&STACK, &STACK, address));
    }
    assert_eq!(LONELY.sent_frames(), 0);
}

#[test]
fn on_its_own_address() {
    stack!(STACK, NEAR, 1, addresses("10.0.3.1/24", ""));
    static FAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 2]);
    FakeDevice::join(&NEAR, &FAR);
    check_all(&pair(&STACK, &STACK, "10.0.3.1"));
    assert!(NEAR.sent_frames() <= 3, "nothing but router solicitations goes out");
}
