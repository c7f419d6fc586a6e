//! Numbers as C's `strtoll` and `strtoull` read them, which is how 6.12 compares values and applies ranges.

use std::cmp::Ordering;

use super::super::tree::Type;

/// A value in a comparison.
enum Operand {
    Signed(i64),
    Unsigned(u64),
    Text,
}

/// What `strtoll` finds at the beginning of a text.
struct Scan {
    magnitude: u64,
    is_negative: bool,
    /// The number does not fit the magnitude.
    has_overflow: bool,
    /// The byte after the last digit; 0 if there is no number.
    end: usize,
}

/// Base in which numbers of that type are written; `otherwise` for types that are no numbers.
pub(super) fn base_of(kind: Type, otherwise: u32) -> u32 {
    match kind {
        Type::Int => 10,
        Type::Hex => 16,
        _ => otherwise,
    }
}

/// The number at the beginning of `text`, or 0; at the ends of 64 bits where it is too large.
pub(super) fn prefix(text: &str, base: u32) -> i64 {
    let scan = scan(text, base);
    signed(&scan).unwrap_or(if scan.is_negative { i64::MIN } else { i64::MAX })
}

/// Order of two values: as numbers where both are numbers, else byte by byte. Two strings are never numbers.
pub(super) fn compare(left: (&str, Type), right: (&str, Type)) -> Ordering {
    let as_text = left.0.as_bytes().cmp(right.0.as_bytes());
    if left.1 == Type::String && right.1 == Type::String {
        return as_text;
    }
    match (operand(left.0, left.1), operand(right.0, right.1)) {
        (Operand::Text, _) | (_, Operand::Text) => as_text,
        (Operand::Signed(left), Operand::Signed(right)) => left.cmp(&right),
        // As C does: the bits of a signed number count as an unsigned one.
        (left, right) => left.bits().cmp(&right.bits()),
    }
}

impl Operand {
    fn bits(&self) -> u64 {
        match *self {
            Self::Signed(value) => value as u64,
            Self::Unsigned(value) => value,
            Self::Text => 0,
        }
    }
}

fn operand(text: &str, kind: Type) -> Operand {
    if matches!(kind, Type::Bool | Type::Tristate) {
        return Operand::Signed(match text {
            "n" => 0,
            "m" => 1,
            "y" => 2,
            _ => -1,
        });
    }
    let scan = scan(text, base_of(kind, 0));
    let is_whole = scan.end > 0 && scan.end == text.len();
    let value = match kind {
        Type::Hex if !scan.has_overflow => {
            let bits = scan.magnitude;
            Some(Operand::Unsigned(if scan.is_negative { bits.wrapping_neg() } else { bits }))
        }
        Type::Hex => None,
        _ => signed(&scan).map(Operand::Signed),
    };
    value.filter(|_| is_whole).unwrap_or(Operand::Text)
}

fn signed(scan: &Scan) -> Option<i64> {
    if scan.has_overflow {
        None
    } else if scan.is_negative {
        0i64.checked_sub_unsigned(scan.magnitude)
    } else {
        i64::try_from(scan.magnitude).ok()
    }
}

/// Blanks, a sign, `0x` where the base is 16 or open (0), digits. Base 0 reads a leading `0` as octal.
fn scan(text: &str, base: u32) -> Scan {
    let bytes = text.as_bytes();
    let blanks = bytes.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0x0b).count();
    let sign = bytes.get(blanks).filter(|byte| matches!(byte, b'-' | b'+'));
    let mut at = blanks + usize::from(sign.is_some());
    let has_prefix = matches!(base, 0 | 16)
        && bytes.get(at) == Some(&b'0')
        && matches!(bytes.get(at + 1), Some(b'x' | b'X'))
        && bytes.get(at + 2).is_some_and(u8::is_ascii_hexdigit);
    let base = match base {
        0 if has_prefix => 16,
        0 if bytes.get(at) == Some(&b'0') => 8,
        0 => 10,
        other => other,
    };
    if has_prefix {
        at += 2;
    }
    let first = at;
    let mut scan = Scan { magnitude: 0, is_negative: sign == Some(&b'-'), has_overflow: false, end: 0 };
    while let Some(digit) = bytes.get(at).and_then(|&byte| char::from(byte).to_digit(base)) {
        let next = scan.magnitude.checked_mul(base.into()).and_then(|value| value.checked_add(digit.into()));
        scan.has_overflow |= next.is_none();
        scan.magnitude = next.unwrap_or(u64::MAX);
        at += 1;
    }
    if at > first {
        scan.end = at;
    }
    scan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_counts_and_saturates() {
        assert_eq!(prefix("12abc", 10), 12);
        assert_eq!(prefix("  -7", 10), -7);
        assert_eq!(prefix("0x1F", 16), 31);
        assert_eq!(prefix("1F", 16), 31);
        assert_eq!(prefix("0x", 16), 0);
        assert_eq!(prefix("", 10), 0);
        assert_eq!(prefix("abc", 10), 0);
        assert_eq!(prefix("99999999999999999999", 10), i64::MAX);
        assert_eq!(prefix("-99999999999999999999", 10), i64::MIN);
        assert_eq!(prefix("-9223372036854775808", 10), i64::MIN);
        assert_eq!(prefix("0xffffffffffffffff", 16), i64::MAX);
    }

    #[test]
    fn values_of_number_types() {
        for good in ["0", "-0", "7", "-12", "99999999999999999999"] {
            assert!(Type::Int.accepts(good), "{good}");
        }
        for bad in ["", "-", "+1", "01", "-00", "1 ", "0x1", "n"] {
            assert!(!Type::Int.accepts(bad), "{bad}");
        }
        for good in ["0", "0x0", "00ff", "0XAb", "dead"] {
            assert!(Type::Hex.accepts(good), "{good}");
        }
        for bad in ["", "0x", "-1", "0xg", "1 "] {
            assert!(!Type::Hex.accepts(bad), "{bad}");
        }
        assert!(Type::String.accepts(""));
    }

    #[test]
    fn numbers_compare_as_numbers_and_texts_as_texts() {
        let order = |left, right| compare(left, right);
        assert_eq!(order(("9", Type::Int), ("10", Type::Unknown)), Ordering::Less);
        assert_eq!(order(("9", Type::String), ("10", Type::String)), Ordering::Greater);
        assert_eq!(order(("10", Type::String), ("0xa", Type::Unknown)), Ordering::Equal);
        assert_eq!(order(("010", Type::Unknown), ("8", Type::Int)), Ordering::Equal);
        assert_eq!(order(("y", Type::Bool), ("2", Type::Unknown)), Ordering::Equal);
        assert_eq!(order(("FOO", Type::Unknown), ("n", Type::Tristate)), Ordering::Less);
        assert_eq!(order(("-1", Type::Int), ("0x1", Type::Hex)), Ordering::Greater);
        assert_eq!(order(("", Type::String), ("0", Type::Unknown)), Ordering::Less);
        assert_eq!(order(("99999999999999999999", Type::Int), ("1", Type::Int)), Ordering::Greater);
        assert_eq!(order(("1x", Type::String), ("1", Type::Unknown)), Ordering::Greater);
    }
}
