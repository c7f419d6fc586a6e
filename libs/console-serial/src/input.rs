//! What has arrived: a ring of decoded bytes. Pure logic, tested on the host.

use kit_iface_console::ConsoleError;

/// End of transmission: ends the input.
const END: u8 = 0x04;
/// Data link escape: the next byte is data, whatever it is.
const QUOTE: u8 = 0x10;
const CAPACITY: usize = 256;

/// Decoded input that nobody has read yet.
pub(crate) struct Input {
    ring: [u8; CAPACITY],
    first: usize,
    count: usize,
    is_quoted: bool,
    has_ended: bool,
}

impl Input {
    pub(crate) const fn new() -> Self {
        Self { ring: [0; CAPACITY], first: 0, count: 0, is_quoted: false, has_ended: false }
    }

    /// Takes bytes from `receive` for as long as there are any and room for them.
    pub(crate) fn take_from(&mut self, mut receive: impl FnMut() -> Option<u8>) {
        while self.count < CAPACITY {
            let Some(byte) = receive() else { return };
            self.decode(byte);
        }
    }

    fn decode(&mut self, byte: u8) {
        match byte {
            _ if self.has_ended => {}
            END if !self.is_quoted => self.has_ended = true,
            QUOTE if !self.is_quoted => self.is_quoted = true,
            _ => {
                self.is_quoted = false;
                self.ring[(self.first + self.count) % CAPACITY] = byte;
                self.count += 1;
            }
        }
    }

    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ConsoleError> {
        let count = buffer.len().min(self.count);
        if count == 0 && !buffer.is_empty() {
            return Err(if self.has_ended { ConsoleError::EndOfInput } else { ConsoleError::WouldBlock });
        }
        for byte in &mut buffer[..count] {
            *byte = self.ring[self.first];
            self.first = (self.first + 1) % CAPACITY;
        }
        self.count -= count;
        Ok(count)
    }

    pub(crate) const fn is_readable(&self) -> bool {
        self.count > 0 || self.has_ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(bytes: &[u8]) -> Input {
        let (mut input, mut bytes) = (Input::new(), bytes.iter().copied());
        input.take_from(|| bytes.next());
        input
    }

    #[test]
    fn plain_bytes_then_nothing() {
        let mut input = fed(b"hi");
        let mut buffer = [0; 8];
        assert_eq!(input.read(&mut buffer), Ok(2));
        assert_eq!(&buffer[..2], b"hi");
        assert_eq!(input.read(&mut buffer), Err(ConsoleError::WouldBlock));
        assert!(!input.is_readable());
    }

    #[test]
    fn end_of_input_comes_after_the_data_and_stays() {
        let mut input = fed(b"a\x04b");
        let mut buffer = [0; 8];
        assert_eq!(input.read(&mut buffer), Ok(1));
        assert_eq!(input.read(&mut buffer), Err(ConsoleError::EndOfInput));
        assert_eq!(input.read(&mut buffer), Err(ConsoleError::EndOfInput));
        assert!(input.is_readable());
    }

    #[test]
    fn quoted_bytes_are_data() {
        let mut input = fed(b"\x10\x04\x10\x10z");
        let mut buffer = [0; 8];
        assert_eq!(input.read(&mut buffer), Ok(3));
        assert_eq!(&buffer[..3], b"\x04\x10z");
    }

    #[test]
    fn a_full_ring_leaves_the_rest_in_the_device() {
        let (mut input, mut left) = (Input::new(), 300);
        let mut device = || (left > 0).then(|| left -= 1).map(|()| b'x');
        input.take_from(&mut device);
        let mut buffer = [0; 300];
        assert_eq!(input.read(&mut buffer), Ok(256));
        input.take_from(&mut device);
        assert_eq!(input.read(&mut buffer), Ok(44));
    }
}
