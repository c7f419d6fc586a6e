//! Amounts of memory, as `-m` and `[run] memory` take them.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use crate::Failure;

/// An amount in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memory(pub u64);

impl Memory {
    /// What a machine has unless told otherwise.
    pub const DEFAULT: Self = Self(16 << 20);
}

impl FromStr for Memory {
    type Err = Failure;

    /// A number with K, M or G; alone it counts MiB, as QEMU has it.
    fn from_str(text: &str) -> Result<Self, Failure> {
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let scale = match text[digits.len()..].to_ascii_uppercase().as_str() {
            "K" | "KB" | "KIB" => Some(1u64 << 10),
            "" | "M" | "MB" | "MIB" => Some(1 << 20),
            "G" | "GB" | "GIB" => Some(1 << 30),
            _ => None,
        };
        let amount =
            scale.zip(digits.parse::<u64>().ok()).and_then(|(scale, number)| scale.checked_mul(number));
        match amount {
            Some(bytes) if bytes > 0 => Ok(Self(bytes)),
            _ => Err(Failure::usage(format!("memory `{text}`: write a number with K, M or G, such as 16M"))),
        }
    }
}

impl Display for Memory {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes % (1 << 20) == 0 => write!(formatter, "{}M", bytes >> 20),
            bytes => write!(formatter, "{}K", bytes.div_ceil(1 << 10)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        let read = |text: &str| text.parse::<Memory>().map(|memory| memory.0);
        assert_eq!(read("16M"), Ok(16 << 20));
        assert_eq!(read("8"), Ok(8 << 20));
        assert_eq!(read("1228K"), Ok(1228 << 10));
        assert_eq!(read("1g"), Ok(1 << 30));
        for wrong in ["", "M", "0", "12X", "-1M", "1.5M", "99999999999G"] {
            assert_eq!(read(wrong).unwrap_err().code, 2, "{wrong}");
        }
        assert_eq!(Memory(16 << 20).to_string(), "16M");
        assert_eq!(Memory(1228 << 10).to_string(), "1228K");
    }
}
