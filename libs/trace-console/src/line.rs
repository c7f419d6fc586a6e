//! A line of bounded length, built piece by piece; what does not fit is left out.

/// Longer than any line with a name of the shim's.
const BYTES: usize = 120;

/// The line.
pub(crate) struct Line {
    bytes: [u8; BYTES],
    length: usize,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self { bytes: [0; BYTES], length: 0 }
    }

    fn push(&mut self, byte: u8) {
        // The last place is for the end of the line.
        if self.length < BYTES - 1 {
            self.bytes[self.length] = byte;
            self.length += 1;
        }
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        text.bytes().for_each(|byte| self.push(byte));
        self
    }

    /// The name of a thread: what is no letter of a terminal's is a question mark.
    pub(crate) fn name(&mut self, name: &[u8]) -> &mut Self {
        let until_end = name.iter().take_while(|byte| **byte != 0);
        until_end.for_each(|byte| self.push(if (b' '..=b'~').contains(byte) { *byte } else { b'?' }));
        self
    }

    pub(crate) fn number(&mut self, value: u64) -> &mut Self {
        self.padded(value, 1, b'0')
    }

    pub(crate) fn signed(&mut self, value: i64) -> &mut Self {
        if value < 0 {
            self.push(b'-');
        }
        self.number(value.unsigned_abs())
    }

    /// Decimal digits, at least `width` places.
    pub(crate) fn padded(&mut self, value: u64, width: usize, padding: u8) -> &mut Self {
        let (mut digits, mut at, mut rest) = ([padding; 20], 20, value);
        while rest > 0 || at == 20 {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        digits[at.min(20 - width)..].iter().for_each(|digit| self.push(*digit));
        self
    }

    pub(crate) fn end(&mut self) -> &[u8] {
        self.bytes[self.length] = b'\n';
        &self.bytes[..self.length + 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_width() {
        let mut line = Line::new();
        line.padded(7, 6, b'0').text(" ").padded(1_234_567, 6, b'0').text(" ").padded(0, 3, b' ');
        line.text(" ").signed(-5).text(" ").number(u64::MAX);
        assert_eq!(line.end(), b"000007 1234567   0 -5 18446744073709551615\n");
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut line = Line::new();
        (0..100).for_each(|_| _ = line.text("three"));
        assert_eq!(line.end().len(), BYTES);
        assert_eq!(line.end().last(), Some(&b'\n'));
    }
}
