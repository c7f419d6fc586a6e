//! The fake keeps the promises that it stands in for.

use kit_iface_netdev::conformance::{self, Pair};
use kit_iface_netdev::fake::{FakeDevice, Faults};
use kit_iface_netdev::{NetDevice, NetDeviceError};

kit_util_host_test::bind!();

#[test]
fn a_pair_conforms() {
    static NEAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 1]);
    static FAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 2]);
    FakeDevice::join(&NEAR, &FAR);
    let now_ns = &kit_util_host_test::reexport::kit_iface_clock::monotonic_ns;
    conformance::check(&Pair { near: &NEAR, far: &FAR, now_ns, seed: 1, in_flight: 8 });
}

#[test]
fn a_lonely_device_is_absent() {
    static LONELY: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 3]);
    assert_eq!(LONELY.start(), Err(NetDeviceError::Absent));
}

#[test]
fn faults_are_deterministic() {
    static NEAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 4]);
    static FAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 5]);
    FakeDevice::join(&NEAR, &FAR);
    NEAR.start().unwrap();
    FAR.start().unwrap();
    NEAR.set_faults(Faults { lose_every: 5, swap_every: 3, ..Faults::NONE });
    for number in 0..7u8 {
        NEAR.transmit(60, |frame| frame.fill(number)).unwrap();
    }
    let mut order = Vec::new();
    while let Some(number) = FAR.receive(|frame| frame[0]) {
        order.push(number);
    }
    assert_eq!(order, [0, 1, 3, 2, 6, 5], "the fifth is lost, the third and the sixth are overtaken");
}
