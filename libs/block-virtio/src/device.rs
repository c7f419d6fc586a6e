//! The disks of a machine as a [`BlockDevice`].

use crate::drive::Drive;
use kit_iface_block::{BlockDevice, BlockError, Disk, Geometry};
use kit_iface_irq::Irq;
use kit_iface_platform::{Platform, VirtioDevice};
use kit_util_sync::Lazy;
use virtio_drivers::transport::DeviceType;

/// The virtio disks of a platform, at most `DISKS` of them; `RING` is the length of each one's ring, a power of two.
pub struct VirtioBlk<P: 'static, I: 'static, const DISKS: usize = 4, const RING: usize = 64> {
    platform: &'static P,
    irq: &'static I,
    places: Lazy<[Option<VirtioDevice>; DISKS]>,
    drives: [Lazy<&'static Drive<RING>>; DISKS],
}

impl<P: Platform, I: Irq, const DISKS: usize, const RING: usize> VirtioBlk<P, I, DISKS, RING> {
    /// The disks of `platform`. Nothing is touched before one is started.
    pub const fn new(platform: &'static P, irq: &'static I) -> Self {
        Self { platform, irq, places: Lazy::new(), drives: [const { Lazy::new() }; DISKS] }
    }

    /// Where the disks are, in the order of discovery; the machine is looked at once.
    fn place(&self, disk: Disk) -> Result<VirtioDevice, BlockError> {
        let places = self.places.get_or(|| {
            let (mut places, mut count) = ([None; DISKS], 0);
            self.platform.find_virtio(DeviceType::Block as u16, &mut |place| {
                if let Some(slot) = places.get_mut(count) {
                    *slot = Some(place);
                }
                count += 1;
                count >= DISKS
            });
            places
        });
        places.get(usize::from(disk.0)).copied().flatten().ok_or(BlockError::Absent)
    }

    fn started(&self, disk: Disk) -> Result<&'static Drive<RING>, BlockError> {
        let drive = self.drives.get(usize::from(disk.0)).and_then(Lazy::get);
        drive.copied().ok_or(BlockError::Absent)
    }
}

impl<P: Platform, I: Irq, const DISKS: usize, const RING: usize> BlockDevice
    for VirtioBlk<P, I, DISKS, RING>
{
    fn start(&self, disk: Disk) -> Result<Geometry, BlockError> {
        let drive = self.drives.get(usize::from(disk.0)).ok_or(BlockError::Absent)?;
        let drive = drive.get_or_try(|| Drive::bring_up(self.platform, self.irq, self.place(disk)?))?;
        Ok(drive.geometry())
    }

    fn read(&self, disk: Disk, sector: u64, buffer: &mut [u8]) -> Result<(), BlockError> {
        self.started(disk)?.read(self.platform, sector, buffer)
    }

    fn write(&self, disk: Disk, sector: u64, bytes: &[u8]) -> Result<(), BlockError> {
        self.started(disk)?.write(self.platform, sector, bytes)
    }

    fn flush(&self, disk: Disk) -> Result<(), BlockError> {
        self.started(disk)?.flush()
    }
}
