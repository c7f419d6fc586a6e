//! Which accidents happen, from the configuration and the command line.

use kit_iface_block::Disk;
use kit_iface_block::random::{Random, mix};
use kit_util_cmdline::option;

/// Accidents to play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// What the dice begin with.
    pub seed: u64,
    /// The number of the write or flush during which the power is cut, from 1; 0 for never.
    pub cut_after: u64,
    /// Whether the cut leaves one sector half written.
    pub tears: bool,
    /// How many sectors in a million are bad.
    pub bad_per_million: u32,
    /// How many writes in a million fail half way.
    pub errors_per_million: u32,
}

impl Faults {
    /// No accident.
    pub const NONE: Self =
        Self { seed: 1, cut_after: 0, tears: false, bad_per_million: 0, errors_per_million: 0 };

    /// The same, changed by what the command line says in `kit.block-fault.…`.
    pub(crate) fn overruled_by(self, line: &[u8]) -> Self {
        let number = |name, usual| option(line, name).and_then(|text| text.number()).unwrap_or(usual);
        let share = |name, usual: u32| number(name, usual.into()).min(1_000_000) as u32;
        Self {
            seed: number("block-fault.seed", self.seed),
            cut_after: number("block-fault.cut-after", self.cut_after),
            tears: number("block-fault.tears", self.tears.into()) != 0,
            bad_per_million: share("block-fault.bad-per-million", self.bad_per_million),
            errors_per_million: share("block-fault.errors-per-million", self.errors_per_million),
        }
    }

    /// Whether a sector is bad: always the same ones for a seed.
    pub(crate) fn is_bad(&self, disk: Disk, sector: u64) -> bool {
        let place = mix(self.seed ^ mix(u64::from(disk.0) << 56 ^ sector));
        Random::new(place).per_million(self.bad_per_million)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_overrules() {
        let line =
            b"app kit.block-fault.seed=9 kit.block-fault.tears=1 kit.block-fault.bad-per-million=9999999";
        let faults = Faults { cut_after: 5, ..Faults::NONE }.overruled_by(line);
        let expected =
            Faults { seed: 9, cut_after: 5, tears: true, bad_per_million: 1_000_000, errors_per_million: 0 };
        assert_eq!(faults, expected);
        assert_eq!(Faults::NONE.overruled_by(b"app kit.block-fault.seed=x"), Faults::NONE);
    }

    #[test]
    fn as_many_sectors_are_bad_as_was_said() {
        let faults = Faults { bad_per_million: 100_000, ..Faults::NONE };
        let bad = (0..10_000).filter(|sector| faults.is_bad(Disk(0), *sector)).count();
        assert!((800..1200).contains(&bad), "{bad}");
        assert!((0..10_000).all(|sector| !Faults::NONE.is_bad(Disk(0), sector)));
    }
}
