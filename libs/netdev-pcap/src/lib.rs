//! Network device wrapper: records the frames that pass, as pcapng.
//!
//! Received frames are recorded before the stack sees them, sent ones after it has filled them in. A recording is a
//! stream: there is nothing to finish, and whatever has been written when the image dies can be read.
//!
//! `pcapng` the blocks of the file
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod pcapng;

use core::sync::atomic::{AtomicBool, Ordering};
use kit_iface_netdev::{Capabilities, NetDevice, NetDeviceError};
use kit_iface_platform::Recorder;
use pcapng::Direction;

/// A card `D` whose frames `R` records.
pub struct Pcap<D: 'static, R: 'static> {
    inner: &'static D,
    recorder: &'static R,
    most_bytes: u32,
    is_recording: AtomicBool,
}

impl<D: NetDevice, R: Recorder> Pcap<D, R> {
    /// Records at most `most_bytes` of each frame of `inner`, from its start on.
    pub const fn new(inner: &'static D, recorder: &'static R, most_bytes: u32) -> Self {
        Self { inner, recorder, most_bytes, is_recording: AtomicBool::new(false) }
    }

    fn record(&self, direction: Direction, frame: &[u8]) {
        if self.is_recording.load(Ordering::Relaxed) {
            let kept = frame.get(..self.most_bytes as usize).unwrap_or(frame);
            let at_ns = kit_iface_clock::wall_ns();
            pcapng::packet(direction, at_ns, kept, frame.len(), |bytes| self.recorder.record(bytes));
        }
    }
}

impl<D: NetDevice, R: Recorder> NetDevice for Pcap<D, R> {
    fn start(&self) -> Result<Capabilities, NetDeviceError> {
        let capabilities = self.inner.start()?;
        if self.recorder.is_wanted() && !self.is_recording.swap(true, Ordering::Relaxed) {
            pcapng::head(self.most_bytes, |bytes| self.recorder.record(bytes));
        }
        Ok(capabilities)
    }

    #[inline]
    fn receive<T>(&self, consume: impl FnOnce(&mut [u8]) -> T) -> Option<T> {
        self.inner.receive(|frame| {
            self.record(Direction::In, frame);
            consume(frame)
        })
    }

    #[inline]
    fn transmit<T>(&self, frame_bytes: usize, fill: impl FnOnce(&mut [u8]) -> T) -> Option<T> {
        self.inner.transmit(frame_bytes, |frame| {
            let result = fill(frame);
            self.record(Direction::Out, frame);
            result
        })
    }

    #[inline]
    fn can_transmit(&self) -> bool {
        self.inner.can_transmit()
    }

    #[inline]
    fn can_receive(&self) -> bool {
        self.inner.can_receive()
    }

    fn set_receive_interrupts(&self, enabled: bool) {
        self.inner.set_receive_interrupts(enabled);
    }

    fn event_key(&self) -> usize {
        self.inner.event_key()
    }
}
