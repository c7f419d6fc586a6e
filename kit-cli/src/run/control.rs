//! The control channel: what an image tells kit beside its console. Lines `exit N`, `fault KIND ADDRESS…` and
//! `share NAME OFFSET BYTES`.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::{AsRawFd, RawFd};

use rustix::fs::{MemfdFlags, memfd_create};

use crate::{Failure, Result};

/// The channel: a file in memory that the child inherits.
pub struct Channel(File);

/// What an image said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The exit code.
    pub exit: Option<u8>,
    /// Faults of the OS.
    pub faults: Vec<Fault>,
    /// Memory that it shares.
    pub shares: Vec<Share>,
}

/// Memory that an image shares, in the file of [`super::shared`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// What it is, a word.
    pub name: String,
    /// Where it begins in the file.
    pub offset: u64,
    /// How long it is.
    pub bytes: u64,
}

/// A fault of the OS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its kind, a word.
    pub kind: String,
    /// The backtrace, innermost first.
    pub addresses: Vec<u64>,
}

impl Channel {
    /// Makes an empty channel, which children inherit.
    pub fn new() -> Result<Self> {
        let file = memfd_create("kit-control", MemfdFlags::empty());
        file.map(|file| Self(file.into()))
            .map_err(|error| Failure::failed(format!("cannot make a channel: {error}")))
    }

    /// Its number in the child.
    pub fn descriptor(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Reads what has been said.
    pub fn read(&mut self) -> Said {
        let mut bytes = Vec::new();
        let _ = self.0.rewind();
        let _ = self.0.read_to_end(&mut bytes);
        parse(&String::from_utf8_lossy(&bytes))
    }
}

fn parse(text: &str) -> Said {
    let mut said = Said::default();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("exit") => said.exit = words.next().and_then(|word| word.parse().ok()),
            Some("fault") => {
                let kind = words.next().unwrap_or("unknown").to_string();
                let addresses = words.filter_map(|word| u64::from_str_radix(word, 16).ok()).collect();
                said.faults.push(Fault { kind, addresses });
            }
            Some("share") => said.shares.extend(share(words)),
            _ => {}
        }
    }
    said
}

fn share<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<Share> {
    let name = words.next()?.to_string();
    let mut number = || u64::from_str_radix(words.next()?, 16).ok();
    Some(Share { name, offset: number()?, bytes: number()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_is_said_is_heard() {
        let mut channel = Channel::new().unwrap();
        channel
            .0
            .write_all(b"share trace 20000 1000\nshare x\nfault page-fault 101000 10f0a2\nnoise\nexit 70\n")
            .unwrap();
        let said = channel.read();
        assert_eq!(said.exit, Some(70));
        let fault = Fault { kind: "page-fault".into(), addresses: vec![0x10_1000, 0x10_f0a2] };
        assert_eq!(said.faults, [fault]);
        assert_eq!(said.shares, [Share { name: "trace".into(), offset: 0x2_0000, bytes: 0x1000 }]);
    }

    #[test]
    fn silence_is_no_exit_code() {
        assert_eq!(Channel::new().unwrap().read(), Said::default());
    }
}
