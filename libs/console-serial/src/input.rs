//! What has been received and not yet read.

use crate::registers::{DATA_READY, ON_RECEIVE, READY_AND_CONNECTED, Registers, offset};
use kit_util_wire::{Decoder, Meaning};

/// Bytes kept. When they are full the device holds the next ones, and its sender waits.
const CAPACITY: usize = 256;

/// The ring and the state of the line.
pub(crate) struct Input {
    bytes: [u8; CAPACITY],
    /// Counts of bytes ever read and received; a byte's place is its number modulo the capacity.
    read: usize,
    received: usize,
    decoder: Decoder,
    has_ended: bool,
    /// The interrupt is wanted.
    is_armed: bool,
    /// The interrupt is enabled at the device.
    is_enabled: bool,
}

impl Input {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; CAPACITY],
            read: 0,
            received: 0,
            decoder: Decoder::new(),
            has_ended: false,
            is_armed: false,
            is_enabled: false,
        }
    }

    /// Notes that the interrupt is wanted from now on; true the first time.
    pub(crate) fn arm(&mut self) -> bool {
        !core::mem::replace(&mut self.is_armed, true)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended
    }

    pub(crate) fn is_readable(&self) -> bool {
        self.has_ended || self.read != self.received
    }

    fn is_full(&self) -> bool {
        self.received - self.read == CAPACITY
    }

    /// Moves what has been received to `buffer`.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> usize {
        let count = buffer.len().min(self.received - self.read);
        for place in &mut buffer[..count] {
            *place = self.bytes[self.read % CAPACITY];
            self.read += 1;
        }
        count
    }

    /// Takes what the device holds, as far as there is room, and has it interrupt for what comes next. While
    /// there is no room it must not: the interrupt would have nothing to do.
    pub(crate) fn receive<R: Registers>(&mut self) {
        while !self.is_full() && R::read(offset::LINE_STATUS) & DATA_READY != 0 {
            let byte = R::read(offset::DATA);
            match self.decoder.decode(byte) {
                _ if self.has_ended => {}
                Meaning::Byte(byte) => {
                    self.bytes[self.received % CAPACITY] = byte;
                    self.received += 1;
                }
                Meaning::Nothing => {}
                Meaning::End => self.has_ended = true,
            }
        }
        let is_wanted = self.is_armed && !self.is_full();
        if is_wanted != self.is_enabled {
            self.is_enabled = is_wanted;
            R::write(offset::MODEM_CONTROL, READY_AND_CONNECTED);
            R::write(offset::INTERRUPT_ENABLE, if is_wanted { ON_RECEIVE } else { 0 });
        }
    }
}
