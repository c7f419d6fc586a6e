//! The slot's suite, and what it costs.

use kit_block_ram::RamDisk;
use kit_iface_alloc::Heap;
use kit_iface_block::{BlockDevice, BlockError, Disk, SECTOR_BYTES, conformance};
use kit_util_host_test::HostHeap;

kit_util_host_test::bind!();

#[test]
fn a_disk_in_memory_conforms() {
    static DISK: RamDisk<2048> = RamDisk::new();
    conformance::all(&DISK, Disk(0));
    conformance::absent(&DISK, Disk(1));
}

#[test]
fn a_size_that_is_no_multiple_of_a_page_conforms() {
    static DISK: RamDisk<33> = RamDisk::new();
    assert_eq!(DISK.read(Disk(0), 0, &mut [0; SECTOR_BYTES]), Err(BlockError::Absent), "it was not started");
    conformance::all(&DISK, Disk(0));
}

#[test]
fn what_was_never_written_is_zero_and_takes_no_memory() {
    static DISK: RamDisk<1_048_576> = RamDisk::new();
    let before = HostHeap.usage().used;
    DISK.start(Disk(0)).unwrap();
    let mut sector = [1; SECTOR_BYTES];
    DISK.read(Disk(0), 2_000_000, &mut sector).unwrap();
    assert_eq!(sector, [0; SECTOR_BYTES]);
    DISK.write(Disk(0), 7, &[1; 2 * SECTOR_BYTES]).unwrap();
    DISK.read(Disk(0), 6, &mut sector).unwrap();
    assert_eq!(sector, [0; SECTOR_BYTES], "the rest of a page is zero");
    // Ambient allocations of other tests may come in between; a GiB they are not.
    assert!(HostHeap.usage().used - before < 64 << 20);
}
