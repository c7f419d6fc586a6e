//! The slot's suite around the fake pair, and that frames are told.

use kit_iface_netdev::NetDevice;
use kit_iface_netdev::conformance::{self, Pair};
use kit_iface_netdev::fake::FakeDevice;
use kit_iface_trace::Event;
use kit_iface_trace::fake::FakeTrace;
use kit_netdev_trace::Traced;
use std::sync::Mutex;

kit_util_host_test::bind!();

#[test]
fn the_wrapped_card_conforms() {
    static NEAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 1]);
    static FAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 2]);
    static TRACE: FakeTrace = FakeTrace(|_| ());
    static TRACED: Traced<FakeDevice, FakeTrace> = Traced::new(&NEAR, &TRACE);
    FakeDevice::join(&NEAR, &FAR);
    let now_ns = &kit_util_host_test::reexport::kit_iface_clock::monotonic_ns;
    conformance::check(&Pair { near: &TRACED, far: &FAR, now_ns, seed: 1, in_flight: 8 });
}

#[test]
fn each_frame_is_an_event() {
    static NEAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 3]);
    static FAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 4]);
    static SEEN: Mutex<Vec<Event>> = Mutex::new(Vec::new());
    static TRACE: FakeTrace = FakeTrace(|event| SEEN.lock().unwrap().push(event));
    static TRACED: Traced<FakeDevice, FakeTrace> = Traced::new(&NEAR, &TRACE);
    FakeDevice::join(&NEAR, &FAR);
    TRACED.start().unwrap();
    FAR.start().unwrap();
    TRACED.transmit(60, |frame| frame.fill(1)).unwrap();
    FAR.transmit(1514, |frame| frame.fill(2)).unwrap();
    assert_eq!(TRACED.receive(|frame| frame.len()), Some(1514));
    assert_eq!(TRACED.receive(|_| ()), None);
    assert_eq!(*SEEN.lock().unwrap(), [Event::FrameOut { bytes: 60 }, Event::FrameIn { bytes: 1514 }]);
}
