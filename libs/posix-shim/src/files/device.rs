//! `/dev`: the few devices that programs open by name. A filesystem holds files; these are the shim's.
//!
//! They appear in the directory `/dev`, which exists for the purpose, where no file of that name is.

use crate::Errno;
use crate::fd::{File, FileRef, Status, table};
use crate::files::path::{Last, Place};
use crate::files::{Node, errno_of};
use alloc::sync::Arc;
use core::ffi::c_int;
use core::sync::atomic::AtomicI32;
use kit_iface_entropy::fill;
use kit_iface_fs::FileSystem;
use kit_iface_image::WithFs;

/// A device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// Takes everything, has nothing.
    Null,
    /// Endless zeroes.
    Zero,
    /// Never has room.
    Full,
    /// Random bytes.
    Random,
    /// An open descriptor under another name.
    Descriptor(c_int),
}

const DEVICES: &[(&[u8], Device)] = &[
    (b"null", Device::Null),
    (b"zero", Device::Zero),
    (b"full", Device::Full),
    (b"random", Device::Random),
    (b"urandom", Device::Random),
    (b"stdin", Device::Descriptor(0)),
    (b"stdout", Device::Descriptor(1)),
    (b"stderr", Device::Descriptor(2)),
    (b"console", Device::Descriptor(1)),
];

/// The device at `place`, if it is one.
pub fn find<I: WithFs>(place: &Place<'_, Node<I>>) -> Option<Device> {
    let (None, Last::Name(name)) = (&place.node, &place.last) else { return None };
    let (_, device) = DEVICES.iter().find(|(candidate, _)| *candidate == &**name)?;
    let fs = I::fs();
    let directory = fs.lookup(&fs.root(), b"dev").map_err(errno_of).ok()?;
    (fs.metadata(&directory).inode == fs.metadata(&place.directory).inode).then_some(*device)
}

impl Device {
    /// What `stat` says; the numbers are Linux's.
    pub fn status(self) -> Status {
        let device = match self {
            Self::Null => 0x0103,
            Self::Zero => 0x0105,
            Self::Full => 0x0107,
            Self::Random => 0x0109,
            Self::Descriptor(_) => 0x0501,
        };
        Status { device, ..Status::nameless(libc::S_IFCHR | 0o666) }
    }

    /// Opens the device.
    pub fn open<I: WithFs>(self, flags: c_int) -> Result<FileRef, Errno> {
        match self {
            Self::Descriptor(fd) => table::get::<I>(fd),
            device => Ok(FileRef::Counted(Arc::new(Open { device, flags: AtomicI32::new(flags) }))),
        }
    }
}

struct Open {
    device: Device,
    flags: AtomicI32,
}

impl File for Open {
    fn flags(&self) -> &AtomicI32 {
        &self.flags
    }

    fn status(&self) -> Status {
        self.device.status()
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        match self.device {
            Device::Null => return Ok(0),
            Device::Random => fill(buffer).map_err(|_| Errno(libc::EIO))?,
            _ => buffer.fill(0),
        }
        Ok(buffer.len())
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        if self.device == Device::Full { Err(Errno(libc::ENOSPC)) } else { Ok(bytes.len()) }
    }

    fn read_at(&self, _offset: u64, buffer: &mut [u8]) -> Result<usize, Errno> {
        self.read(buffer)
    }

    fn write_at(&self, _offset: u64, bytes: &[u8]) -> Result<usize, Errno> {
        self.write(bytes)
    }

    fn seek(&self, _offset: i64, _whence: c_int) -> Result<u64, Errno> {
        Ok(0)
    }
}
