//! The arithmetic of rates.

/// Nanoseconds per tick, as a fixed-point number with 32 fractional bits: exact to 2^-30 at 4 GHz.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scale(u64);

impl Scale {
    pub(super) const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    pub(super) const fn to_raw(self) -> u64 {
        self.0
    }

    /// So many kHz; `None` for zero.
    pub(super) const fn from_khz(khz: u64) -> Option<Self> {
        match (1_000_000u64 << 32).checked_div(khz) {
            Some(raw) => Some(Self(raw)),
            None => None,
        }
    }

    /// `ticks` passed in `ns`; `None` if either is zero.
    pub(super) const fn from_sample(ns: u32, ticks: u64) -> Option<Self> {
        if ns == 0 {
            return None;
        }
        match ((ns as u64) << 32).checked_div(ticks) {
            Some(raw) => Some(Self(raw)),
            None => None,
        }
    }

    /// As kvmclock states it: ns = (ticks << shift) * multiplier >> 32, a negative shift going right.
    pub(super) const fn from_kvmclock(multiplier: u32, shift: i8) -> Self {
        let multiplier = multiplier as u64;
        Self(if shift >= 0 { multiplier << shift } else { multiplier >> -shift })
    }

    #[inline]
    pub(super) const fn ns(self, ticks: u64) -> u64 {
        ((ticks as u128 * self.0 as u128) >> 32) as u64
    }

    /// The inverse, rounded up; saturates.
    pub(super) const fn ticks(self, ns: u64) -> u64 {
        let hertz = (1_000_000_000u64 << 32) / self.0;
        // Whole seconds and the rest apart: each product fits into 64 bits for any counter below 18 GHz.
        let (seconds, rest) = (ns / 1_000_000_000, ns % 1_000_000_000);
        seconds.saturating_mul(hertz).saturating_add(rest.saturating_mul(hertz) / 1_000_000_000 + 1)
    }

    /// Whether `other` differs by less than 1/32.
    pub(super) const fn is_near(self, other: Self) -> bool {
        self.0.abs_diff(other.0) < self.0 >> 5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_agree_however_they_are_told() {
        let scale = Scale::from_khz(2_000_000).unwrap();
        assert_eq!(scale, Scale::from_sample(50_000, 100_000).unwrap());
        assert_eq!(scale, Scale::from_kvmclock(1 << 31, 0));
        assert_eq!(scale, Scale::from_kvmclock(1 << 30, 1));
        assert_eq!(scale.ns(4_000_000_000), 2_000_000_000);
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(Scale::from_khz(0), None);
        assert_eq!(Scale::from_sample(0, 1), None);
        assert_eq!(Scale::from_sample(1, 0), None);
    }

    #[test]
    fn centuries_do_not_overflow() {
        let scale = Scale::from_khz(3_000_000).unwrap();
        let century_ns = 100 * 365 * 86_400 * 1_000_000_000u64;
        assert!(scale.ns(century_ns * 3).abs_diff(century_ns) < 1_000_000_000);
    }

    #[test]
    fn ticks_is_the_inverse_and_never_early() {
        for khz in [1_000_000, 2_194_843, 3_000_000, 5_300_000] {
            let scale = Scale::from_khz(khz).unwrap();
            for ns in [0, 1, 999, 1_000_000, 123_456_789, 10_000_000_000, 86_400_000_000_000] {
                let back = scale.ns(scale.ticks(ns));
                assert!(back.abs_diff(ns) <= 1 + ns / 1_000_000, "{khz} kHz, {ns} ns: {back}");
            }
        }
        let scale = Scale::from_khz(3_000_000).unwrap();
        assert!(scale.ticks(u64::MAX - 1) > 1 << 62);
    }

    #[test]
    fn nearness() {
        let scale = Scale::from_khz(3_000_000).unwrap();
        assert!(scale.is_near(Scale::from_khz(3_050_000).unwrap()));
        assert!(!scale.is_near(Scale::from_khz(3_200_000).unwrap()));
    }
}
