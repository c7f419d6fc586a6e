//! A text that is written as a whole, of which a reader gets what is between two offsets.

use core::fmt;

/// Takes what is written behind `skip` bytes until the buffer is full.
pub struct Window<'a> {
    skip: u64,
    buffer: &'a mut [u8],
    filled: usize,
}

impl<'a> Window<'a> {
    /// What a text has at `offset`.
    pub fn at(offset: u64, buffer: &'a mut [u8]) -> Self {
        Self { skip: offset, buffer, filled: 0 }
    }

    /// How many bytes there were.
    pub fn filled(&self) -> usize {
        self.filled
    }

    /// Adds bytes of the text.
    pub fn write(&mut self, bytes: &[u8]) {
        let skipped = self.skip.min(bytes.len() as u64);
        self.skip -= skipped;
        let bytes = &bytes[skipped as usize..];
        let room = &mut self.buffer[self.filled..];
        let length = room.len().min(bytes.len());
        room[..length].copy_from_slice(&bytes[..length]);
        self.filled += length;
    }
}

impl fmt::Write for Window<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write(text.as_bytes());
        Ok(())
    }
}
