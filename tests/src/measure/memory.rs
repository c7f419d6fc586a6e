//! The least memory with which something works, by bisection.

/// Memory is tried in steps of this many KiB.
pub const STEP_KIB: u64 = 32;

/// The least number of KiB for which `works` answers true, between `low` (known not to) and `high` KiB;
/// `None` if it does not even work with `high`. `works` is taken to be monotonic.
pub fn least_kib(low: u64, high: u64, mut works: impl FnMut(u64) -> bool) -> Option<u64> {
    let (mut fails, mut succeeds) = (low / STEP_KIB, high.div_ceil(STEP_KIB));
    if !works(succeeds * STEP_KIB) {
        return None;
    }
    while succeeds - fails > 1 {
        let middle = fails.midpoint(succeeds);
        if works(middle * STEP_KIB) {
            succeeds = middle;
        } else {
            fails = middle;
        }
    }
    Some(succeeds * STEP_KIB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_is_found() {
        assert_eq!(least_kib(512, 65536, |kib| kib >= 1250), Some(1280));
        assert_eq!(least_kib(512, 1024, |_| false), None);
        assert_eq!(least_kib(0, 1024, |_| true), Some(STEP_KIB));
    }
}
