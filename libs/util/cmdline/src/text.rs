//! A stretch of the command line as it was written, and as it was meant.

/// A value or an argument, still quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    quoted: &'a [u8],
}

impl<'a> Text<'a> {
    pub(crate) const fn new(quoted: &'a [u8]) -> Self {
        Self { quoted }
    }

    /// An upper bound of the number of bytes that [`Text::bytes`] yields.
    pub const fn max_len(self) -> usize {
        self.quoted.len()
    }

    /// What was meant, byte by byte.
    pub const fn bytes(self) -> Bytes<'a> {
        Bytes { rest: self.quoted, is_quoted: false }
    }

    /// Writes what was meant to the front of `buffer` and returns that part of it; `None` if it is too short.
    pub fn copy_to(self, buffer: &mut [u8]) -> Option<&mut [u8]> {
        let mut length = 0;
        for byte in self.bytes() {
            *buffer.get_mut(length)? = byte;
            length += 1;
        }
        buffer.get_mut(..length)
    }

    /// The value as a decimal number, if it is one.
    pub fn number(self) -> Option<u64> {
        let mut number = None;
        for byte in self.bytes() {
            let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
            number = Some(number.unwrap_or(0u64).checked_mul(10)?.checked_add(digit)?);
        }
        number
    }
}

/// The bytes of a [`Text`], quotes and escapes resolved.
#[derive(Clone, Debug)]
pub struct Bytes<'a> {
    rest: &'a [u8],
    is_quoted: bool,
}

impl Iterator for Bytes<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        loop {
            let (&byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            if byte == b'"' {
                self.is_quoted = !self.is_quoted;
            } else if byte == b'\\'
                && self.is_quoted
                && let Some((&escaped @ (b'"' | b'\\'), rest)) = rest.split_first()
            {
                self.rest = rest;
                return Some(escaped);
            } else {
                return Some(byte);
            }
        }
    }
}
