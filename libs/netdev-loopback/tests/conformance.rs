//! The slot's suite, on a card that is both ends of its wire.

use kit_iface_netdev::NetDevice;
use kit_iface_netdev::conformance::{self, Pair};
use kit_netdev_loopback::Loopback;

kit_util_host_test::bind!();

#[test]
fn the_card_conforms() {
    static CARD: Loopback<8> = Loopback::new();
    let now_ns = &kit_util_host_test::reexport::kit_iface_clock::monotonic_ns;
    conformance::check(&Pair { near: &CARD, far: &CARD, now_ns, seed: 3, in_flight: 8 });
}

#[test]
fn the_smallest_card_conforms() {
    static CARD: Loopback<2> = Loopback::new();
    let now_ns = &kit_util_host_test::reexport::kit_iface_clock::monotonic_ns;
    conformance::check(&Pair { near: &CARD, far: &CARD, now_ns, seed: 4, in_flight: 2 });
}

#[test]
fn a_frame_that_is_too_long_is_refused() {
    static CARD: Loopback<2> = Loopback::new();
    let capabilities = CARD.start().unwrap();
    assert!(CARD.transmit(capabilities.mtu + 15, |_| panic!("there is no such buffer")).is_none());
    assert!(CARD.can_transmit() && !CARD.can_receive());
}
