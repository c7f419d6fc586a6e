//! Streams over a wire that loses frames and lets them overtake each other.

mod common;

use common::{config, ip, wired};
use kit_iface_net::conformance::{Pair, check_closing, check_streams};

kit_util_host_test::bind!();

#[test]
fn everything_arrives_in_the_end() {
    // Each loss costs smoltcp's shortest retransmission time-out, a second of the ambient clock.
    kit_util_host_test::set_clock_speed(10);
    let ((server, near), (client, far)) = wired!(config("10.0.1.1/24"), config("10.0.1.2/24"));
    near.set_faults(31, 7);
    far.set_faults(29, 5);
    let pair = Pair { server, client, address: ip("10.0.1.1"), bulk_bytes: 40_000, first_port: 5000 };
    check_streams(&pair);
    check_closing(&pair);
}
