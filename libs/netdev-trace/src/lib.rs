//! A wrapper around any network device: each frame that passes is an event of the trace.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use kit_iface_netdev::{Capabilities, NetDevice, NetDeviceError};
use kit_iface_trace::{Event, Trace, emit};

/// A device whose frames are traced.
pub struct Traced<D: NetDevice, T: Trace> {
    device: &'static D,
    trace: &'static T,
}

impl<D: NetDevice, T: Trace> Traced<D, T> {
    /// `device`, traced by `trace`. One static, made by the composed root.
    pub const fn new(device: &'static D, trace: &'static T) -> Self {
        Self { device, trace }
    }
}

impl<D: NetDevice, T: Trace> NetDevice for Traced<D, T> {
    fn start(&self) -> Result<Capabilities, NetDeviceError> {
        self.device.start()
    }

    fn receive<R>(&self, consume: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        self.device.receive(|frame| {
            emit(self.trace, || Event::FrameIn { bytes: frame.len() as u64 });
            consume(frame)
        })
    }

    fn transmit<R>(&self, frame_bytes: usize, fill: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        let sent = self.device.transmit(frame_bytes, fill);
        if sent.is_some() {
            emit(self.trace, || Event::FrameOut { bytes: frame_bytes as u64 });
        }
        sent
    }

    fn can_transmit(&self) -> bool {
        self.device.can_transmit()
    }

    fn can_receive(&self) -> bool {
        self.device.can_receive()
    }

    fn set_receive_interrupts(&self, enabled: bool) {
        self.device.set_receive_interrupts(enabled);
    }

    fn event_key(&self) -> usize {
        self.device.event_key()
    }
}
