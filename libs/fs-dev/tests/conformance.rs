//! The filesystem slot's suite, and the numbers.

use kit_fs_dev::DevFs;
use kit_iface_fs::{FileSystem, FsError, NodeKind, conformance};

kit_util_host_test::bind!();

#[test]
fn keeps_the_slots_promises() {
    conformance::all(&DevFs::new());
}

#[test]
fn has_the_numbers_of_linux() {
    use std::os::unix::fs::MetadataExt;
    let fs = DevFs::new();
    let root = fs.root().expect("it starts");
    for name in ["null", "zero", "full", "random", "urandom", "tty", "console"] {
        let node = fs.lookup(&root, name.as_bytes()).expect(name);
        let here = fs.metadata(&node);
        // A container may have no console.
        let Ok(host) = std::fs::metadata(format!("/dev/{name}")) else { continue };
        if u64::from(host.rdev() as u32) >> 8 == 136 {
            continue;
        }
        assert_eq!(here.kind, NodeKind::Device(host.rdev() as u32), "{name}");
        assert_eq!(fs.read(&node, 0, &mut [0]), Err(FsError::Invalid));
    }
    assert_eq!(fs.lookup(&root, b"sda").err(), Some(FsError::NotFound));
}
