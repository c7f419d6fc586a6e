//! What every block device must do; an implementation's tests call [`all`].

use crate::{BlockDevice, BlockError, Disk, Geometry, SECTOR_BYTES};

/// Checks a writable disk of at least 64 sectors. Destroys what is on it.
///
/// # Panics
/// Where a promise of [`BlockDevice`] does not hold.
pub fn all(device: &impl BlockDevice, disk: Disk) {
    let geometry = device.start(disk).expect("the disk starts");
    assert_eq!(device.start(disk), Ok(geometry), "a second start answers the same");
    assert!(geometry.sectors >= 64, "the suite needs 64 sectors");
    what_was_written_is_read(device, disk);
    ends_of_the_disk(device, disk, geometry);
}

fn what_was_written_is_read(device: &impl BlockDevice, disk: Disk) {
    let (mut written, mut read) = ([0; 4 * SECTOR_BYTES], [0; 4 * SECTOR_BYTES]);
    for (index, byte) in written.iter_mut().enumerate() {
        *byte = (index / 7) as u8;
    }
    device.write(disk, 3, &written).expect("it writes");
    device.read(disk, 3, &mut read).expect("it reads");
    assert_eq!(read, written);
    device.write(disk, 4, &[0xaa; SECTOR_BYTES]).expect("it writes");
    device.flush(disk).expect("it flushes");
    device.read(disk, 3, &mut read).expect("it reads");
    written[SECTOR_BYTES..2 * SECTOR_BYTES].fill(0xaa);
    assert_eq!(read, written);
}

fn ends_of_the_disk(device: &impl BlockDevice, disk: Disk, geometry: Geometry) {
    let mut two = [0; 2 * SECTOR_BYTES];
    let last = geometry.sectors - 1;
    assert_eq!(device.read(disk, last - 1, &mut two), Ok(()));
    assert_eq!(device.read(disk, last, &mut two), Err(BlockError::OutOfRange));
    assert_eq!(device.write(disk, last, &two), Err(BlockError::OutOfRange));
    assert_eq!(device.write(disk, u64::MAX, &two), Err(BlockError::OutOfRange));
    assert_eq!(device.read(disk, 0, &mut two[1..]), Err(BlockError::OutOfRange));
    assert_eq!(device.read(disk, geometry.sectors, &mut []), Ok(()), "nothing is everywhere");
}
