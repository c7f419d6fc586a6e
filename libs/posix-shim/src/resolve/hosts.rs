//! `/etc/hosts` (hosts(5)): lines of an address and its names.

use alloc::vec;
use alloc::vec::Vec;
use core::net::IpAddr;
use kit_iface_fs::FileSystem;
use kit_iface_image::WithFs;

/// The most that is read of the file.
const LENGTH_MAX: u64 = 64 * 1024;

/// Calls `keep` with each address of `name`; whether there was one.
pub fn find<I: WithFs>(name: &str, keep: &mut dyn FnMut(IpAddr)) -> bool {
    read::<I>().is_some_and(|text| find_in(&text, name, keep))
}

fn read<I: WithFs>() -> Option<Vec<u8>> {
    let fs = I::fs();
    let directory = fs.lookup(&fs.root().ok()?, b"etc").ok()?;
    let file = fs.lookup(&directory, b"hosts").ok()?;
    let mut text = vec![0; fs.metadata(&file).size.min(LENGTH_MAX) as usize];
    let length = fs.read(&file, 0, &mut text).ok()?;
    text.truncate(length);
    Some(text)
}

fn find_in(text: &[u8], name: &str, keep: &mut dyn FnMut(IpAddr)) -> bool {
    let mut found = false;
    for line in text.split(|byte| *byte == b'\n').filter_map(|line| core::str::from_utf8(line).ok()) {
        let mut words = line.split('#').next().unwrap_or_default().split_ascii_whitespace();
        let Some(address) = words.next().and_then(|word| word.parse().ok()) else { continue };
        if words.any(|word| word.eq_ignore_ascii_case(name)) {
            keep(address);
            found = true;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_all_addresses_of_a_name() {
        let text = b"# 9.9.9.9 box\n10.0.0.1\tbox Box2 # box3\n\n::1 other\nnonsense box\nfe80::1 BOX\n";
        let look = |name| {
            let mut found = Vec::new();
            find_in(text, name, &mut |address| found.push(alloc::format!("{address}")));
            found
        };
        assert_eq!(look("box"), ["10.0.0.1", "fe80::1"]);
        assert_eq!(look("box2"), ["10.0.0.1"]);
        assert!(look("box3").is_empty());
    }
}
