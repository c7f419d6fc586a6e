//! Forwarded ports: `-p HOST:GUEST[/udp]`.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::str::FromStr;

use crate::{Failure, Result};

/// The port that web servers take unless `PORT` says otherwise.
pub const USUAL: u16 = 8080;

/// A forwarded port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forward {
    /// Port of 127.0.0.1; 0 for any that is free.
    pub host: u16,
    /// Port of the guest.
    pub guest: u16,
    /// UDP instead of TCP.
    pub is_udp: bool,
}

impl FromStr for Forward {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self> {
        let (pair, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let (host, guest) = pair.split_once(':').unwrap_or((pair, pair));
        let number = |text: &str| text.parse::<u16>().ok();
        match (number(host), number(guest).filter(|port| *port > 0), protocol) {
            (Some(host), Some(guest), "tcp" | "udp") => Ok(Self { host, guest, is_udp: protocol == "udp" }),
            _ => Err(Failure::usage(format!(
                "port `{text}`: write HOST:GUEST or HOST:GUEST/udp, both 1 to 65535, such as 8080:80"
            ))),
        }
    }
}

impl Forward {
    /// The same with a host port that is free now, or why it is not.
    pub fn claimed(self) -> Result<Self> {
        let address = (Ipv4Addr::LOCALHOST, self.host);
        let bound = match self.is_udp {
            true => UdpSocket::bind(address).and_then(|socket| socket.local_addr()),
            false => TcpListener::bind(address).and_then(|listener| listener.local_addr()),
        };
        match bound {
            Ok(address) => Ok(Self { host: address.port(), ..self }),
            Err(error) => Err(self.refused(&error.to_string())),
        }
    }

    /// Whether QEMU complained that it could not have this port.
    pub fn is_refused_by(self, complaints: &str) -> bool {
        let protocol = if self.is_udp { "udp" } else { "tcp" };
        let rule = format!("forwarding rule '{protocol}:127.0.0.1:{}-", self.host);
        complaints.contains(&rule)
    }

    /// That this host port cannot be had, and what to do.
    pub fn refused(self, why: &str) -> Failure {
        let next = self.host.checked_add(1).unwrap_or(1024);
        let protocol = if self.is_udp { "/udp" } else { "" };
        Failure::failed(format!(
            "cannot listen on port {} of 127.0.0.1: {why}; choose another by -p {next}:{}{protocol}",
            self.host, self.guest
        ))
    }
}

/// The forward for an app that listens, when none was asked for: its own port, or any that is free.
pub fn usual(guest: u16) -> Option<Forward> {
    let same = Forward { host: guest, guest, is_udp: false };
    same.claimed().or_else(|_| Forward { host: 0, ..same }.claimed()).ok()
}

/// The port that the app's environment names.
pub fn wanted(port: Option<&String>) -> u16 {
    port.and_then(|port| port.parse().ok()).filter(|port| *port > 0).unwrap_or(USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwards_are_read() {
        assert_eq!("8080:80".parse(), Ok(Forward { host: 8080, guest: 80, is_udp: false }));
        assert_eq!("53:5353/udp".parse(), Ok(Forward { host: 53, guest: 5353, is_udp: true }));
        assert_eq!("8080".parse(), Ok(Forward { host: 8080, guest: 8080, is_udp: false }));
        for wrong in ["80:http", "80:99999", "80:0", ":", "80:80/sctp", ""] {
            let failure = wrong.parse::<Forward>().unwrap_err();
            assert_eq!(failure.code, 2);
            assert!(failure.message.contains(wrong));
        }
    }

    #[test]
    fn a_taken_port_is_refused_and_avoided() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let failure = Forward { host: port, guest: 80, is_udp: false }.claimed().unwrap_err();
        assert!(failure.message.contains(&format!("port {port} of 127.0.0.1")), "{}", failure.message);
        let free = usual(port).unwrap();
        assert_ne!(free.host, port);
        assert_eq!(free.guest, port);
    }
}
