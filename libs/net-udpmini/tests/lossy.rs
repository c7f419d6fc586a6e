//! Datagrams over a wire that loses frames, spoils them, brings them twice and lets them overtake each other.

mod common;

use common::{addresses, ip, stack};
use kit_iface_net::conformance::{Pair, check_random_work};
use kit_iface_netdev::fake::{FakeDevice, Faults};

kit_util_host_test::bind!();

#[test]
fn what_arrives_is_what_was_sent() {
    stack!(SERVER, NEAR, 1, addresses("10.0.0.1/24", ""));
    stack!(CLIENT, FAR, 2, addresses("10.0.0.2/24", ""));
    FakeDevice::join(&NEAR, &FAR);
    NEAR.set_faults(Faults { lose_every: 31, swap_every: 7, duplicate_every: 13, corrupt_every: 3 });
    FAR.set_faults(Faults { lose_every: 5, swap_every: 3, duplicate_every: 2, corrupt_every: 4 });
    let seed = std::env::var("KIT_SEED").map_or(11, |seed| seed.parse().expect("KIT_SEED is a number"));
    println!("KIT_SEED={seed}");
    let pair =
        Pair { server: &SERVER, client: &CLIENT, address: ip("10.0.0.1"), bulk_bytes: 0, first_port: 5000 };
    check_random_work(&pair, seed, 50_000);
}
