//! A wrapper around any disks: each request is a span of the trace, on the track of the thread that waits for it.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use kit_iface_block::{BlockDevice, BlockError, Disk, Geometry};
use kit_iface_trace::{Trace, span};

/// Disks whose requests are traced.
pub struct Traced<D: BlockDevice, T: Trace> {
    disks: &'static D,
    trace: &'static T,
}

impl<D: BlockDevice, T: Trace> Traced<D, T> {
    /// `disks`, traced by `trace`. One static, made by the composed root.
    pub const fn new(disks: &'static D, trace: &'static T) -> Self {
        Self { disks, trace }
    }

    fn request(
        &self,
        name: &'static str,
        argument: u64,
        bytes: usize,
        request: impl FnOnce(&D) -> Result<(), BlockError>,
    ) -> Result<(), BlockError> {
        let outcome = |result: &Result<(), BlockError>| result.map_or(u64::MAX, |()| bytes as u64);
        span(self.trace, name, || argument, || request(self.disks), outcome)
    }
}

impl<D: BlockDevice, T: Trace> BlockDevice for Traced<D, T> {
    fn start(&self, disk: Disk) -> Result<Geometry, BlockError> {
        self.disks.start(disk)
    }

    fn read(&self, disk: Disk, sector: u64, buffer: &mut [u8]) -> Result<(), BlockError> {
        self.request("disk read", sector, buffer.len(), |disks| disks.read(disk, sector, buffer))
    }

    fn write(&self, disk: Disk, sector: u64, bytes: &[u8]) -> Result<(), BlockError> {
        self.request("disk write", sector, bytes.len(), |disks| disks.write(disk, sector, bytes))
    }

    fn flush(&self, disk: Disk) -> Result<(), BlockError> {
        self.request("disk flush", disk.0.into(), 0, |disks| disks.flush(disk))
    }
}
