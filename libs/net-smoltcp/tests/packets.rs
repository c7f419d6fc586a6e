//! The stack on the wire, packet by packet.

mod common;

use common::{addresses, config};
use kit_iface_net::conformance::wire::Wire;
use kit_iface_net::conformance::{Stand, check_first_contact, check_packets, check_segments};
use kit_iface_netdev::NetDevice;
use kit_iface_netdev::fake::FakeDevice;
use kit_net_smoltcp::{Config, Stack};

kit_util_host_test::bind!();

const OURS: [u8; 6] = [2, 0, 0, 0, 0, 2];
const ITS: [u8; 6] = [2, 0, 0, 0, 0, 1];

fn check(
    net: &'static Stack<FakeDevice>,
    near: &'static FakeDevice,
    device: &'static FakeDevice,
    wire: Wire,
) {
    // Time-outs of TCP last seconds.
    kit_util_host_test::set_clock_speed(5);
    FakeDevice::join(near, device);
    device.start().unwrap();
    let stand = Stand { net, device, wire, first_port: 5000 };
    check_first_contact(&stand);
    check_packets(&stand);
    check_segments(&stand);
}

#[test]
fn over_ipv4() {
    static NEAR: FakeDevice = FakeDevice::new(ITS);
    static FAR: FakeDevice = FakeDevice::new(OURS);
    const SMALL: Config = Config { addresses: addresses("10.0.0.1/24", ""), ..config("none") };
    static STACK: Stack<FakeDevice> = Stack::new(&NEAR, SMALL);
    check(&STACK, &NEAR, &FAR, Wire::v4(OURS, [10, 0, 0, 2], ITS, [10, 0, 0, 1]));
}

#[test]
fn over_ipv6() {
    static NEAR: FakeDevice = FakeDevice::new(ITS);
    static FAR: FakeDevice = FakeDevice::new(OURS);
    static STACK: Stack<FakeDevice> = Stack::new(&NEAR, config("none"));
    check(&STACK, &NEAR, &FAR, Wire::v6(OURS, "fe80::2", ITS, "fe80::ff:fe00:1"));
}
