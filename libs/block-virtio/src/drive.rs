//! One disk: what it can do, and a thread's way through a request.

use crate::request::{Data, Kind, OK, PENDING};
use crate::ring::Ring;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use kit_iface_block::{BlockError, Geometry, SECTOR_BYTES, check_range};
use kit_iface_irq::{Handler, Irq};
use kit_iface_platform::{Platform, VirtioDevice};
use kit_iface_sched::{NO_DEADLINE, wait, wake};
use kit_util_sync::IrqLock;
use kit_util_virtio::{Acknowledge, AnyTransport, Device, Doorbell, OpenError};
use virtio_drivers::transport::{DeviceType, Transport as _};

// 5.2.3: feature bits.
const FEATURE_SIZE_MAX: u64 = 1 << 1;
const FEATURE_READ_ONLY: u64 = 1 << 5;
const FEATURE_FLUSH: u64 = 1 << 9;
const FEATURE_TOPOLOGY: u64 = 1 << 10;
// 5.2.4: the configuration structure. It begins with the capacity in sectors.
const CONFIG_SIZE_MAX: usize = 8;
const CONFIG_BLOCK_BYTES: usize = 20;
const CONFIG_PHYSICAL_EXPONENT: usize = 24;
const FEATURE_BLOCK_SIZE: u64 = 1 << 6;

/// The longest request. More is several requests: no thread keeps the disk from the others for long.
const MOST_BYTES: usize = 1 << 20;
/// The longest request whose data is copied.
const MOST_COPIED_BYTES: usize = 64 * 1024;
/// VIRTIO_BLK_S_UNSUPP.
const UNSUPPORTED: u8 = 2;

/// A disk that works; lives for ever.
pub(crate) struct Drive<const N: usize> {
    geometry: Geometry,
    has_flush: bool,
    most_bytes: usize,
    doorbell: Doorbell,
    ring: IrqLock<Ring<N>>,
    /// Whether a request is free. Its address is the key of those who wait for one.
    has_room: AtomicBool,
}

/// What the interrupt handler needs; lives for ever.
struct Interrupt<const N: usize> {
    acknowledge: Acknowledge,
    /// Null until the disk works.
    drive: AtomicPtr<Drive<N>>,
}

fn handle<const N: usize>(data: usize) {
    // SAFETY: `bring_up` leaked it before it attached this handler.
    let interrupt = unsafe { &*(data as *const Interrupt<N>) };
    interrupt.acknowledge.acknowledge();
    // SAFETY: null, or leaked by `bring_up`.
    if let Some(drive) = unsafe { interrupt.drive.load(Ordering::Acquire).as_ref() } {
        drive.ring.lock().collect(|key| _ = wake(key, 1));
    }
}

impl<const N: usize> Drive<N> {
    /// Initialises the disk at `place`.
    #[cold]
    pub fn bring_up<P: Platform, I: Irq>(
        platform: &P,
        irq: &I,
        place: VirtioDevice,
    ) -> Result<&'static Self, BlockError> {
        let mut device = Device::open_at(platform, place, DeviceType::Block).map_err(failure)?;
        let wanted =
            FEATURE_SIZE_MAX | FEATURE_READ_ONLY | FEATURE_BLOCK_SIZE | FEATURE_FLUSH | FEATURE_TOPOLOGY;
        let features = device.negotiate(wanted).map_err(failure)?;
        let mut interrupt = None;
        let handler = |acknowledge| {
            let drive = AtomicPtr::new(core::ptr::null_mut());
            let leaked: &'static Interrupt<N> = Box::leak(Box::new(Interrupt { acknowledge, drive }));
            interrupt = Some(leaked);
            Handler { function: handle::<N>, data: core::ptr::from_ref(leaked) as usize }
        };
        device.attach(platform, irq, handler).map_err(failure)?;
        let interrupt = interrupt.ok_or(BlockError::Failed)?;

        let geometry = geometry(&device.transport, features)?;
        let mut most_bytes = MOST_BYTES;
        if features & FEATURE_SIZE_MAX != 0 {
            let of_device: u32 = read(&device.transport, CONFIG_SIZE_MAX)?;
            let sectors = (of_device as usize / SECTOR_BYTES).max(1);
            most_bytes = most_bytes.min(sectors * SECTOR_BYTES);
        }
        let ring = Ring::new(&mut device.transport)?;
        let doorbell = device.transport.doorbell(Ring::<N>::number()).ok_or(BlockError::Failed)?;
        let has_flush = features & FEATURE_FLUSH != 0;
        let drive = Box::leak(Box::new(Self {
            geometry,
            has_flush,
            most_bytes,
            doorbell,
            ring: IrqLock::new(ring),
            has_room: AtomicBool::new(true),
        }));
        interrupt.drive.store(drive, Ordering::Release);
        device.finish();
        // Dropping the transport would reset the device.
        core::mem::forget(device);
        Ok(drive)
    }

    pub fn geometry(&self) -> Geometry {
        self.geometry
    }

    pub fn read<P: Platform>(&self, platform: &P, sector: u64, buffer: &mut [u8]) -> Result<(), BlockError> {
        check_range(self.geometry, sector, buffer.len())?;
        if is_reached(platform, buffer) {
            return pieces(sector, buffer.len(), self.most_bytes, |sector, piece| {
                let data = Data::to_fill(&mut buffer[piece]);
                // SAFETY: the caller's buffer is ours alone until this returns, and the device reaches it.
                unsafe { self.request(Kind::Read, sector, data) }
            });
        }
        let mut copy = bounce(buffer.len().min(self.most_copied()))?;
        let most_bytes = copy.len().max(SECTOR_BYTES);
        pieces(sector, buffer.len(), most_bytes, |sector, piece| {
            let data = Data::to_fill(&mut copy[..piece.len()]);
            // SAFETY: the copy is on the heap, and nobody else has it.
            unsafe { self.request(Kind::Read, sector, data)? };
            buffer[piece.clone()].copy_from_slice(&copy[..piece.len()]);
            Ok(())
        })
    }

    pub fn write<P: Platform>(&self, platform: &P, sector: u64, bytes: &[u8]) -> Result<(), BlockError> {
        check_range(self.geometry, sector, bytes.len())?;
        if self.geometry.is_read_only {
            return Err(BlockError::ReadOnly);
        }
        if is_reached(platform, bytes) {
            return pieces(sector, bytes.len(), self.most_bytes, |sector, piece| {
                let data = Data::to_store(&bytes[piece]);
                // SAFETY: the caller's bytes do not change until this returns, and the device only reads them.
                unsafe { self.request(Kind::Write, sector, data) }
            });
        }
        let mut copy = bounce(bytes.len().min(self.most_copied()))?;
        let most_bytes = copy.len().max(SECTOR_BYTES);
        pieces(sector, bytes.len(), most_bytes, |sector, piece| {
            copy[..piece.len()].copy_from_slice(&bytes[piece.clone()]);
            let data = Data::to_store(&copy[..piece.len()]);
            // SAFETY: the copy is on the heap, and nobody else has it.
            unsafe { self.request(Kind::Write, sector, data) }
        })
    }

    /// 5.2.5.2: a device that offers no flush has no volatile cache.
    pub fn flush(&self) -> Result<(), BlockError> {
        if !self.has_flush || self.geometry.is_read_only {
            return Ok(());
        }
        // SAFETY: there is no data.
        unsafe { self.request(Kind::Flush, 0, Data::NONE) }
    }

    fn most_copied(&self) -> usize {
        self.most_bytes.min(MOST_COPIED_BYTES)
    }

    /// One request, from the ring's first free place to the device's answer. Blocks.
    ///
    /// # Safety
    /// The device reaches `data`, which is valid for its access; nobody else touches it until this returns.
    unsafe fn request(&self, kind: Kind, sector: u64, data: Data) -> Result<(), BlockError> {
        let request = loop {
            let mut ring = self.ring.lock();
            // SAFETY: this function returns when the request has an outcome, and so keeps the caller's promise.
            let lent = unsafe { ring.lend(kind, sector, data) };
            self.has_room.store(ring.has_room(), Ordering::Release);
            if let Some(request) = lent {
                let wants_doorbell = ring.wants_doorbell();
                drop(ring);
                if wants_doorbell {
                    self.doorbell.ring();
                }
                break request;
            }
            drop(ring);
            wait(self.room_key(), NO_DEADLINE, || !self.has_room.load(Ordering::Acquire));
        };
        while request.outcome() == PENDING {
            wait(request.key(), NO_DEADLINE, || request.outcome() == PENDING);
        }
        let status = request.outcome();
        let mut ring = self.ring.lock();
        ring.release(request);
        self.has_room.store(true, Ordering::Release);
        drop(ring);
        wake(self.room_key(), 1);
        match status {
            OK => Ok(()),
            UNSUPPORTED => Err(BlockError::Failed),
            _ => Err(BlockError::Medium),
        }
    }

    fn room_key(&self) -> usize {
        self.has_room.as_ptr() as usize
    }
}

fn failure(error: OpenError) -> BlockError {
    match error {
        OpenError::Absent => BlockError::Absent,
        OpenError::Failed => BlockError::Failed,
    }
}

fn read<T: zerocopy::FromBytes + zerocopy::IntoBytes>(
    transport: &AnyTransport,
    offset: usize,
) -> Result<T, BlockError> {
    transport.read_config_space(offset).map_err(|_| BlockError::Failed)
}

fn geometry(transport: &AnyTransport, features: u64) -> Result<Geometry, BlockError> {
    // The capacity changes when a disk is resized, and is read in halves.
    let halves = || Ok((transport.read_config_space::<u32>(0)?, transport.read_config_space::<u32>(4)?));
    let (low, high) = transport.read_consistent(halves).map_err(|_| BlockError::Failed)?;
    let mut geometry = Geometry::of(u64::from(low) | u64::from(high) << 32);
    geometry.is_read_only = features & FEATURE_READ_ONLY != 0;
    if features & FEATURE_BLOCK_SIZE != 0 {
        let logical: u32 = read(transport, CONFIG_BLOCK_BYTES)?;
        let exponent = match features & FEATURE_TOPOLOGY {
            0 => 0,
            _ => read::<u8>(transport, CONFIG_PHYSICAL_EXPONENT)?,
        };
        let physical = logical.checked_shl(exponent.into()).unwrap_or(logical);
        // What is no size of a block is no reason to do without the disk.
        if physical.is_power_of_two() {
            geometry.physical_bytes = physical.max(SECTOR_BYTES as u32);
        }
    }
    Ok(geometry)
}

fn is_reached<P: Platform>(platform: &P, memory: &[u8]) -> bool {
    platform.devices_reach(memory.as_ptr() as usize, memory.len())
}

/// Memory on the heap, which devices reach.
fn bounce(bytes: usize) -> Result<Vec<u8>, BlockError> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes).map_err(|_| BlockError::OutOfMemory)?;
    copy.resize(bytes, 0);
    Ok(copy)
}

/// Calls `body` for one piece of a transfer after the other, with the sector and the range of bytes of each.
fn pieces(
    sector: u64,
    bytes: usize,
    most_bytes: usize,
    mut body: impl FnMut(u64, core::ops::Range<usize>) -> Result<(), BlockError>,
) -> Result<(), BlockError> {
    let mut start = 0;
    while start < bytes {
        let end = bytes.min(start + most_bytes);
        body(sector + (start / SECTOR_BYTES) as u64, start..end)?;
        start = end;
    }
    Ok(())
}
