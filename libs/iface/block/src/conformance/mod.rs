//! What every block device must do; an implementation's tests call [`all`] for a writable disk, [`read_only`] for one
//! that is not, and [`what_was_flushed_survives`] where they can cut the power. Buffers are on the heap: a disk is
//! tested inside an image, too, on whatever stack that has.
//!
//! `model` random work beside a model of the disk · `threads` several callers at once

extern crate alloc;

mod model;
mod threads;

use crate::{BlockDevice, BlockError, Disk, Geometry, SECTOR_BYTES};
use alloc::vec;

pub use model::{random_work, what_was_flushed_survives};
pub use threads::many_callers;

/// The seed of the suite's random work. Panics name what was done last; the work is the same each time.
pub const SEED: u64 = 0x6b69_7464_6973_6b73;

/// Checks a writable disk of at least 64 sectors. Destroys what is on it. Starts threads.
///
/// # Panics
/// Where a promise of [`BlockDevice`] does not hold.
pub fn all(device: &impl BlockDevice, disk: Disk) {
    let geometry = starts(device, disk);
    assert!(!geometry.is_read_only, "the suite writes");
    what_was_written_is_read(device, disk);
    ends_of_the_disk(device, disk, geometry);
    any_alignment_of_buffers(device, disk);
    big_transfers(device, disk, geometry);
    random_work(device, disk, SEED, 300);
    many_callers(device, disk);
}

/// Checks a disk of at least 64 sectors that cannot be written.
///
/// # Panics
/// Where a promise of [`BlockDevice`] does not hold.
pub fn read_only(device: &impl BlockDevice, disk: Disk) {
    let geometry = starts(device, disk);
    assert!(geometry.is_read_only);
    let (mut before, mut after) = (vec![0; 2 * SECTOR_BYTES], vec![0; 2 * SECTOR_BYTES]);
    device.read(disk, 1, &mut before).expect("it reads");
    let other: vec::Vec<u8> = before.iter().map(|byte| !byte).collect();
    assert_eq!(device.write(disk, 1, &other), Err(BlockError::ReadOnly));
    assert_eq!(device.flush(disk), Ok(()), "nothing is all that there was to flush");
    device.read(disk, 1, &mut after).expect("it reads");
    assert_eq!(before, after, "a refused write changes nothing");
    assert_eq!(device.read(disk, geometry.sectors, &mut after), Err(BlockError::OutOfRange));
}

/// A disk that is not there is absent, whoever asks.
///
/// # Panics
/// If it is there, or answers otherwise.
pub fn absent(device: &impl BlockDevice, disk: Disk) {
    assert_eq!(device.start(disk), Err(BlockError::Absent));
    assert_eq!(device.start(disk), Err(BlockError::Absent), "asking twice changes nothing");
}

fn starts(device: &impl BlockDevice, disk: Disk) -> Geometry {
    let geometry = device.start(disk).expect("the disk starts");
    assert_eq!(device.start(disk), Ok(geometry), "a second start answers the same");
    assert!(geometry.sectors >= 64, "the suite needs 64 sectors");
    let physical = geometry.physical_bytes;
    assert!(physical.is_power_of_two() && physical >= SECTOR_BYTES as u32, "{physical}");
    geometry
}

fn what_was_written_is_read(device: &impl BlockDevice, disk: Disk) {
    let (mut written, mut read) = (vec![0; 4 * SECTOR_BYTES], vec![0; 4 * SECTOR_BYTES]);
    for (index, byte) in written.iter_mut().enumerate() {
        *byte = (index / 7) as u8;
    }
    device.write(disk, 3, &written).expect("it writes");
    device.read(disk, 3, &mut read).expect("it reads");
    assert_eq!(read, written);
    device.write(disk, 4, &vec![0xaa; SECTOR_BYTES]).expect("it writes");
    device.flush(disk).expect("it flushes");
    device.read(disk, 3, &mut read).expect("it reads");
    written[SECTOR_BYTES..2 * SECTOR_BYTES].fill(0xaa);
    assert_eq!(read, written);
}

fn ends_of_the_disk(device: &impl BlockDevice, disk: Disk, geometry: Geometry) {
    let mut two = vec![0x5a; 2 * SECTOR_BYTES];
    let last = geometry.sectors - 1;
    device.write(disk, last - 1, &two).expect("the last sectors are sectors");
    assert_eq!(device.read(disk, last, &mut two), Err(BlockError::OutOfRange));
    let other = vec![0x11; 2 * SECTOR_BYTES];
    assert_eq!(device.write(disk, last, &other), Err(BlockError::OutOfRange));
    assert_eq!(device.write(disk, u64::MAX, &other), Err(BlockError::OutOfRange));
    assert_eq!(device.read(disk, u64::MAX, &mut []), Err(BlockError::OutOfRange));
    assert_eq!(device.read(disk, 0, &mut two[1..]), Err(BlockError::OutOfRange));
    assert_eq!(device.write(disk, 0, &other[..SECTOR_BYTES + 1]), Err(BlockError::OutOfRange));
    assert_eq!(device.read(disk, geometry.sectors, &mut []), Ok(()), "nothing is everywhere");
    assert_eq!(device.write(disk, geometry.sectors, &[]), Ok(()), "nothing is everywhere");
    two.fill(0);
    assert_eq!(device.read(disk, last - 1, &mut two), Ok(()));
    assert!(two.iter().all(|byte| *byte == 0x5a), "a refused write changes nothing");
}

/// A buffer may begin at any byte.
fn any_alignment_of_buffers(device: &impl BlockDevice, disk: Disk) {
    let mut room = vec![0; 3 * SECTOR_BYTES];
    for offset in [1, 3, 8, 511] {
        let mark = 0x80 | offset as u8;
        room.fill(mark);
        device.write(disk, 8, &room[offset..offset + 2 * SECTOR_BYTES]).expect("it writes");
        room.fill(0);
        device.read(disk, 8, &mut room[offset..offset + 2 * SECTOR_BYTES]).expect("it reads");
        let inside = |at: &usize| (offset..offset + 2 * SECTOR_BYTES).contains(at);
        for (at, byte) in room.iter().enumerate() {
            assert_eq!(*byte, if inside(&at) { mark } else { 0 }, "byte {at} of a buffer at {offset}");
        }
    }
}

/// A transfer of the whole disk, or of as much of it as a test can hold, is one call.
fn big_transfers(device: &impl BlockDevice, disk: Disk, geometry: Geometry) {
    let sectors = geometry.sectors.min(3 * 1024 + 5);
    let number = |at: usize| crate::random::mix(at as u64);
    let mut buffer = vec![0; sectors as usize * SECTOR_BYTES];
    for (at, word) in buffer.chunks_exact_mut(8).enumerate() {
        word.copy_from_slice(&number(at).to_le_bytes());
    }
    device.write(disk, 0, &buffer).expect("it writes");
    buffer.fill(0);
    device.read(disk, 0, &mut buffer).expect("it reads");
    for (at, word) in buffer.chunks_exact(8).enumerate() {
        assert_eq!(word, number(at).to_le_bytes(), "word {at}");
    }
}
