//! The clock goes forwards, and sleeps last as long as they should.

use std::time::{Duration, Instant, SystemTime};

/// Looks at both clocks around a short sleep.
pub fn check() {
    let (start, wall) = (Instant::now(), SystemTime::now());
    std::thread::sleep(Duration::from_millis(5));
    let slept = start.elapsed();
    assert!(slept >= Duration::from_millis(5) && slept < Duration::from_secs(20), "5 ms took {slept:?}");
    assert!(SystemTime::now() >= wall);
    let mut last = start;
    for _ in 0..1000 {
        let now = Instant::now();
        assert!(now >= last, "time went backwards");
        last = now;
    }
}
