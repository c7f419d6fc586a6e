//! Streams over a wire that loses frames, spoils them, brings them twice and lets them overtake each other.

mod common;

use common::{config, ip, wired};
use kit_iface_net::conformance::{Pair, check_closing, check_random_work, check_streams};
use kit_iface_netdev::fake::Faults;

kit_util_host_test::bind!();

#[test]
fn everything_arrives_in_the_end() {
    // Each loss costs smoltcp's shortest retransmission time-out, a second of the ambient clock.
    kit_util_host_test::set_clock_speed(10);
    let ((server, near), (client, far)) = wired!(config("10.0.1.1/24"), config("10.0.1.2/24"));
    near.set_faults(Faults { lose_every: 31, swap_every: 7, duplicate_every: 13, corrupt_every: 37 });
    far.set_faults(Faults { lose_every: 29, swap_every: 5, duplicate_every: 11, corrupt_every: 41 });
    let pair = Pair { server, client, address: ip("10.0.1.1"), bulk_bytes: 40_000, first_port: 5000 };
    check_streams(&pair);
    check_closing(&pair);
    let seed = std::env::var("KIT_SEED").map_or(11, |seed| seed.parse().expect("KIT_SEED is a number"));
    println!("KIT_SEED={seed}");
    check_random_work(&pair, seed, 300);
}
