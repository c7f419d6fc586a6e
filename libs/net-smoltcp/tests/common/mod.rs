//! Stacks to test with.

use kit_net_smoltcp::{Config, Written};
use std::net::IpAddr;

/// The defaults, with this IPv4 address.
pub const fn config(address: &'static str) -> Config {
    Config {
        addresses: addresses(address, ""),
        sockets: 256,
        tcp_receive_bytes: 4096,
        tcp_send_bytes: 4096,
        udp_receive_bytes: 16_384,
        time_wait: 8,
        watch_us: 0,
    }
}

/// An IPv4 address and a name server.
pub const fn addresses(address: &'static str, name_server: &'static str) -> Written {
    Written { address, gateway: "", name_server, command_line: || b"" }
}

/// Two stacks with these addresses, joined by a wire of their own.
#[allow(unused_macros, reason = "not every test needs a wire")]
macro_rules! wired {
    ($near:expr, $far:expr) => {{
        use kit_iface_netdev::fake::FakeDevice;
        static NEAR_DEVICE: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 1]);
        static FAR_DEVICE: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 2]);
        static NEAR: kit_net_smoltcp::Stack<FakeDevice> = kit_net_smoltcp::Stack::new(&NEAR_DEVICE, $near);
        static FAR: kit_net_smoltcp::Stack<FakeDevice> = kit_net_smoltcp::Stack::new(&FAR_DEVICE, $far);
        FakeDevice::join(&NEAR_DEVICE, &FAR_DEVICE);
        ((&NEAR, &NEAR_DEVICE), (&FAR, &FAR_DEVICE))
    }};
}
#[allow(unused_imports, reason = "not every test needs a wire")]
pub(crate) use wired;

/// An address.
#[allow(dead_code, reason = "not every test needs one")]
pub fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}
