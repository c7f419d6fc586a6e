//! A disk in memory that loses power after a number of writes, and of what was not flushed keeps any sectors.

use super::Random;
use kit_iface_block::{BlockDevice, BlockError, Disk, Geometry, SECTOR_BYTES};
use std::sync::{Mutex, MutexGuard};

pub struct CutDisk(Mutex<State>);

struct State {
    /// What reads see.
    now: Vec<u8>,
    /// What was flushed.
    durable: Vec<u8>,
    /// Sectors written since, in order.
    pending: Vec<(usize, Vec<u8>)>,
    /// Writes and flushes before the power fails.
    steps_left: u64,
    has_power: bool,
    /// Sectors that can be neither read nor written.
    bad: Vec<u64>,
    is_read_only: bool,
    writes: u64,
    flushes: u64,
}

impl CutDisk {
    /// A blank disk, for good: filesystems want `'static` devices.
    pub fn leak(kibibytes: usize) -> &'static Self {
        let now = vec![0; kibibytes << 10];
        Box::leak(Box::new(Self(Mutex::new(State {
            durable: now.clone(),
            now,
            pending: Vec::new(),
            steps_left: u64::MAX,
            has_power: true,
            bad: Vec::new(),
            is_read_only: false,
            writes: 0,
            flushes: 0,
        }))))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics in here")
    }

    /// Lets the power fail in the middle of the write or flush after `steps` more.
    pub fn cut_after(&self, steps: u64) {
        self.state().steps_left = steps;
    }

    pub fn has_power(&self) -> bool {
        self.state().has_power
    }

    /// Power comes back: of what was not flushed, each sector is there with a chance that is itself random, and one
    /// may be torn.
    pub fn restore(&self, random: &mut Random) {
        let mut state = self.state();
        let percent = [0, 10, 50, 90, 100][random.below(5) as usize];
        let pending = std::mem::take(&mut state.pending);
        let torn = random.below(pending.len() as u64 * 2 + 1) as usize;
        for (index, (at, bytes)) in pending.into_iter().enumerate() {
            // One sector may be half old and half new.
            let kept = if index == torn { SECTOR_BYTES / 2 } else { SECTOR_BYTES };
            if random.chance(percent) {
                state.durable[at..at + kept].copy_from_slice(&bytes[..kept]);
            }
        }
        state.now = state.durable.clone();
        (state.has_power, state.steps_left) = (true, u64::MAX);
    }

    /// What is on the disk now.
    pub fn contents(&self) -> Vec<u8> {
        self.state().now.clone()
    }

    /// Puts `bytes` on the disk, durably.
    pub fn fill(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.now = bytes.to_vec();
        state.durable = bytes.to_vec();
        state.pending.clear();
        (state.has_power, state.steps_left) = (true, u64::MAX);
    }

    pub fn set_bad(&self, sectors: &[u64]) {
        self.state().bad = sectors.to_vec();
    }

    pub fn set_read_only(&self, is_read_only: bool) {
        self.state().is_read_only = is_read_only;
    }

    /// Writes and flushes so far.
    pub fn traffic(&self) -> (u64, u64) {
        let state = self.state();
        (state.writes, state.flushes)
    }
}

impl State {
    fn step(&mut self) -> Result<(), BlockError> {
        self.has_power = self.steps_left > 0;
        self.steps_left = self.steps_left.saturating_sub(1);
        if self.has_power { Ok(()) } else { Err(BlockError::Failed) }
    }

    fn range(&self, sector: u64, length: usize) -> Result<std::ops::Range<usize>, BlockError> {
        if !self.has_power {
            return Err(BlockError::Failed);
        }
        let last = sector.saturating_add((length / SECTOR_BYTES) as u64);
        if !length.is_multiple_of(SECTOR_BYTES) || last > (self.now.len() / SECTOR_BYTES) as u64 {
            return Err(BlockError::OutOfRange);
        }
        if self.bad.iter().any(|bad| (sector..last).contains(bad)) {
            return Err(BlockError::Medium);
        }
        let start = sector as usize * SECTOR_BYTES;
        Ok(start..start + length)
    }
}

impl BlockDevice for CutDisk {
    fn start(&self, _disk: Disk) -> Result<Geometry, BlockError> {
        let state = self.state();
        let mut geometry = Geometry::of((state.now.len() / SECTOR_BYTES) as u64);
        geometry.is_read_only = state.is_read_only;
        Ok(geometry)
    }

    fn read(&self, _disk: Disk, sector: u64, buffer: &mut [u8]) -> Result<(), BlockError> {
        let state = self.state();
        buffer.copy_from_slice(&state.now[state.range(sector, buffer.len())?]);
        Ok(())
    }

    fn write(&self, _disk: Disk, sector: u64, bytes: &[u8]) -> Result<(), BlockError> {
        let mut state = self.state();
        let range = state.range(sector, bytes.len())?;
        assert!(!state.is_read_only, "a read-only disk is not written");
        state.writes += 1;
        for (index, bytes) in bytes.chunks(SECTOR_BYTES).enumerate() {
            state.pending.push((range.start + index * SECTOR_BYTES, bytes.to_vec()));
        }
        // The write during which the power fails may leave any of its sectors, as those before it may.
        state.step()?;
        state.now[range].copy_from_slice(bytes);
        Ok(())
    }

    fn flush(&self, _disk: Disk) -> Result<(), BlockError> {
        let mut state = self.state();
        state.range(0, 0)?;
        state.step()?;
        state.flushes += 1;
        for (at, bytes) in std::mem::take(&mut state.pending) {
            state.durable[at..at + SECTOR_BYTES].copy_from_slice(&bytes);
        }
        Ok(())
    }
}
