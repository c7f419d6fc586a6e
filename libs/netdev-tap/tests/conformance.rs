//! The slot's suite over the real thing: taps of the host's kernel, in a network namespace of the test's own; and over
//! inherited descriptors, which need no right at all.

use kit_iface_netdev::conformance::{self, Pair};
use kit_iface_netdev::{NetDevice, NetDeviceError};
use kit_iface_platform::fake::FakePlatform;
use kit_netdev_tap::Tap;
use kit_util_host_test::descriptors::PumpIrq;
use kit_util_linux::{InterfaceName, attach_tap, open_tap_device};
use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::{Duration, Instant};

kit_util_host_test::bind!();

type Card = Tap<FakePlatform, PumpIrq>;

static IRQ: PumpIrq = PumpIrq;

/// A card whose process was started with these options, and whose configuration says `tap0`.
fn card(options: &str) -> &'static Card {
    let options: &'static str = options.to_string().leak();
    let platform: &'static FakePlatform = Box::leak(Box::new(FakePlatform::new(options.as_bytes())));
    Box::leak(Box::new(Tap::new(platform, &IRQ, "tap0")))
}

/// Moves this thread, and those that it starts, into a network namespace of its own.
fn own_namespace() {
    // SAFETY: changes which network this thread sees, and no memory.
    let result = unsafe { libc::unshare(libc::CLONE_NEWNET) };
    let error = std::io::Error::last_os_error();
    assert_eq!(result, 0, "a network namespace needs root, as in CI: {error}");
    // The kernel's own neighbour discovery is no part of the test.
    std::fs::write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1").expect("the namespace can be configured");
}

/// Runs `ip` and returns what it prints.
fn ip(arguments: &str) -> String {
    let output = Command::new("ip").args(arguments.split(' ')).output().expect("iproute2 is installed");
    assert!(output.status.success(), "ip {arguments}: {output:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}

#[test]
fn two_taps_on_a_bridge_conform() {
    own_namespace();
    let [near, far] = ["tap0", "tap1"].map(|tap| {
        let descriptor = open_tap_device().expect("root may open it");
        attach_tap(descriptor, InterfaceName::new(tap.as_bytes()).expect("a name")).expect("it is free");
        card(&format!("kit.tap=fd:{descriptor}"))
    });
    // A bridge that takes part in no protocol.
    ip("link add bridge0 type bridge mcast_snooping 0 stp_state 0");
    for tap in ["tap0", "tap1"] {
        ip(&format!("link set {tap} master bridge0 up"));
    }
    ip("link set bridge0 up");
    let start = Instant::now();
    for tap in ["tap0", "tap1"] {
        while !ip(&format!("-details link show {tap}")).contains("state forwarding") {
            assert!(start.elapsed() < Duration::from_secs(20), "{tap} is not part of the bridge");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    let now_ns = &kit_util_host_test::reexport::kit_iface_clock::monotonic_ns;
    conformance::check(&Pair { near, far, now_ns, seed: 5, in_flight: 64 });
}

#[test]
fn inherited_descriptors_conform() {
    let (near, far) = UnixDatagram::pair().expect("sockets are free");
    let [near, far] = [near, far].map(|end| card(&format!("kit.tap=fd:{}", end.into_raw_fd())));
    let now_ns = &kit_util_host_test::reexport::kit_iface_clock::monotonic_ns;
    conformance::check(&Pair { near, far, now_ns, seed: 6, in_flight: 8 });
}

#[test]
fn the_mtu_is_the_interfaces() {
    own_namespace();
    ip("tuntap add tap0 mode tap");
    ip("link set tap0 mtu 1300 up");
    let card = card("");
    assert_eq!(card.start().map(|capabilities| capabilities.mtu), Ok(1300));
    assert!(card.transmit(1300 + 19, |_| panic!("there is no such buffer")).is_none());
}

#[test]
fn what_cannot_be_opened_is_refused() {
    own_namespace();
    ip("tuntap add busy0 mode tap");
    let first = card("kit.tap=busy0");
    assert!(first.start().is_ok());
    for options in
        ["kit.tap=busy0", "kit.tap=lo", "kit.tap=sixteen--letters", "kit.tap=fd:x", "kit.tap=fd:999"]
    {
        let card = card(options);
        assert_eq!(card.start(), Err(NetDeviceError::Failed), "{options}");
        assert!(!card.can_receive() && !card.can_transmit());
    }
}
