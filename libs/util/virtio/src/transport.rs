//! Both transports as one type, with one set of virtio-drivers' generic code behind it.

use crate::device::Doorbell;
use crate::pci::{NO_VECTOR, Parts};
use crate::registers::Registers;
use core::sync::atomic::{AtomicU16, Ordering};
use virtio_drivers::transport::mmio::MmioTransport;
use virtio_drivers::transport::{DeviceStatus, DeviceType, InterruptStatus, Transport};
use virtio_drivers::{Error, PhysAddr, Result};
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// Queues that a device of ours has at most.
const MOST_QUEUES: usize = 4;

// 4.1.4.3: the common configuration structure.
const DEVICE_FEATURE_SELECT: usize = 0;
const DEVICE_FEATURE: usize = 4;
const DRIVER_FEATURE_SELECT: usize = 8;
const DRIVER_FEATURE: usize = 12;
const MSIX_CONFIG: usize = 16;
const STATUS: usize = 20;
const GENERATION: usize = 21;
const QUEUE_SELECT: usize = 22;
const QUEUE_SIZE: usize = 24;
const QUEUE_VECTOR: usize = 26;
const QUEUE_ENABLE: usize = 28;
const QUEUE_NOTIFY_OFFSET: usize = 30;
const QUEUE_AREAS: usize = 32;

/// A device's registers, over MMIO or PCI.
pub struct AnyTransport {
    pub(crate) bus: Bus,
    used: [PhysAddr; MOST_QUEUES],
}

pub(crate) enum Bus {
    Mmio { transport: MmioTransport<'static>, registers: Registers },
    Pci { device_type: DeviceType, parts: Parts, vector: u16 },
}

/// The index field of a queue's used ring (2.7.8), which the device moves when it is done with a buffer.
#[derive(Clone, Copy, Debug)]
pub struct UsedIndex(&'static AtomicU16);

impl UsedIndex {
    /// The index now. What the device wrote before it is visible afterwards.
    #[inline]
    pub fn load(self) -> u16 {
        self.0.load(Ordering::Acquire)
    }
}

impl AnyTransport {
    pub(crate) fn new(bus: Bus) -> Self {
        Self { bus, used: [0; MOST_QUEUES] }
    }

    /// Where the device tells what it has used of `queue`, once the queue is set up.
    ///
    /// # Safety
    /// The queue is never freed.
    pub unsafe fn used_index(&self, queue: u16) -> Option<UsedIndex> {
        let area = *self.used.get(usize::from(queue))? as *mut u16;
        if area.is_null() {
            return None;
        }
        // SAFETY: the used ring is at least six bytes of identity-mapped memory that the caller keeps for good;
        // its second half-word is written by the device only, and atomically.
        Some(UsedIndex(unsafe { AtomicU16::from_ptr(area.add(1)) }))
    }

    /// What to write where to tell the device of new buffers in `queue`.
    pub fn doorbell(&self, queue: u16) -> Option<Doorbell> {
        match &self.bus {
            Bus::Mmio { registers, .. } => Doorbell::mmio(*registers, queue),
            Bus::Pci { parts, .. } => {
                parts.common.write(QUEUE_SELECT, queue);
                let offset = usize::from(parts.common.read::<u16>(QUEUE_NOTIFY_OFFSET));
                Doorbell::pci(parts.notify.part(offset * parts.notify_multiplier as usize, 2)?, queue)
            }
        }
    }
}

impl Transport for AnyTransport {
    fn device_type(&self) -> DeviceType {
        match &self.bus {
            Bus::Mmio { transport, .. } => transport.device_type(),
            Bus::Pci { device_type, .. } => *device_type,
        }
    }

    fn read_device_features(&mut self) -> u64 {
        match &mut self.bus {
            Bus::Mmio { transport, .. } => transport.read_device_features(),
            Bus::Pci { parts: Parts { common, .. }, .. } => {
                let half = |select: u32| {
                    common.write(DEVICE_FEATURE_SELECT, select);
                    u64::from(common.read::<u32>(DEVICE_FEATURE))
                };
                half(0) | half(1) << 32
            }
        }
    }

    fn write_driver_features(&mut self, features: u64) {
        match &mut self.bus {
            Bus::Mmio { transport, .. } => transport.write_driver_features(features),
            Bus::Pci { parts: Parts { common, .. }, .. } => {
                for (select, half) in [(0u32, features as u32), (1, (features >> 32) as u32)] {
                    common.write(DRIVER_FEATURE_SELECT, select);
                    common.write(DRIVER_FEATURE, half);
                }
            }
        }
    }

    fn max_queue_size(&mut self, queue: u16) -> u32 {
        match &mut self.bus {
            Bus::Mmio { transport, .. } => transport.max_queue_size(queue),
            Bus::Pci { parts: Parts { common, .. }, .. } => {
                common.write(QUEUE_SELECT, queue);
                u32::from(common.read::<u16>(QUEUE_SIZE))
            }
        }
    }

    fn notify(&mut self, queue: u16) {
        if let Some(doorbell) = self.doorbell(queue) {
            doorbell.ring();
        }
    }

    fn get_status(&self) -> DeviceStatus {
        match &self.bus {
            Bus::Mmio { transport, .. } => transport.get_status(),
            Bus::Pci { parts, .. } => {
                DeviceStatus::from_bits_truncate(parts.common.read::<u8>(STATUS).into())
            }
        }
    }

    fn set_status(&mut self, status: DeviceStatus) {
        match &mut self.bus {
            Bus::Mmio { transport, .. } => transport.set_status(status),
            Bus::Pci { parts, .. } => parts.common.write(STATUS, status.bits() as u8),
        }
    }

    fn set_guest_page_size(&mut self, bytes: u32) {
        if let Bus::Mmio { transport, .. } = &mut self.bus {
            transport.set_guest_page_size(bytes);
        }
    }

    fn requires_legacy_layout(&self) -> bool {
        match &self.bus {
            Bus::Mmio { transport, .. } => transport.requires_legacy_layout(),
            Bus::Pci { .. } => false,
        }
    }

    fn queue_set(
        &mut self,
        queue: u16,
        size: u32,
        descriptors: PhysAddr,
        driver_area: PhysAddr,
        device_area: PhysAddr,
    ) {
        if let Some(used) = self.used.get_mut(usize::from(queue)) {
            *used = device_area;
        }
        match &mut self.bus {
            Bus::Mmio { transport, .. } => {
                transport.queue_set(queue, size, descriptors, driver_area, device_area);
            }
            Bus::Pci { parts: Parts { common, .. }, vector, .. } => {
                common.write(QUEUE_SELECT, queue);
                common.write(QUEUE_SIZE, size as u16);
                common.write(QUEUE_VECTOR, *vector);
                for (number, address) in [descriptors, driver_area, device_area].into_iter().enumerate() {
                    common.write(QUEUE_AREAS + number * 8, address as u32);
                    common.write(QUEUE_AREAS + number * 8 + 4, (address >> 32) as u32);
                }
                common.write(QUEUE_ENABLE, 1u16);
            }
        }
    }

    fn queue_unset(&mut self, queue: u16) {
        // Over PCI a queue that was set up stays so until the device is reset (4.1.4.3.2).
        if let Bus::Mmio { transport, .. } = &mut self.bus {
            transport.queue_unset(queue);
        }
    }

    fn queue_used(&mut self, queue: u16) -> bool {
        match &mut self.bus {
            Bus::Mmio { transport, .. } => transport.queue_used(queue),
            // No queue is in use after the reset that begins negotiation, except by us.
            Bus::Pci { .. } => self.used.get(usize::from(queue)).is_some_and(|used| *used != 0),
        }
    }

    fn ack_interrupt(&mut self) -> InterruptStatus {
        match &mut self.bus {
            Bus::Mmio { transport, .. } => transport.ack_interrupt(),
            // A message needs no acknowledgement.
            Bus::Pci { .. } => InterruptStatus::empty(),
        }
    }

    fn read_config_generation(&self) -> u32 {
        match &self.bus {
            Bus::Mmio { transport, .. } => transport.read_config_generation(),
            Bus::Pci { parts, .. } => parts.common.read::<u8>(GENERATION).into(),
        }
    }

    fn read_config_space<T: FromBytes + IntoBytes>(&self, offset: usize) -> Result<T> {
        match &self.bus {
            Bus::Mmio { transport, .. } => transport.read_config_space(offset),
            Bus::Pci { parts, .. } => {
                let registers = parts.device.ok_or(Error::ConfigSpaceMissing)?;
                if offset + size_of::<T>() > registers.bytes() {
                    return Err(Error::ConfigSpaceTooSmall);
                }
                let mut value = T::new_zeroed();
                for (at, byte) in value.as_mut_bytes().iter_mut().enumerate() {
                    *byte = registers.read(offset + at);
                }
                Ok(value)
            }
        }
    }

    fn write_config_space<T: IntoBytes + Immutable>(&mut self, offset: usize, value: T) -> Result<()> {
        match &mut self.bus {
            Bus::Mmio { transport, .. } => transport.write_config_space(offset, value),
            Bus::Pci { parts, .. } => {
                let registers = parts.device.ok_or(Error::ConfigSpaceMissing)?;
                if offset + size_of::<T>() > registers.bytes() {
                    return Err(Error::ConfigSpaceTooSmall);
                }
                for (at, byte) in value.as_bytes().iter().enumerate() {
                    registers.write(offset + at, *byte);
                }
                Ok(())
            }
        }
    }
}

impl Bus {
    /// Interrupts for queues go to vector 0 from now on, those for configuration changes nowhere.
    pub(crate) fn use_vector_0(&mut self) {
        if let Bus::Pci { parts, vector, .. } = self {
            parts.common.write(MSIX_CONFIG, NO_VECTOR);
            *vector = 0;
        }
    }
}
