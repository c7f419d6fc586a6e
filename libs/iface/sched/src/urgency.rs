//! How urgent a thread is: one scale for every policy, and what a policy makes of it.
//!
//! The scale is the one that Linux keeps inside (`include/linux/sched/prio.h`): levels 0 to 98 are the real-time
//! priorities 99 to 1 of POSIX, levels 100 to 139 the nice values -20 to 19. Lower is more urgent.

/// Levels that there are.
pub const LEVELS: usize = 140;

/// How urgent a thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Urgency {
    /// The level, below [`LEVELS`]; 0 is the most urgent.
    pub level: u8,
    /// Whether threads of its level take turns with it (`SCHED_RR`, and every ordinary thread). Without, it runs
    /// until it blocks or a more urgent thread comes (`SCHED_FIFO`).
    pub has_slice: bool,
}

impl Urgency {
    /// What a thread has that nobody said anything about: nice 0.
    pub const NORMAL: Self = Self::nice(0);

    /// An ordinary thread with this nice value, cut to -20 to 19.
    pub const fn nice(nice: i32) -> Self {
        let nice = if nice < -20 {
            -20
        } else if nice > 19 {
            19
        } else {
            nice
        };
        Self { level: (120 + nice) as u8, has_slice: true }
    }

    /// A real-time thread with a POSIX priority, 1 to 99, the greatest being the most urgent; `None` for any other
    /// number.
    pub const fn real_time(priority: i32, has_slice: bool) -> Option<Self> {
        match priority {
            1..=99 => Some(Self { level: (99 - priority) as u8, has_slice }),
            _ => None,
        }
    }

    /// The POSIX priority of a real-time thread; 0 for an ordinary one.
    pub const fn priority(self) -> i32 {
        if self.level < 99 { 99 - self.level as i32 } else { 0 }
    }

    /// The nice value of an ordinary thread; 0 for a real-time one.
    pub const fn nice_value(self) -> i32 {
        if self.level >= 100 { self.level as i32 - 120 } else { 0 }
    }
}

/// What a policy makes of the levels of threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Levels {
    /// Nothing: all threads are equal.
    Ignored,
    /// A thread's share of the processor follows from its nice value; nobody is kept from running.
    Shares,
    /// While a more urgent thread can run, no other does. The mechanism then lends a thread the level of the most
    /// urgent one that waits for a lock which it holds: see [`lock_word`](crate::lock_word).
    Strict,
}

/// What a policy promises to threads of one level that can run; [`conformance`](crate::conformance) checks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fairness {
    /// Nothing.
    None,
    /// Each of `n` such threads begins a turn within `n` times this many turns of the others.
    Turns(u32),
    /// Over any stretch in which two of them can run, the times that both ran, each divided by its share, differ
    /// by at most this many times what a slice is worth to one plus what it is worth to the other.
    Slices(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_linuxs() {
        assert_eq!(Urgency::NORMAL.level, 120);
        assert_eq!(
            [Urgency::nice(-99).level, Urgency::nice(-20).level, Urgency::nice(99).level],
            [100, 100, 139]
        );
        assert_eq!(Urgency::real_time(99, true).map(|urgency| urgency.level), Some(0));
        assert_eq!(Urgency::real_time(1, true).map(|urgency| urgency.level), Some(98));
        assert_eq!([Urgency::real_time(0, true), Urgency::real_time(100, true)], [None, None]);
        for priority in 1..=99 {
            assert_eq!(Urgency::real_time(priority, false).map(Urgency::priority), Some(priority));
        }
        for nice in -20..=19 {
            assert_eq!((Urgency::nice(nice).nice_value(), Urgency::nice(nice).priority()), (nice, 0));
        }
    }
}
