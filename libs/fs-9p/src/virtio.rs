//! The channel over a virtio-9p device (type 9): one queue of requests, each a buffer out and a buffer in.

use crate::channel::Channel;
use alloc::boxed::Box;
use alloc::vec;
use kit_iface_fs::FsError;
use kit_iface_irq::Irq;
use kit_iface_platform::Platform;
use kit_iface_sched::NO_DEADLINE;
use kit_util_sync::SleepLock;
use kit_util_virtio::{Bell, Device, Doorbell, KitHal, VirtQueue};
use virtio_drivers::transport::{DeviceType, Transport};

const QUEUE: u16 = 0;
/// VIRTIO_9P_MOUNT_TAG: the device says its name.
const MOUNT_TAG: u64 = 1;
/// Longest name of a share.
const TAG_BYTES: u16 = 256;

/// A device that serves one folder.
pub struct VirtioChannel {
    ring: SleepLock<Ring>,
    message_bytes: usize,
}

struct Ring {
    queue: VirtQueue<KitHal, 2>,
    request: Box<[u8]>,
    reply: Box<[u8]>,
    doorbell: Doorbell,
    bell: &'static Bell,
}

impl VirtioChannel {
    /// Opens the device whose share is called `tag`. [`FsError::NoDevice`] if there is none.
    pub fn open<P: Platform, I: Irq>(
        platform: &P,
        irq: &I,
        tag: &str,
        message_bytes: usize,
    ) -> Result<Self, FsError> {
        let mut found = None;
        platform.find_virtio(DeviceType::_9P as u16, &mut |place| {
            match Device::open_at(platform, place, DeviceType::_9P) {
                Ok(device) if is_called(&device, tag) => found = Some(device),
                // To drop it would reset it, and somebody else may have it in use.
                Ok(other) => core::mem::forget(other),
                Err(_) => {}
            }
            found.is_some()
        });
        let mut device = found.ok_or(FsError::NoDevice)?;
        let failed = |_| FsError::Device;
        device.negotiate(MOUNT_TAG).map_err(failed)?;
        let bell = Bell::hang(&mut device, platform, irq).map_err(failed)?;
        let queue =
            VirtQueue::new(&mut device.transport, QUEUE, false, false).map_err(|_| FsError::Device)?;
        let doorbell = device.transport.doorbell(QUEUE).ok_or(FsError::Device)?;
        device.finish();
        // Dropping the transport would reset the device.
        core::mem::forget(device);
        let buffer = || vec![0; message_bytes].into_boxed_slice();
        let ring = Ring { queue, request: buffer(), reply: buffer(), doorbell, bell };
        Ok(Self { ring: SleepLock::new(ring), message_bytes })
    }
}

/// Whether the device's share has this name: `length[2] bytes` at the beginning of its configuration.
fn is_called(device: &Device, tag: &str) -> bool {
    let byte = |at: usize| device.transport.read_config_space::<u8>(at).ok();
    let length = device.transport.read_config_space::<u16>(0).unwrap_or(0).min(TAG_BYTES);
    usize::from(length) == tag.len()
        && tag.bytes().enumerate().all(|(at, wanted)| byte(2 + at) == Some(wanted))
}

impl Ring {
    /// Sends the first `length` bytes of the request; returns how long the reply is.
    fn turn(&mut self, length: usize) -> Result<usize, FsError> {
        let Self { queue, request, reply, doorbell, bell } = self;
        let request = &request[..length];
        // SAFETY: both buffers live in a static's lock, which is held until they are back: this waits without end.
        let token = unsafe { queue.add(&[request], &mut [reply]) }.map_err(|_| FsError::Device)?;
        if queue.should_notify() {
            doorbell.ring();
        }
        bell.wait_until(NO_DEADLINE, || queue.can_pop());
        // SAFETY: these very buffers were lent under this token.
        let used = unsafe { queue.pop_used(token, &[request], &mut [reply]) };
        Ok((used.map_err(|_| FsError::Device)? as usize).min(reply.len()))
    }
}

impl Channel for VirtioChannel {
    fn message_bytes(&self) -> usize {
        self.message_bytes
    }

    fn exchange<R>(
        &self,
        write: impl FnOnce(&mut [u8]) -> Result<usize, FsError>,
        read: impl FnOnce(&[u8]) -> Result<R, FsError>,
    ) -> Result<R, FsError> {
        let mut ring = self.ring.lock();
        let length = write(&mut ring.request)?;
        let replied = ring.turn(length)?;
        read(&ring.reply[..replied])
    }
}
