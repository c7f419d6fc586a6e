//! What the configuration and the command line say about the network.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr};

/// Numbers and names from Kconfig; the composed root writes one.
#[derive(Clone, Copy)]
pub struct Config {
    /// `"dhcp"`, `"none"`, or `a.b.c.d/len`.
    pub address: &'static str,
    /// The router's IPv4 address, for a static address; empty for none.
    pub gateway: &'static str,
    /// The name server's address; empty to use what DHCP says.
    pub name_server: &'static str,
    /// Most sockets that may exist at a time, connections in all states included.
    pub sockets: u32,
    /// Receive buffer of a stream, in bytes.
    pub tcp_receive_bytes: u32,
    /// Send buffer of a stream, in bytes.
    pub tcp_send_bytes: u32,
    /// Bytes of received datagrams that one socket may hold.
    pub udp_receive_bytes: u32,
    /// Most connections kept in `TIME_WAIT`; the oldest gives way.
    pub time_wait: u32,
    /// Microseconds for which the stack watches for the next frame before it sleeps; 0 for none.
    pub watch_us: u32,
    /// The command line, which is only looked at on first use: `kit.ip=`, `kit.gw=` and `kit.dns=` say what
    /// `address`, `gateway` and `name_server` say, and win.
    pub command_line: fn() -> &'static [u8],
}

/// Where the IPv4 address comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Address {
    None,
    Dhcp,
    Static { address: Ipv4Addr, prefix_length: u8 },
}

/// The settings that count, after the command line was heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Settings {
    pub address: Address,
    pub gateway: Option<Ipv4Addr>,
    pub name_server: Option<IpAddr>,
}

/// A value that is not what its setting takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BadValue(pub String);

impl Config {
    /// Reads the command line and parses everything.
    pub(crate) fn settings(&self) -> Result<Settings, BadValue> {
        let line = (self.command_line)();
        let text = |name, default: &str| match kit_util_cmdline::option(line, name) {
            Some(value) => String::from_utf8_lossy(&value.bytes().collect::<Vec<u8>>()).into_owned(),
            None => String::from(default),
        };
        let address = text("ip", self.address);
        Ok(Settings {
            address: Address::parse(&address).ok_or(BadValue(address))?,
            gateway: optional(text("gw", self.gateway))?,
            name_server: optional(text("dns", self.name_server))?,
        })
    }
}

impl Address {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "" | "none" => Some(Self::None),
            "dhcp" => Some(Self::Dhcp),
            _ => {
                let (address, length) = text.split_once('/').unwrap_or((text, "24"));
                let (address, prefix_length) = (address.parse().ok()?, length.parse().ok()?);
                (prefix_length <= 32).then_some(Self::Static { address, prefix_length })
            }
        }
    }
}

fn optional<T: core::str::FromStr>(text: String) -> Result<Option<T>, BadValue> {
    match text.as_str() {
        "" => Ok(None),
        _ => text.parse().map(Some).map_err(|_| BadValue(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(address: &'static str, line: fn() -> &'static [u8]) -> Result<Settings, BadValue> {
        let config = Config {
            address,
            gateway: "",
            name_server: "",
            sockets: 1,
            tcp_receive_bytes: 1,
            tcp_send_bytes: 1,
            udp_receive_bytes: 1,
            time_wait: 1,
            watch_us: 0,
            command_line: line,
        };
        config.settings()
    }

    #[test]
    fn the_command_line_wins() {
        let found =
            settings("dhcp", || b"app \"x kit.gw=9\" kit.ip=10.0.2.15/24 kit.gw=10.0.2.2 kit.dns=::1")
                .unwrap();
        let address = Address::Static { address: Ipv4Addr::new(10, 0, 2, 15), prefix_length: 24 };
        assert_eq!(found.address, address);
        assert_eq!(found.gateway, Some(Ipv4Addr::new(10, 0, 2, 2)));
        assert_eq!(found.name_server, Some("::1".parse().unwrap()));
        assert_eq!(settings("dhcp", || b"").unwrap().address, Address::Dhcp);
    }

    #[test]
    fn nonsense_is_an_error() {
        assert_eq!(settings("10.0.2.15/33", || b""), Err(BadValue("10.0.2.15/33".into())));
        assert_eq!(settings("dhcp", || b"kit.gw=x"), Err(BadValue("x".into())));
    }
}
