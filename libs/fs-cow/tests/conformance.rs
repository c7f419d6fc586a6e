//! The filesystem slot's suite on a disk in memory, before and after a remount.

use kit_fs_cow::check::check;
use kit_fs_cow::{CowFs, Limits};
use kit_iface_block::{Disk, fake::MemoryDisk};
use kit_iface_fs::{FileSystem, conformance};

kit_util_host_test::bind!();

#[test]
fn keeps_the_slots_promises() {
    let disk: &'static MemoryDisk = Box::leak(Box::new(MemoryDisk::new(2048 * 8)));
    let limits = Limits { cache_kib: 128, commit_seconds: 5 };
    for _ in 0..2 {
        let fs = CowFs::new(disk, Disk(0), limits);
        conformance::all(&fs);
        let root = fs.root().expect("a mounted disk");
        fs.sync(&root).expect("what is left is durable");
        drop((root, fs));
        let report = check(disk, Disk(0)).expect("the disk is consistent");
        assert_eq!(
            (report.files, report.directories, report.orphans),
            (0, 1, 0),
            "the suite cleans up: {report:?}"
        );
    }
}
