//! Random work, compared with a model that knows what each sector may hold.

extern crate alloc;

use super::starts;
use crate::random::{Random, mix};
use crate::{BlockDevice, Disk, SECTOR_BYTES};
use alloc::vec;
use alloc::vec::Vec;

/// Sectors that the work is about; few, so that they are written again and again.
const SECTORS: u64 = 48;
/// The longest transfer, in sectors.
const LONGEST: u64 = 9;

/// What sectors may hold. The contents of a sector are told by one number, from which all its bytes follow.
struct Model {
    /// For each sector: what was flushed last, then what was written since, the newest at the end.
    versions: Vec<Vec<u64>>,
    next: u64,
}

impl Model {
    /// A disk whose sectors are all written and flushed.
    fn fresh(device: &impl BlockDevice, disk: Disk, seed: u64) -> Self {
        let mut model = Self { versions: vec![Vec::new(); SECTORS as usize], next: mix(seed) };
        let bytes = model.write(0, SECTORS);
        device.write(disk, 0, &bytes).expect("it writes");
        device.flush(disk).expect("it flushes");
        model.flush();
        model
    }

    /// New contents for `count` sectors.
    fn write(&mut self, sector: u64, count: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        for versions in &mut self.versions[sector as usize..(sector + count) as usize] {
            self.next += 1;
            versions.push(self.next);
            bytes.extend_from_slice(&contents(self.next));
        }
        bytes
    }

    fn flush(&mut self) {
        for versions in &mut self.versions {
            versions.drain(..versions.len() - 1);
        }
    }

    /// Checks what a read of `sector` and those behind it found.
    fn check_read(&self, sector: u64, found: &[u8]) {
        for (sector, found) in (sector as usize..).zip(found.chunks_exact(SECTOR_BYTES)) {
            let newest = self.versions[sector].last().map(|version| contents(*version));
            assert!(
                newest.is_some_and(|newest| newest == found),
                "sector {sector} is not what was written last"
            );
        }
    }
}

/// The bytes of a sector, each word another one: half a sector is no sector.
fn contents(version: u64) -> [u8; SECTOR_BYTES] {
    let mut bytes = [0; SECTOR_BYTES];
    for (at, word) in bytes.chunks_exact_mut(8).enumerate() {
        word.copy_from_slice(&mix(version << 8 | at as u64).to_le_bytes());
    }
    bytes
}

/// One step of the work. An error ends it: the power is gone.
fn step<D: BlockDevice>(
    device: &D,
    disk: Disk,
    model: &mut Model,
    random: &mut Random,
) -> Result<(), crate::BlockError> {
    let count = 1 + random.below(LONGEST);
    let sector = random.below(SECTORS - count + 1);
    match random.below(8) {
        0 => {
            device.flush(disk)?;
            model.flush();
        }
        1..=3 => {
            let mut found = vec![0; count as usize * SECTOR_BYTES];
            device.read(disk, sector, &mut found)?;
            model.check_read(sector, &found);
        }
        _ => {
            let bytes = model.write(sector, count);
            device.write(disk, sector, &bytes)?;
        }
    }
    Ok(())
}

/// `steps` random reads, writes and flushes of the first 48 sectors, each read compared with a model.
///
/// # Panics
/// Where a read finds anything but what was written last, or an operation fails.
pub fn random_work(device: &impl BlockDevice, disk: Disk, seed: u64, steps: u32) {
    starts(device, disk);
    let mut model = Model::fresh(device, disk, seed);
    let mut random = Random::new(seed);
    for number in 0..steps {
        if let Err(error) = step(device, disk, &mut model, &mut random) {
            panic!("step {number} of seed {seed}: {error:?}");
        }
    }
}

/// Random work until `steps` are done or the device fails; then `cut` cuts the power, if that has not happened yet,
/// and answers the sectors that the medium holds, from the first one on. Each must be one that was written to its
/// place since what was flushed last, or that. Returns how many sectors lost something: all of these tests together
/// should lose some.
///
/// # Panics
/// If a flushed sector is lost, or a sector holds what was never written there.
pub fn what_was_flushed_survives(
    device: &impl BlockDevice,
    disk: Disk,
    seed: u64,
    steps: u32,
    cut: impl FnOnce() -> Vec<u8>,
) -> usize {
    starts(device, disk);
    let mut model = Model::fresh(device, disk, seed);
    let mut random = Random::new(seed);
    for _ in 0..steps {
        if step(device, disk, &mut model, &mut random).is_err() {
            break;
        }
    }
    let medium = cut();
    let mut lost = 0;
    for (sector, (versions, found)) in
        model.versions.iter().zip(medium.chunks_exact(SECTOR_BYTES)).enumerate()
    {
        let survivor = versions.iter().rposition(|version| contents(*version) == found);
        let Some(survivor) = survivor else {
            panic!("seed {seed}: sector {sector} holds neither what was flushed nor what was written since");
        };
        lost += usize::from(survivor + 1 < versions.len());
    }
    lost
}
