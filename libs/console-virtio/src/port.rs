//! Port 0 of a device that is set up: text out, bytes in.

use crate::ring::{BUFFER_BYTES, Ring, Shared};
use kit_iface_console::ConsoleError;
use kit_iface_irq::{Handler, Irq};
use kit_iface_platform::Platform;
use kit_util_virtio::{Acknowledge, Device, OpenError};
use kit_util_wire::{Decoder, Meaning};
use virtio_drivers::transport::DeviceType;

// 5.3.2: without several ports these two are all queues.
const RECEIVE: u16 = 0;
const TRANSMIT: u16 = 1;

/// Both queues.
pub(crate) struct Port {
    input: Ring,
    output: Ring,
    /// Input without the codes of the wire, and how much of it was taken and read.
    bytes: [u8; BUFFER_BYTES],
    taken: usize,
    read: usize,
    decoder: Decoder,
    has_ended: bool,
}

impl Port {
    /// Sets the first console device up.
    pub fn open<P: Platform, I: Irq>(
        platform: &P,
        irq: &I,
        [input, output]: [&'static Shared; 2],
        handler: impl FnOnce(Acknowledge) -> Handler,
    ) -> Result<Self, OpenError> {
        let mut device = Device::open(platform, DeviceType::Console)?;
        device.negotiate(0)?;
        device.attach(platform, irq, handler)?;
        let mut ring = |number, shared, is_input| {
            // Statics are no memory of the heap: whether the device reaches them is asked.
            let is_reached = reaches(platform, shared);
            is_reached.then(|| Ring::new(&mut device.transport, number, shared, is_input)).flatten()
        };
        let input = ring(RECEIVE, input, true).ok_or(OpenError::Failed)?;
        let output = ring(TRANSMIT, output, false).ok_or(OpenError::Failed)?;
        device.finish();
        // Dropping the transport would reset the device.
        core::mem::forget(device);
        Ok(Self {
            input,
            output,
            bytes: [0; BUFFER_BYTES],
            taken: 0,
            read: 0,
            decoder: Decoder::new(),
            has_ended: false,
        })
    }

    /// Sends all of `bytes`; they are with the device when this returns.
    pub fn write(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(BUFFER_BYTES) {
            let Some((buffer, _)) = self.output.buffer() else { return };
            buffer[..piece.len()].copy_from_slice(piece);
            self.output.lend(piece.len());
            while !self.output.is_back() {
                core::hint::spin_loop();
            }
        }
    }

    /// Takes what has arrived once all that was taken before is read, and lends the device its buffer again. The first
    /// call only lends it.
    pub fn receive(&mut self) {
        if self.read < self.taken {
            return;
        }
        let Some((buffer, length)) = self.input.buffer() else { return };
        (self.read, self.taken) = (0, 0);
        for byte in &buffer[..length] {
            match self.decoder.decode(*byte) {
                _ if self.has_ended => {}
                Meaning::Byte(byte) => {
                    self.bytes[self.taken] = byte;
                    self.taken += 1;
                }
                Meaning::Nothing => {}
                Meaning::End => self.has_ended = true,
            }
        }
        self.input.lend(BUFFER_BYTES);
    }

    /// Moves what has arrived to `buffer`.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ConsoleError> {
        self.receive();
        let count = buffer.len().min(self.taken - self.read);
        buffer[..count].copy_from_slice(&self.bytes[self.read..][..count]);
        self.read += count;
        match count {
            0 if buffer.is_empty() => Ok(0),
            0 if self.has_ended => Err(ConsoleError::EndOfInput),
            0 => Err(ConsoleError::WouldBlock),
            count => Ok(count),
        }
    }

    /// Whether a read would find a byte or the end.
    pub fn is_readable(&mut self) -> bool {
        self.receive();
        self.has_ended || self.read < self.taken
    }
}

/// Whether a device of `platform` can be given `memory`.
fn reaches<P: Platform>(platform: &P, memory: &Shared) -> bool {
    platform.devices_reach(core::ptr::from_ref(memory).addr(), size_of::<Shared>())
}
