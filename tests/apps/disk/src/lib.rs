//! Works on disks without a filesystem, and says what it found: the first argument is what to do, the second the
//! number of the disk.
//!
//! `conform` runs the suite of the slot; `write N` fills the first sectors with N and flushes; `read N` checks them;
//! `geometry` prints what the disk says of itself.
#![no_std]

extern crate alloc;

use alloc::vec;
use core::fmt::{self, Write};
use kit_iface_block::{BlockDevice, BlockError, Disk, SECTOR_BYTES, conformance};
use kit_native::{System, WithDisks};

/// Sectors that `write` fills and `read` checks.
const SECTORS: usize = 16;

struct Console<'a, S>(&'a S);

impl<S: System> Write for Console<'_, S> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// The application; what it returns is the exit code: 1 for an error of the disk, 3 for wrong contents.
pub fn main(system: &(impl System + WithDisks)) -> u8 {
    let mut console = Console(system);
    match run(system, &mut console) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(console, "{error:?}");
            1
        }
    }
}

fn run(system: &(impl System + WithDisks), console: &mut impl Write) -> Result<u8, BlockError> {
    let (disks, disk) = (system.disks(), Disk(number(system, 2)));
    let geometry = disks.start(disk)?;
    let mut word = [0; 16];
    match system.argument(1, &mut word) {
        Some(b"conform") => conformance::all(disks, disk),
        Some(b"readonly") => conformance::read_only(disks, disk),
        Some(b"write") => {
            disks.write(disk, 0, &vec![number(system, 3); SECTORS * SECTOR_BYTES])?;
            disks.flush(disk)?;
        }
        Some(b"read") => {
            let mut found = vec![0; SECTORS * SECTOR_BYTES];
            disks.read(disk, 0, &mut found)?;
            if found.iter().any(|byte| *byte != number(system, 3)) {
                return Ok(3);
            }
        }
        _ => {}
    }
    let _ = writeln!(console, "{} sectors, read-only {}", geometry.sectors, geometry.is_read_only);
    Ok(0)
}

fn number(system: &impl System, index: usize) -> u8 {
    let mut digits = [0; 3];
    let digits = system.argument(index, &mut digits);
    digits.and_then(|digits| core::str::from_utf8(digits).ok()?.parse().ok()).unwrap_or(0)
}
