//! The battery-backed clock of the PC (Motorola MC146818A datasheet; QEMU keeps the century at 0x32).

use kit_iface_irq::masked;
use kit_util_x86::Port;

// SAFETY: the clock's index register; it touches no memory.
const INDEX: Port<u8> = unsafe { Port::new(0x70) };
// SAFETY: the clock's data register; neither does it.
const DATA: Port<u8> = unsafe { Port::new(0x71) };

/// Register A: an update is under way.
const UPDATING: u8 = 1 << 7;
/// Register B: 24-hour mode, binary numbers.
const HOURS_24: u8 = 1 << 1;
const BINARY: u8 = 1 << 2;
/// Hours: afternoon, in 12-hour mode.
const AFTERNOON: u8 = 1 << 7;

const REGISTERS: [u8; 7] = [0x00, 0x02, 0x04, 0x07, 0x08, 0x09, 0x32];

fn read(register: u8) -> u8 {
    INDEX.write(register);
    DATA.read()
}

/// Nanoseconds since 1970; zero where there is no such clock.
pub(super) fn unix_ns() -> u64 {
    let (values, mode) = masked(|| {
        let mut last = [0; 7];
        // A reading counts if no update is under way and the next one is the same. A clock that never comes
        // to rest is none; updates take 2 ms at most.
        for _ in 0..10_000 {
            if read(0x0a) & UPDATING != 0 {
                continue;
            }
            let now = REGISTERS.map(read);
            if now == last {
                break;
            }
            last = now;
        }
        (last, read(0x0b))
    });
    unix_seconds(values, mode).unwrap_or(0) * 1_000_000_000
}

/// Decodes second, minute, hour, day, month, year and century.
fn unix_seconds(values: [u8; 7], mode: u8) -> Option<u64> {
    let number = |value: u8| if mode & BINARY != 0 { value } else { (value >> 4) * 10 + (value & 15) } as u64;
    let [second, minute, hour, day, month, year, century] = values;
    let (second, minute, day, month) = (number(second), number(minute), number(day), number(month));
    let mut hours = number(hour & !AFTERNOON);
    if mode & HOURS_24 == 0 {
        hours = hours % 12 + if hour & AFTERNOON != 0 { 12 } else { 0 };
    }
    let is_valid =
        second < 60 && minute < 60 && hours < 24 && (1..=31).contains(&day) && (1..=12).contains(&month);
    if !is_valid {
        return None;
    }
    // Machines without the century register have anything there.
    let century = Some(number(century)).filter(|century| (19..=29).contains(century)).unwrap_or(20);
    let days = days(century * 100 + number(year), month, day)?;
    Some(((days * 24 + hours) * 60 + minute) * 60 + second)
}

/// Days from 1970-01-01 to a date, not an earlier one, of the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms": years begin in March, so that the leap day ends them).
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + day - 1;
    days.checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_known_dates() {
        for (date, expected) in [
            ((1970, 1, 1), 0),
            ((1970, 12, 31), 364),
            ((2000, 2, 29), 11_016),
            ((2000, 3, 1), 11_017),
            ((2026, 11, 21), 20_778),
            ((2100, 3, 1), 47_541),
        ] {
            assert_eq!(days(date.0, date.1, date.2), Some(expected), "{date:?}");
        }
    }

    #[test]
    fn both_number_formats_and_both_hour_formats() {
        let expected = Some(1_709_210_096); // 2024-02-29T12:34:56Z
        assert_eq!(unix_seconds([0x56, 0x34, 0x12, 0x29, 0x02, 0x24, 0x20], HOURS_24), expected);
        assert_eq!(unix_seconds([56, 34, 12, 29, 2, 24, 20], HOURS_24 | BINARY), expected);
        assert_eq!(unix_seconds([0x56, 0x34, 0x12 | AFTERNOON, 0x29, 0x02, 0x24, 0x20], 0), expected);
        let after_midnight = Some(1_709_210_096 - 12 * 3600);
        assert_eq!(unix_seconds([0x56, 0x34, 0x12, 0x29, 0x02, 0x24, 0x20], 0), after_midnight);
    }

    #[test]
    fn a_missing_clock_is_noticed_and_a_missing_century_guessed() {
        assert_eq!(unix_seconds([0xff; 7], 0xff), None);
        assert_eq!(unix_seconds([0; 7], 0), None);
        // What a clock shows whose battery is empty, or QEMU's, told to begin in 2099.
        assert_eq!(unix_seconds([0x23, 0x18, 0x17, 0x25, 0x11, 0x63, 0x19], HOURS_24), None);
        assert_eq!(unix_seconds([0, 0, 0, 0x21, 0x11, 0x26, 0xff], HOURS_24), Some(20_778 * 86_400));
    }
}
