//! The codes by which `kit run` says more than bytes: the wire of a console has no end of file.
//!
//! [`END`] ends the input; [`QUOTE`] makes the next byte an ordinary one, whatever it is. These are ASCII's EOT and
//! DLE, which text does not contain.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

/// Ends the input.
pub const END: u8 = 0x04;
/// The next byte stands for itself.
pub const QUOTE: u8 = 0x10;

/// What a received byte meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A byte of input.
    Byte(u8),
    /// Nothing yet.
    Nothing,
    /// Input has ended.
    End,
}

/// The state between two bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decoder {
    is_quoted: bool,
}

impl Decoder {
    /// Between two bytes that stand for themselves.
    pub const fn new() -> Self {
        Self { is_quoted: false }
    }

    /// What `byte`, received next, means.
    pub fn decode(&mut self, byte: u8) -> Meaning {
        match byte {
            _ if core::mem::take(&mut self.is_quoted) => Meaning::Byte(byte),
            QUOTE => {
                self.is_quoted = true;
                Meaning::Nothing
            }
            END => Meaning::End,
            _ => Meaning::Byte(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting() {
        let mut decoder = Decoder::new();
        let meanings = [b'a', QUOTE, END, QUOTE, QUOTE, QUOTE, b'b', END].map(|byte| decoder.decode(byte));
        let expected = [
            Meaning::Byte(b'a'),
            Meaning::Nothing,
            Meaning::Byte(END),
            Meaning::Nothing,
            Meaning::Byte(QUOTE),
            Meaning::Nothing,
            Meaning::Byte(b'b'),
            Meaning::End,
        ];
        assert_eq!(meanings, expected);
    }
}
