//! Stacks to test with.

use std::net::IpAddr;

use kit_iface_netdev::fake::FakeDevice;
use kit_net_udpmini::{Room, Stack, Written};

/// A stack with small tables.
pub type Mini = Stack<FakeDevice, 12, 12, 4>;
/// Its memory.
pub type Memory = Room<FakeDevice, 12, 12, 4>;

/// An IPv4 address and a name server.
pub const fn addresses(address: &'static str, name_server: &'static str) -> Written {
    Written { address, gateway: "", name_server, command_line: || b"" }
}

/// A static stack with this device and IPv4 address.
#[allow(unused_macros, reason = "not every test needs a wire")]
macro_rules! stack {
    ($name:ident, $device:ident, $mac:expr, $address:expr) => {
        static $device: kit_iface_netdev::fake::FakeDevice =
            kit_iface_netdev::fake::FakeDevice::new([2, 0, 0, 0, 0, $mac]);
        static $name: common::Mini = {
            static ROOM: common::Memory = common::Memory::new();
            common::Mini::new(&$device, &ROOM, $address)
        };
    };
}
#[allow(unused_imports, reason = "not every test needs a wire")]
pub(crate) use stack;

/// An address.
#[allow(dead_code, reason = "not every test needs one")]
pub fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}
