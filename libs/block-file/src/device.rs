//! The disks that the command line names.

use crate::file::DiskFile;
use kit_iface_block::{BlockDevice, BlockError, Disk, Geometry};
use kit_iface_platform::Platform;
use kit_util_cmdline::{Text, Token, tokens};
use kit_util_sync::Lazy;

/// At most `DISKS` files as disks.
pub struct FileDisks<P: 'static, const DISKS: usize = 4> {
    platform: &'static P,
    files: [Lazy<DiskFile>; DISKS],
}

impl<P: Platform, const DISKS: usize> FileDisks<P, DISKS> {
    /// The files that the command line of `platform` names. None is opened before its disk is started.
    pub const fn new(platform: &'static P) -> Self {
        Self { platform, files: [const { Lazy::new() }; DISKS] }
    }

    fn name(&self, disk: Disk) -> Result<Text<'static>, BlockError> {
        let mut disks = tokens(self.platform.command_line()).filter_map(|token| match token {
            Token::Option { name: b"disk", value } => Some(value),
            _ => None,
        });
        disks.nth(usize::from(disk.0)).ok_or(BlockError::Absent)
    }

    fn started(&self, disk: Disk) -> Result<&DiskFile, BlockError> {
        self.files.get(usize::from(disk.0)).and_then(Lazy::get).ok_or(BlockError::Absent)
    }
}

impl<P: Platform, const DISKS: usize> BlockDevice for FileDisks<P, DISKS> {
    fn start(&self, disk: Disk) -> Result<Geometry, BlockError> {
        let file = self.files.get(usize::from(disk.0)).ok_or(BlockError::Absent)?;
        file.get_or_try(|| DiskFile::open(self.name(disk)?)).map(DiskFile::geometry)
    }

    fn read(&self, disk: Disk, sector: u64, buffer: &mut [u8]) -> Result<(), BlockError> {
        self.started(disk)?.read(sector, buffer)
    }

    fn write(&self, disk: Disk, sector: u64, bytes: &[u8]) -> Result<(), BlockError> {
        self.started(disk)?.write(sector, bytes)
    }

    fn flush(&self, disk: Disk) -> Result<(), BlockError> {
        self.started(disk)?.flush()
    }
}
