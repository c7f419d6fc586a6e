//! The two files that name resolution reads on Unix: `/etc/hosts` (hosts(5)) and `/etc/resolv.conf`
//! (resolv.conf(5)). What cannot be read or parsed is as good as absent.

use alloc::vec::Vec;
use core::ffi::CStr;
use core::net::IpAddr;
use kit_util_linux::{close, open_for_reading, read};

/// Longer files are cut here.
const MOST_BYTES: usize = 256 * 1024;
const STEP_BYTES: usize = 4096;

/// The whole of a small file; empty if it cannot be read.
pub(crate) fn load(path: &CStr) -> Vec<u8> {
    let mut contents = Vec::new();
    let Ok(descriptor) = open_for_reading(path) else { return contents };
    while contents.len() < MOST_BYTES && contents.try_reserve(STEP_BYTES).is_ok() {
        let length = contents.len();
        contents.resize(length + STEP_BYTES, 0);
        let count = read(descriptor, &mut contents[length..]).unwrap_or(0);
        contents.truncate(length + count);
        if count == 0 {
            break;
        }
    }
    let _ = close(descriptor);
    contents
}

/// Calls `found` for each address that `/etc/hosts` has for `name`. Names are compared without case.
pub(crate) fn look_up(hosts: &[u8], name: &str, found: &mut dyn FnMut(IpAddr)) {
    for mut words in lines(hosts) {
        let Some(address) = words.next().and_then(|word| word.parse().ok()) else { continue };
        if words.any(|word| word.eq_ignore_ascii_case(name)) {
            found(address);
        }
    }
}

/// The name servers of `/etc/resolv.conf`, in order. A scope (`fe80::1%eth0`) is not understood.
pub(crate) fn name_servers(configuration: &[u8]) -> impl Iterator<Item = IpAddr> {
    lines(configuration).filter_map(|mut words| {
        let is_server = words.next() == Some("nameserver");
        words.next().filter(|_| is_server)?.parse().ok()
    })
}

/// Words of each line, up to a comment.
fn lines(contents: &[u8]) -> impl Iterator<Item = core::str::SplitAsciiWhitespace<'_>> {
    contents.split(|byte| *byte == b'\n').map(|line| {
        let line = line.split(|byte| matches!(byte, b'#' | b';')).next().unwrap_or_default();
        core::str::from_utf8(line).unwrap_or_default().split_ascii_whitespace()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_by_any_alias() {
        let hosts = b"# local\n127.0.0.1\tlocalhost  Box # here\n::1 localhost\nnonsense x\n10.0.0.1 other";
        let look = |name| {
            let mut all = Vec::new();
            look_up(hosts, name, &mut |address| all.push(address));
            all
        };
        assert_eq!(look("LOCALHOST"), ["127.0.0.1".parse::<IpAddr>().unwrap(), "::1".parse().unwrap()]);
        assert_eq!(look("box"), ["127.0.0.1".parse::<IpAddr>().unwrap()]);
        assert_eq!(look("other"), ["10.0.0.1".parse::<IpAddr>().unwrap()]);
        assert!(look("x").is_empty() && look("here").is_empty() && look("127.0.0.1").is_empty());
    }

    #[test]
    fn name_servers_are_found_in_order() {
        let configuration =
            b"; comment\nsearch example.org\nnameserver 10.0.0.2\n nameserver ::1 # x\nnameserver bad";
        let servers: Vec<IpAddr> = name_servers(configuration).collect();
        assert_eq!(servers, ["10.0.0.2".parse::<IpAddr>().unwrap(), "::1".parse().unwrap()]);
    }

    #[test]
    fn a_missing_file_is_empty() {
        assert!(load(c"/no/such/file").is_empty());
        assert!(!load(c"/proc/self/status").is_empty());
    }
}
