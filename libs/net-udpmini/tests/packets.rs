//! The stack on the wire, packet by packet.

mod common;

use common::{addresses, stack};
use kit_iface_net::conformance::wire::Wire;
use kit_iface_net::conformance::{Stand, check_first_contact, check_packets};
use kit_iface_netdev::NetDevice;
use kit_iface_netdev::fake::FakeDevice;

kit_util_host_test::bind!();

const OURS: [u8; 6] = [2, 0, 0, 0, 0, 2];
const ITS: [u8; 6] = [2, 0, 0, 0, 0, 1];

fn check(net: &'static common::Mini, near: &'static FakeDevice, device: &'static FakeDevice, wire: Wire) {
    FakeDevice::join(near, device);
    device.start().unwrap();
    let stand = Stand { net, device, wire, first_port: 5000 };
    check_first_contact(&stand);
    check_packets(&stand);
}

#[test]
fn over_ipv4() {
    stack!(STACK, NEAR, 1, addresses("10.0.0.1/24", ""));
    static FAR: FakeDevice = FakeDevice::new(OURS);
    check(&STACK, &NEAR, &FAR, Wire::v4(OURS, [10, 0, 0, 2], ITS, [10, 0, 0, 1]));
}

#[test]
fn over_ipv6() {
    stack!(STACK, NEAR, 1, addresses("none", ""));
    static FAR: FakeDevice = FakeDevice::new(OURS);
    check(&STACK, &NEAR, &FAR, Wire::v6(OURS, "fe80::2", ITS, "fe80::ff:fe00:1"));
}
