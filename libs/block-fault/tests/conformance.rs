//! The slot's suite around a disk in memory, and each accident.

use kit_block_fault::{Fault, Faults};
use kit_iface_block::fake::MemoryDisk;
use kit_iface_block::{BlockDevice, BlockError, Disk, SECTOR_BYTES, conformance};
use kit_iface_platform::fake::FakePlatform;

kit_util_host_test::bind!();

type Disks = Fault<MemoryDisk, FakePlatform>;

fn disks(sectors: u64, line: &'static [u8], faults: Faults) -> (&'static MemoryDisk, Disks) {
    let medium: &MemoryDisk = Box::leak(Box::new(MemoryDisk::new(sectors)));
    let platform = Box::leak(Box::new(FakePlatform::new(line)));
    (medium, Fault::new(medium, platform, faults))
}

#[test]
fn without_accidents_it_conforms() {
    let (medium, disks) = disks(8192, b"", Faults::NONE);
    conformance::all(&disks, Disk(0));
    conformance::absent(&disks, Disk(1));
    disks.flush(Disk(0)).unwrap();
    let mut read = vec![0; 8192 * SECTOR_BYTES];
    disks.read(Disk(0), 0, &mut read).unwrap();
    assert!(read == medium.contents() && read == medium.durable());
}

#[test]
fn a_cut_at_any_step_loses_only_what_was_not_flushed() {
    let mut lost = 0;
    for seed in 0..300 {
        let cut_after = 3 + seed % 37;
        let (medium, disks) = disks(64, b"", Faults { seed, cut_after, ..Faults::NONE });
        let now = || {
            disks.cut();
            medium.durable()
        };
        lost += conformance::what_was_flushed_survives(&disks, Disk(0), seed, 60, now);
        assert_eq!(disks.start(Disk(0)), Err(BlockError::Failed), "the power is off");
        assert_eq!(disks.read(Disk(0), 0, &mut [0; SECTOR_BYTES]), Err(BlockError::Failed));
        assert_eq!(disks.write(Disk(0), 0, &[0; SECTOR_BYTES]), Err(BlockError::Failed));
        assert_eq!(disks.flush(Disk(0)), Err(BlockError::Failed));
    }
    assert!(lost > 1000, "{lost}");
}

#[test]
fn the_same_seed_is_the_same_accident() {
    let run = |seed| {
        let (medium, disks) = disks(64, b"", Faults { seed, cut_after: 20, ..Faults::NONE });
        for step in 0..20 {
            let _ = disks.write(Disk(0), step % 7, &[step as u8 + 1; SECTOR_BYTES * 3]);
        }
        medium.durable()
    };
    assert!(run(5) == run(5));
    assert!((6..12).any(|seed| run(seed) != run(5)), "other seeds are other accidents");
}

#[test]
fn a_torn_sector_is_half_old_and_half_new() {
    let mut kinds = [0; 2];
    for seed in 0..200 {
        let (medium, disks) = disks(
            64,
            b"kit.block-fault.tears=1 kit.block-fault.cut-after=4",
            Faults { seed, ..Faults::NONE },
        );
        disks.write(Disk(0), 0, &[1; 8 * SECTOR_BYTES]).unwrap();
        disks.flush(Disk(0)).unwrap();
        disks.write(Disk(0), 0, &[2; 8 * SECTOR_BYTES]).unwrap();
        assert_eq!(disks.write(Disk(0), 0, &[3; 8 * SECTOR_BYTES]), Err(BlockError::Failed));
        let durable = medium.durable();
        let torn = durable[..8 * SECTOR_BYTES].chunks(SECTOR_BYTES).filter(|sector| {
            let (first, second) = sector.split_at(SECTOR_BYTES / 2);
            assert!(
                first.iter().all(|byte| *byte == first[0]) && second.iter().all(|byte| *byte == second[0])
            );
            assert!(first[0] >= second[0], "the second half is the older one");
            first[0] != second[0]
        });
        let torn = torn.count();
        assert!(torn <= 1, "{torn}");
        kinds[torn] += 1;
    }
    assert_eq!(kinds, [0, 200], "each cut has torn one");
}

#[test]
fn bad_sectors_are_always_bad() {
    let (_, disks) = disks(1000, b"", Faults { bad_per_million: 50_000, ..Faults::NONE });
    disks.start(Disk(0)).unwrap();
    let bad = |sector: &u64| disks.read(Disk(0), *sector, &mut [0; SECTOR_BYTES]) == Err(BlockError::Medium);
    let found: Vec<u64> = (0..1000).filter(bad).collect();
    assert!((20..100).contains(&found.len()), "{}", found.len());
    for sector in found {
        assert_eq!(disks.write(Disk(0), sector, &[0; SECTOR_BYTES]), Err(BlockError::Medium));
        assert!(bad(&sector));
    }
}

#[test]
fn a_failing_write_stores_some_of_its_sectors() {
    let (_, disks) = disks(64, b"", Faults { errors_per_million: 1_000_000, ..Faults::NONE });
    assert_eq!(disks.write(Disk(0), 0, &[9; 64 * SECTOR_BYTES]), Err(BlockError::Medium));
    let mut read = vec![0; 64 * SECTOR_BYTES];
    disks.read(Disk(0), 0, &mut read).unwrap();
    let stored = read.chunks(SECTOR_BYTES).filter(|sector| sector[0] == 9).count();
    assert!((10..54).contains(&stored), "{stored}");
}

#[test]
fn after_a_reboot_the_survivors_are_there() {
    let (medium, disks) = disks(64, b"kit.block-fault.cut-after=3", Faults::NONE);
    disks.write(Disk(0), 0, &[1; SECTOR_BYTES]).unwrap();
    disks.flush(Disk(0)).unwrap();
    assert_eq!(disks.write(Disk(0), 1, &[2; SECTOR_BYTES]), Err(BlockError::Failed));
    assert_eq!(disks.steps(), 3);
    disks.reboot(Faults::NONE);
    let mut read = vec![0; 64 * SECTOR_BYTES];
    disks.read(Disk(0), 0, &mut read).unwrap();
    assert!(read[..SECTOR_BYTES] == [1; SECTOR_BYTES] && read == medium.durable());
    assert_eq!(disks.steps(), 0);
}

#[test]
fn what_does_not_fit_the_cache_is_written_back() {
    let (medium, disks) = disks(8192, b"", Faults::NONE);
    for start in (0..8192).step_by(64) {
        disks.write(Disk(0), start, &[4; 64 * SECTOR_BYTES]).unwrap();
    }
    let below = medium.contents().chunks(SECTOR_BYTES).filter(|sector| sector[0] == 4).count();
    assert!((4096..8192).contains(&below), "{below}");
}
