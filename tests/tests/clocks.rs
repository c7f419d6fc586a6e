//! The wall clock of a machine is that of its battery-backed clock, to the second: leap days, and the end of
//! 32-bit time.

use std::time::Duration;

use kit_tests::image::boot;
use kit_tests::{on_machines, process};

/// Dates, and the same in seconds since 1970. Each boot begins at the date and may take a while.
const DATES: [(&str, u64); 3] = [
    ("2028-02-29T23:59:58", 1_835_481_598),
    ("2038-01-19T03:14:07", 2_147_483_647),
    // QEMU 7.2 cannot begin more than 68 years from now: it counts the difference in 32 bits.
    ("2072-02-29T23:59:59", 3_224_015_999),
];
const PATIENCE_SECONDS: u64 = 30;

on_machines!([Microvm, Q35] fn the_wall_clock_is_right_to_the_second(machine) {
    for (date, seconds) in DATES {
        let mut command = boot("examples/hello", machine).machine_command(&[]);
        command.args(["-rtc", &format!("base={date}")]);
        let image = process::run(command, b"", Duration::from_secs(60));
        let said = image.stdout.lines().find_map(|line| line.strip_prefix("time: ")?.split(' ').next()?.parse().ok());
        let said: u64 = said.unwrap_or_else(|| panic!("no time\n{}", image.transcript()));
        assert!((seconds..seconds + PATIENCE_SECONDS).contains(&said), "{date} is {seconds}, not {said}");
    }
});
