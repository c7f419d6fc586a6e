//! Numbers as the C library reads them from environment variables.

/// `strtol`: the number at the start of `text`, and what follows it. 0 and all of `text` if there is none.
/// With `base` 0 a number may begin with `0x` or, for octal, `0`.
pub(super) fn leading(text: &str, base: u32) -> (i64, &str) {
    let trimmed = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    let (is_negative, unsigned) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let hex = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"));
    let (base, digits) = match (base, hex.filter(|rest| rest.starts_with(|c: char| c.is_ascii_hexdigit()))) {
        (0 | 16, Some(rest)) => (16, rest),
        (0, None) if unsigned.starts_with('0') => (8, unsigned),
        (0, None) => (10, unsigned),
        (base, _) => (base, unsigned),
    };
    let length = digits.find(|c: char| !c.is_digit(base)).unwrap_or(digits.len());
    if length == 0 {
        return (0, text);
    }
    let limit = if is_negative { i64::MIN } else { i64::MAX };
    let sign = if is_negative { -1 } else { 1 };
    let value = i128::from_str_radix(&digits[..length], base)
        .ok()
        .and_then(|value| i64::try_from(sign * value).ok())
        .unwrap_or(limit);
    (value, &digits[length..])
}

#[cfg(test)]
mod tests {
    use super::leading;

    #[test]
    fn reads_what_strtol_reads() {
        assert_eq!(leading("42", 0), (42, ""));
        assert_eq!(leading(" -0x1F:", 0), (-31, ":"));
        assert_eq!(leading("017 ", 0), (15, " "));
        assert_eq!(leading("08", 0), (0, "8"));
        assert_eq!(leading("0x", 0), (0, "x"));
        assert_eq!(leading("0x10", 10), (0, "x10"));
        assert_eq!(leading("+7", 10), (7, ""));
        assert_eq!(leading("y", 10), (0, "y"));
        assert_eq!(leading("", 10), (0, ""));
        assert_eq!(leading("99999999999999999999", 10), (i64::MAX, ""));
        assert_eq!(leading("-99999999999999999999999999999999999999999999", 10), (i64::MIN, ""));
    }
}
