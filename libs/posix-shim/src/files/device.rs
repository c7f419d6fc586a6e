//! What is behind the numbers of device nodes, wherever a filesystem has one.

use crate::Errno;
use crate::fd::{File, FileRef, Status, table};
use crate::files::{Node, errno_of};
use alloc::sync::Arc;
use core::ffi::c_int;
use core::sync::atomic::AtomicI32;
use kit_iface_entropy::fill;
use kit_iface_fs::{Change, FileSystem, devices};
use kit_iface_image::WithFs;

/// Opens the device with a number.
pub fn open<I: WithFs>(node: Node<I>, number: u32, flags: c_int) -> Result<FileRef, Errno> {
    let device = match number {
        devices::NULL => Device::Null,
        devices::ZERO => Device::Zero,
        devices::FULL => Device::Full,
        devices::RANDOM | devices::URANDOM => Device::Random,
        // The console reads through descriptor 0 and writes through 1, as long as the program left them there.
        devices::TTY | devices::CONSOLE => {
            return table::get::<I>(c_int::from(flags & libc::O_ACCMODE != libc::O_RDONLY));
        }
        _ => {
            let descriptor = number.checked_sub(devices::DESCRIPTOR).filter(|descriptor| *descriptor < 3);
            return table::get::<I>(descriptor.ok_or(Errno(libc::ENXIO))? as c_int);
        }
    };
    Ok(FileRef::Counted(Arc::new(Open::<I> { node, device, flags: AtomicI32::new(flags) })))
}

/// A device with no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Device {
    Null,
    Zero,
    Full,
    Random,
}

struct Open<I: WithFs> {
    node: Node<I>,
    device: Device,
    flags: AtomicI32,
}

impl<I: WithFs> File for Open<I> {
    fn flags(&self) -> &AtomicI32 {
        &self.flags
    }

    fn status(&self) -> Status {
        Status::of_node(I::fs(), &self.node)
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

    fn change(&self, change: Change) -> Result<(), Errno> {
        I::fs().change(&self.node, change).map_err(errno_of)
    }
}
