//! What the configuration and the command line say about a stack's addresses.

use core::net::{IpAddr, Ipv4Addr};
use core::str::FromStr;

/// Longest value that is looked at; addresses are shorter.
const MOST_BYTES: usize = 64;

/// Values as they were written: from Kconfig, and the command line that wins over them.
#[derive(Clone, Copy)]
pub struct Written {
    /// `NET_IP`: `"dhcp"`, `"none"`, or `a.b.c.d/len`.
    pub address: &'static str,
    /// `NET_GATEWAY`: the router's IPv4 address, for a static address; empty for none.
    pub gateway: &'static str,
    /// `NET_DNS`: the name server's address; empty to use what DHCP says.
    pub name_server: &'static str,
    /// The command line, which is only looked at on first use: `kit.ip=`, `kit.gw=` and `kit.dns=` say what
    /// `address`, `gateway` and `name_server` say, and win.
    pub command_line: fn() -> &'static [u8],
}

/// Where the IPv4 address comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Address {
    /// Nowhere: there is none.
    None,
    /// From a DHCP server.
    Dhcp,
    /// From the configuration.
    Static {
        /// The machine's own.
        address: Ipv4Addr,
        /// How much of it names the network; at most 32.
        prefix_length: u8,
    },
}

/// The settings that count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The IPv4 address.
    pub address: Address,
    /// The IPv4 router.
    pub gateway: Option<Ipv4Addr>,
    /// A name server that wins over what DHCP says.
    pub name_server: Option<IpAddr>,
}

/// A value that is not what its setting takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadValue {
    text: [u8; MOST_BYTES],
    length: usize,
}

impl Written {
    /// Reads the command line and parses everything.
    pub fn read(&self) -> Result<Settings, BadValue> {
        let line = (self.command_line)();
        Ok(Settings {
            address: value(line, "ip", self.address, Address::parse)?,
            gateway: value(line, "gw", self.gateway, optional)?,
            name_server: value(line, "dns", self.name_server, optional)?,
        })
    }
}

impl BadValue {
    /// As it was written, cut where it gets long.
    pub fn text(&self) -> &str {
        let bytes = &self.text[..self.length];
        core::str::from_utf8(bytes).unwrap_or("(not UTF-8)")
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

/// The setting `name` of the command line, or else the `default` of the configuration.
fn value<T>(
    line: &[u8],
    name: &str,
    default: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, BadValue> {
    let mut bad = BadValue { text: [0; MOST_BYTES], length: 0 };
    let bytes = match kit_util_cmdline::option(line, name) {
        Some(written) => {
            for (place, byte) in bad.text.iter_mut().zip(written.bytes()) {
                *place = byte;
                bad.length += 1;
            }
            // What was cut is no address any more, whatever it begins with.
            if written.bytes().nth(MOST_BYTES).is_some() {
                return Err(bad);
            }
            &bad.text[..bad.length]
        }
        None => default.as_bytes(),
    };
    core::str::from_utf8(bytes).ok().and_then(parse).ok_or_else(|| {
        if bad.length == 0 {
            bad.length = default.len().min(MOST_BYTES);
            bad.text[..bad.length].copy_from_slice(&default.as_bytes()[..bad.length]);
        }
        bad
    })
}

/// A value that may be empty.
fn optional<T: FromStr>(text: &str) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &'static str, command_line: fn() -> &'static [u8]) -> Result<Settings, BadValue> {
        Written { address, gateway: "", name_server: "", command_line }.read()
    }

    #[test]
    fn the_command_line_wins() {
        let line: fn() -> &'static [u8] =
            || b"app \"x kit.gw=9\" kit.ip=10.0.2.15/24 kit.gw=10.0.2.2 kit.dns=::1";
        let found = read("dhcp", line).unwrap();
        let address = Address::Static { address: Ipv4Addr::new(10, 0, 2, 15), prefix_length: 24 };
        assert_eq!(found.address, address);
        assert_eq!(found.gateway, Some(Ipv4Addr::new(10, 0, 2, 2)));
        assert_eq!(found.name_server, Some("::1".parse().unwrap()));
        assert_eq!(read("dhcp", || b"").unwrap().address, Address::Dhcp);
    }

    #[test]
    fn nonsense_is_an_error_that_shows_it() {
        let text =
            |result: Result<Settings, BadValue>| *result.unwrap_err().text().as_bytes().first().unwrap();
        assert_eq!(read("10.0.2.15/33", || b"").unwrap_err().text(), "10.0.2.15/33");
        assert_eq!(read("dhcp", || b"kit.gw=x").unwrap_err().text(), "x");
        let long =
            || &b"kit.ip=10.0.2.15/0000000000000000000000000000000000000000000000000000000000000000024"[..];
        assert_eq!(text(read("dhcp", long)), b'1');
    }
}
