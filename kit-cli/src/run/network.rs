//! The network that QEMU plays for a guest, and the guest's place in it.

use std::net::Ipv4Addr;
use std::path::Path;

use super::ports::Forward;

/// QEMU's own network, unless the configuration fixes another address.
const GUEST: (Ipv4Addr, u8) = (Ipv4Addr::new(10, 0, 2, 15), 24);

/// The guest's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    guest: Ipv4Addr,
    prefix: u8,
    /// Whether the image knows its address without being told.
    is_configured: bool,
}

/// The address that `.config` of an image fixes.
pub fn configured_address(output: &Path) -> Option<String> {
    let text = std::fs::read_to_string(output.join(".config")).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix("CONFIG_NET_IP="))?;
    Some(value.trim_matches('"').to_string()).filter(|address| !address.is_empty())
}

impl Network {
    /// The network around an address like `10.0.0.2/24`; without one, or with one that is not IPv4, QEMU's own.
    pub fn around(address: Option<&str>) -> Self {
        let parsed = address.and_then(|address| {
            let (guest, prefix) = address.split_once('/')?;
            Some((guest.parse().ok()?, prefix.parse().ok().filter(|prefix| (1..=30).contains(prefix))?))
        });
        let (guest, prefix) = parsed.unwrap_or(GUEST);
        Self { guest, prefix, is_configured: parsed.is_some() }
    }

    /// An address of the network other than the guest's, counted from its first.
    fn neighbour(&self, number: u32) -> Ipv4Addr {
        let base = u32::from(self.guest) & !(u32::MAX >> self.prefix);
        let own = u32::from(self.guest) - base;
        Ipv4Addr::from(base + if number < own { number } else { number + 1 })
    }

    /// The argument of `-netdev`.
    pub fn device(&self, forwards: &[Forward]) -> String {
        let mut text = "user,id=n0".to_string();
        if self.is_configured {
            let base = Ipv4Addr::from(u32::from(self.guest) & !(u32::MAX >> self.prefix));
            text.push_str(&format!(
                ",net={base}/{},host={},dns={}",
                self.prefix,
                self.neighbour(1),
                self.neighbour(2)
            ));
        }
        for Forward { host, guest, is_udp } in forwards {
            let protocol = if *is_udp { "udp" } else { "tcp" };
            text.push_str(&format!(",hostfwd={protocol}:127.0.0.1:{host}-{}:{guest}", self.guest));
        }
        text
    }

    /// What the image is told: an address spares it the wait for DHCP.
    pub fn settings(&self) -> Vec<(String, String)> {
        if self.is_configured {
            return Vec::new();
        }
        vec![
            ("ip".into(), format!("{}/{}", self.guest, self.prefix)),
            ("gw".into(), Ipv4Addr::new(10, 0, 2, 2).to_string()),
            ("dns".into(), Ipv4Addr::new(10, 0, 2, 3).to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_network_is_told_to_the_image() {
        let network = Network::around(None);
        let forward = Forward { host: 8080, guest: 80, is_udp: false };
        assert_eq!(network.device(&[forward]), "user,id=n0,hostfwd=tcp:127.0.0.1:8080-10.0.2.15:80");
        assert_eq!(network.settings()[0], ("ip".to_string(), "10.0.2.15/24".to_string()));
    }

    #[test]
    fn a_configured_address_makes_its_network() {
        let network = Network::around(Some("10.0.0.2/24"));
        let forward = Forward { host: 53, guest: 53, is_udp: true };
        assert_eq!(
            network.device(&[forward]),
            "user,id=n0,net=10.0.0.0/24,host=10.0.0.1,dns=10.0.0.3,hostfwd=udp:127.0.0.1:53-10.0.0.2:53"
        );
        assert!(network.settings().is_empty());
    }
}
