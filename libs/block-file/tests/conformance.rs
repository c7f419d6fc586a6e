//! The slot's suite, on files.

use kit_block_file::FileDisks;
use kit_iface_block::{BlockDevice, BlockError, Disk, SECTOR_BYTES, conformance};
use kit_iface_platform::fake::FakePlatform;
use std::path::PathBuf;

kit_util_host_test::bind!();

type Disks = FileDisks<FakePlatform, 3>;

/// A file of its own for each test, and what the command line says of it.
fn file(name: &str, sectors: usize) -> (PathBuf, String) {
    let path = std::env::temp_dir().join(format!("kit block-file {name} {}", std::process::id()));
    std::fs::write(&path, vec![7; sectors * SECTOR_BYTES]).unwrap();
    let text = path.display().to_string();
    (path, text)
}

fn disks(line: String) -> Disks {
    let platform = Box::leak(Box::new(FakePlatform::new(line.leak().as_bytes())));
    FileDisks::new(platform)
}

#[test]
fn a_file_conforms_and_holds_what_was_written() {
    let (path, name) = file("one", 4096);
    let disks = disks(format!("app kit.disk=\"{name}:rw\" kit.disk=/nowhere"));
    conformance::all(&disks, Disk(0));
    let last = [0xee; SECTOR_BYTES];
    disks.write(Disk(0), 4095, &last).unwrap();
    disks.flush(Disk(0)).unwrap();
    assert_eq!(std::fs::read(&path).unwrap()[4095 * SECTOR_BYTES..], last);
    conformance::absent(&disks, Disk(1));
    conformance::absent(&disks, Disk(2));
    conformance::absent(&disks, Disk(3));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn what_returned_is_in_the_file() {
    let (path, name) = file("cut", 64);
    let disks = disks(format!("kit.disk=\"{name}\""));
    let lost =
        conformance::what_was_flushed_survives(&disks, Disk(0), 3, 200, || std::fs::read(&path).unwrap());
    assert_eq!(lost, 0, "the host keeps what a process has written");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_file_that_is_only_read_conforms_and_is_shared() {
    let (path, name) = file("read-only", 64);
    let (first, second) =
        (disks(format!("kit.disk=\"{name}:ro\"")), disks(format!("kit.disk=\"{name}:ro\"")));
    conformance::read_only(&first, Disk(0));
    conformance::read_only(&second, Disk(0));
    let writer = disks(format!("kit.disk=\"{name}:rw\""));
    assert_eq!(writer.start(Disk(0)), Err(BlockError::Failed), "it is in use");
    std::fs::remove_file(path).unwrap();
}
