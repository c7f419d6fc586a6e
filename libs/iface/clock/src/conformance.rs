//! What every clock must pass, on the host or inside an image.

use crate::Clock;

/// 2020-01-01T00:00:00Z: an earlier wall clock was never set.
const START_OF_2020_NS: u64 = 1_577_836_800_000_000_000;
/// How often a clock is read before it counts as stopped.
const PATIENCE: u32 = 100_000_000;

/// Runs the whole suite.
pub fn check(clock: &impl Clock) {
    never_steps_back(clock);
    advances(clock);
    wall_is_set(clock);
    assert!(clock.resolution_ns() >= 1, "a clock has a granularity");
}

/// Consecutive readings of the monotonic clock never decrease.
pub fn never_steps_back(clock: &impl Clock) {
    let mut last = clock.monotonic_ns();
    for _ in 0..100_000 {
        let now = clock.monotonic_ns();
        assert!(now >= last, "the monotonic clock stepped back from {last} to {now}");
        last = now;
    }
}

/// Both clocks go on by at least a millisecond, and by about as much as each other.
pub fn advances(clock: &impl Clock) {
    let (monotonic, wall) = (clock.monotonic_ns(), clock.wall_ns());
    let mut reads = 0;
    while clock.monotonic_ns() - monotonic < 1_000_000 {
        reads += 1;
        assert!(reads < PATIENCE, "the monotonic clock stands still at {monotonic}");
    }
    assert!(clock.wall_ns() > wall, "the wall clock stands still at {wall}");
}

/// The wall clock shows a plausible date.
pub fn wall_is_set(clock: &impl Clock) {
    let wall = clock.wall_ns();
    assert!(wall >= START_OF_2020_NS, "the wall clock shows {wall} ns since 1970: it was never set");
}
