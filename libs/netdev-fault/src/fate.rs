//! What becomes of a frame.

/// How often what happens, out of a thousand frames. What goes beyond a thousand in the order of the fields never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// What the faults follow from.
    pub seed: u64,
    /// Lost.
    pub drop: u32,
    /// One bit flipped behind the Ethernet header.
    pub corrupt: u32,
    /// Arrives twice.
    pub duplicate: u32,
    /// Arrives after the next one.
    pub reorder: u32,
    /// Arrives `delay_ms` later.
    pub delay: u32,
    /// How late delayed frames are, in milliseconds.
    pub delay_ms: u32,
}

impl Rates {
    /// Whether frames are ever held back.
    pub(crate) fn hold_back(&self) -> bool {
        self.duplicate > 0 || self.reorder > 0 || self.delay > 0
    }
}

/// What becomes of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Arrive,
    Drop,
    /// With this number, which says which bit.
    Corrupt(u64),
    Duplicate,
    Reorder,
    Delay,
}

/// Fates in a row.
pub(crate) struct Fates {
    rates: Rates,
    state: u64,
}

impl Fates {
    /// The fates of one direction; `lane` tells the two apart.
    pub fn new(rates: Rates, lane: u64) -> Self {
        // Seeds that differ by one shall not begin alike (SplitMix64's finaliser), and 0 is no state of xorshift.
        let mut state = rates.seed.wrapping_mul(2).wrapping_add(lane).wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ state >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self { rates, state: (state ^ state >> 31).max(1) }
    }

    fn random(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    /// What becomes of the next frame. As many numbers are drawn for each, so that rates do not move the others'.
    pub fn next(&mut self) -> Fate {
        let (chance, which) = ((self.random() >> 16) % 1000, self.random() >> 16);
        let Rates { drop, corrupt, duplicate, reorder, delay, .. } = self.rates;
        let fates = [
            (drop, Fate::Drop),
            (corrupt, Fate::Corrupt(which)),
            (duplicate, Fate::Duplicate),
            (reorder, Fate::Reorder),
            (delay, Fate::Delay),
        ];
        let mut below = 0;
        for (rate, fate) in fates {
            below += u64::from(rate);
            if chance < below {
                return fate;
            }
        }
        Fate::Arrive
    }
}

/// Flips one bit of an IP packet in an Ethernet frame; others are left alone.
pub(crate) fn corrupt(frame: &mut [u8], which: u64) {
    const HEADER_BYTES: usize = kit_iface_netdev::ETHERNET_HEADER_BYTES;
    let is_ip = matches!(frame.get(12..HEADER_BYTES), Some([0x08, 0x00] | [0x86, 0xdd]));
    if let Some(packet) = frame.get_mut(HEADER_BYTES..)
        && is_ip
        && !packet.is_empty()
    {
        let bit = which as usize % (packet.len() * 8);
        packet[bit / 8] ^= 1 << (bit % 8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: Rates =
        Rates { seed: 7, drop: 50, corrupt: 10, duplicate: 20, reorder: 30, delay: 40, delay_ms: 5 };

    #[test]
    fn rates_are_kept_and_seeds_tell_runs_apart() {
        let count = 100_000;
        let run = |seed, lane| {
            let mut fates = Fates::new(Rates { seed, ..RATES }, lane);
            core::iter::repeat_with(move || fates.next()).take(count)
        };
        let share = |is_it: fn(&Fate) -> bool| run(7, 0).filter(is_it).count() * 1000 / count;
        for (found, wanted) in [
            (share(|fate| *fate == Fate::Drop), 50),
            (share(|fate| matches!(fate, Fate::Corrupt(_))), 10),
            (share(|fate| *fate == Fate::Duplicate), 20),
            (share(|fate| *fate == Fate::Reorder), 30),
            (share(|fate| *fate == Fate::Delay), 40),
        ] {
            assert!(found.abs_diff(wanted) <= 3, "{found} per mille, {wanted} wanted");
        }
        assert!(run(7, 0).eq(run(7, 0)), "the same seed, the same faults");
        assert!(run(7, 0).ne(run(8, 0)) && run(7, 0).ne(run(7, 1)));
    }

    #[test]
    fn one_bit_of_an_ip_packet_is_flipped_and_no_other() {
        for (ethertype, flips) in [([0x08, 0x00], 1), ([0x86, 0xdd], 1), ([0x08, 0x06], 0)] {
            for which in 0..1000 {
                let mut frame = [0; 60];
                frame[12..14].copy_from_slice(&ethertype);
                let before = frame;
                corrupt(&mut frame, which);
                let flipped: u32 =
                    frame.iter().zip(before).map(|(after, before)| (after ^ before).count_ones()).sum();
                assert_eq!(flipped, flips);
                assert_eq!(frame[..14], before[..14]);
            }
        }
        corrupt(&mut [0; 5], 3);
        corrupt(&mut [8; 14], 3);
    }
}
