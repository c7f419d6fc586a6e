//! The wrapper itself.

use crate::cache::Cache;
use crate::faults::Faults;
use kit_iface_block::random::Random;
use kit_iface_block::{BlockDevice, BlockError, Disk, Geometry, SECTOR_BYTES, check_range};
use kit_iface_console::log_str;
use kit_iface_platform::Platform;
use kit_util_sync::SleepLock;

/// The disks `D`, with accidents.
pub struct Fault<D: 'static, P: 'static> {
    below: &'static D,
    platform: &'static P,
    configured: Faults,
    state: SleepLock<State>,
}

struct State {
    /// None before the first call, which looks at the command line.
    playing: Option<(Faults, Random)>,
    cache: Cache,
    /// Writes and flushes so far.
    steps: u64,
    is_cut: bool,
}

impl<D: BlockDevice, P: Platform> Fault<D, P> {
    /// Accidents of the disks `below`: those of `configured`, unless the command line of `platform` says otherwise.
    pub const fn new(below: &'static D, platform: &'static P, configured: Faults) -> Self {
        let state = State { playing: None, cache: Cache::new(), steps: 0, is_cut: false };
        Self { below, platform, configured, state: SleepLock::new(state) }
    }

    /// How many writes and flushes there have been since the start, or since [`Fault::reboot`].
    pub fn steps(&self) -> u64 {
        self.state.lock().steps
    }

    /// Cuts the power now, if that has not happened yet.
    pub fn cut(&self) {
        self.with(|state, _| state.cut(self.below));
    }

    /// The power is back: what was not flushed and has not survived is forgotten, steps are counted anew, and other
    /// accidents may be ahead. For tests; an image is started anew instead.
    pub fn reboot(&self, faults: Faults) {
        let mut state = self.state.lock();
        state.playing = Some((faults, Random::new(faults.seed)));
        state.cache.clear();
        state.steps = 0;
        state.is_cut = false;
    }

    fn with<R>(&self, work: impl FnOnce(&mut State, Faults) -> R) -> R {
        let mut state = self.state.lock();
        let configured = self.configured;
        let line = || self.platform.command_line();
        let (faults, _) = *state.playing.get_or_insert_with(|| {
            let faults = configured.overruled_by(line());
            (faults, Random::new(faults.seed))
        });
        work(&mut state, faults)
    }

    /// As [`Fault::with`], if the power is on and the sectors are on the disk.
    fn with_sectors<R>(
        &self,
        disk: Disk,
        sector: u64,
        bytes: usize,
        work: impl FnOnce(&mut State, Faults, Geometry) -> Result<R, BlockError>,
    ) -> Result<R, BlockError> {
        self.with(|state, faults| {
            if state.is_cut {
                return Err(BlockError::Failed);
            }
            let geometry = self.below.start(disk)?;
            check_range(geometry, sector, bytes)?;
            work(state, faults, geometry)
        })
    }
}

impl State {
    fn random(&mut self) -> &mut Random {
        // `with` has filled it.
        &mut self.playing.get_or_insert((Faults::NONE, Random::new(0))).1
    }

    /// Counts a write or flush. The one during which the power is cut has failed.
    fn step(&mut self, faults: Faults, below: &impl BlockDevice) -> Result<(), BlockError> {
        self.steps += 1;
        if self.steps != faults.cut_after {
            return Ok(());
        }
        self.cut(below);
        Err(BlockError::Failed)
    }

    fn cut(&mut self, below: &impl BlockDevice) {
        if self.is_cut {
            return;
        }
        self.is_cut = true;
        log_str("kit: block-fault cuts the power of the disks\n");
        let tears = self.playing.as_ref().is_some_and(|(faults, _)| faults.tears);
        let mut random = self.random().clone();
        self.cache.lose(below, &mut random, tears);
    }
}

impl<D: BlockDevice, P: Platform> BlockDevice for Fault<D, P> {
    fn start(&self, disk: Disk) -> Result<Geometry, BlockError> {
        self.with_sectors(disk, 0, 0, |_, _, geometry| Ok(geometry))
    }

    fn read(&self, disk: Disk, sector: u64, buffer: &mut [u8]) -> Result<(), BlockError> {
        self.with_sectors(disk, sector, buffer.len(), |state, faults, _| {
            let sectors = sector..sector + (buffer.len() / SECTOR_BYTES) as u64;
            if sectors.into_iter().any(|sector| faults.is_bad(disk, sector)) {
                return Err(BlockError::Medium);
            }
            self.below.read(disk, sector, buffer)?;
            state.cache.lay_over(disk, sector, buffer);
            Ok(())
        })
    }

    fn write(&self, disk: Disk, sector: u64, bytes: &[u8]) -> Result<(), BlockError> {
        self.with_sectors(disk, sector, bytes.len(), |state, faults, geometry| {
            if geometry.is_read_only {
                return Err(BlockError::ReadOnly);
            }
            if bytes.is_empty() {
                return Ok(());
            }
            if state.cache.is_full() {
                state.cache.write_back(self.below)?;
            }
            let fails = state.random().per_million(faults.errors_per_million);
            let mut outcome = if fails { Err(BlockError::Medium) } else { Ok(()) };
            for (sector, bytes) in (sector..).zip(bytes.as_chunks::<SECTOR_BYTES>().0) {
                if faults.is_bad(disk, sector) {
                    outcome = Err(BlockError::Medium);
                } else if !fails || state.random().below(2) == 0 {
                    state.cache.put(disk, sector, bytes);
                }
            }
            state.step(faults, self.below)?;
            outcome
        })
    }

    fn flush(&self, disk: Disk) -> Result<(), BlockError> {
        self.with_sectors(disk, 0, 0, |state, faults, geometry| {
            if geometry.is_read_only {
                return Ok(());
            }
            state.step(faults, self.below)?;
            // The caches of all disks: more than was asked for is no harm.
            state.cache.write_back(self.below)?;
            self.below.flush(disk)
        })
    }
}
