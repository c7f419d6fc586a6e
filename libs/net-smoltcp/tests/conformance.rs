//! The slot's suite, over a wire and on loopback. Over a bad wire: `lossy.rs`.

mod common;

use common::{config, ip, wired};
use kit_iface_net::conformance::{Pair, check_all, check_closing, check_streams};
use kit_iface_netdev::fake::FakeDevice;
use kit_net_smoltcp::{Config, Stack};

kit_util_host_test::bind!();

#[test]
fn over_a_wire() {
    let ((server, _), (client, _)) = wired!(config("10.0.0.1/24"), config("10.0.0.2/24"));
    check_all(&Pair { server, client, address: ip("10.0.0.1"), bulk_bytes: 1 << 20, first_port: 5000 });
}

#[test]
fn over_a_wire_that_is_watched() {
    const WATCHING: Config = Config { watch_us: 200, ..config("10.0.4.1/24") };
    let ((server, _), (client, _)) = wired!(WATCHING, config("10.0.4.2/24"));
    check_all(&Pair { server, client, address: ip("10.0.4.1"), bulk_bytes: 1 << 18, first_port: 5000 });
}

#[test]
fn over_link_local_ipv6() {
    let ((server, _), (client, _)) = wired!(config("none"), config("none"));
    check_all(&Pair {
        server,
        client,
        address: ip("fe80::ff:fe00:1"),
        bulk_bytes: 1 << 18,
        first_port: 5000,
    });
}

#[test]
fn on_loopback_without_a_device() {
    static LONELY: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 9]);
    static STACK: Stack<FakeDevice> = Stack::new(&LONELY, config("dhcp"));
    let on = |address| Pair {
        server: &STACK,
        client: &STACK,
        address: ip(address),
        bulk_bytes: 1 << 20,
        first_port: 5000,
    };
    check_all(&on("127.0.0.1"));
    check_all(&on("::1"));
    // All of 127/8 is this machine; datagrams to it are answered from 127.0.0.1, as everywhere.
    check_streams(&on("127.1.2.3"));
    check_closing(&on("127.1.2.3"));
}

#[test]
fn on_its_own_address() {
    let ((stack, device), _) = wired!(config("10.0.3.1/24"), config("none"));
    let pair =
        Pair { server: stack, client: stack, address: ip("10.0.3.1"), bulk_bytes: 1 << 18, first_port: 5000 };
    check_all(&pair);
    assert!(device.sent_frames() <= 3, "nothing but router solicitations goes out");
}
