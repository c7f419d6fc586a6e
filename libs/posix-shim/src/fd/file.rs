//! An open file, as every descriptor call sees it.

use crate::Errno;
use crate::fd::{Direction, Events, Status, Watch};
use crate::sockets::SocketFile;
use crate::user::{Source, Target};
use alloc::sync::{Arc, Weak};
use core::any::Any;
use core::ffi::{c_int, c_ulong};
use core::ops::Deref;
use core::sync::atomic::{AtomicI32, Ordering};
use kit_iface_fs::Change;
use kit_iface_sched::{NO_DEADLINE, Wake};

/// An open file description: what `open`, `socket`, `pipe2` and their like make, shared by duplicated descriptors.
/// Dropping the last reference closes it.
///
/// `read` and `write` are single attempts that answer `EAGAIN` rather than wait; [`crate::fd::transfer`] turns them
/// into blocking calls. Defaults are those of a file that is always ready, and the errors of one that cannot do such a thing.
pub trait File: Any + Send + Sync {
    /// The status flags (`O_NONBLOCK`, `O_APPEND`) and the access mode.
    fn flags(&self) -> &AtomicI32;

    /// Who watches this file; `None` for a file that is always ready, as those of a filesystem are.
    fn watch(&self) -> Option<&Watch> {
        None
    }

    /// What can be done now, of `interest` and [`Events::ALWAYS`]; may report more.
    fn readiness(&self, _interest: Events) -> Events {
        Events::IN.with(Events::OUT)
    }

    /// What `fstat` says.
    fn status(&self) -> Status;

    /// Reads at most `buffer.len()` bytes; 0 at the end.
    fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let _ = buffer;
        Err(Errno(libc::EINVAL))
    }

    /// Writes at least one byte of `bytes`, which are not empty.
    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let _ = bytes;
        Err(Errno(libc::EINVAL))
    }

    /// Reads into several ranges, one after the other.
    fn read_vectored(&self, targets: &mut [Target<'_>]) -> Result<usize, Errno> {
        read_each(targets, &mut |target| self.read(target))
    }

    /// Writes several ranges, one after the other.
    fn write_vectored(&self, sources: &[Source<'_>]) -> Result<usize, Errno> {
        write_each(sources, &mut |source| self.write(source))
    }

    /// Until when a blocking call that begins now waits.
    fn deadline(&self, direction: Direction) -> u64 {
        let _ = direction;
        NO_DEADLINE
    }

    /// A number that changes when something happens that may let an attempt succeed; see [`File::sleep`].
    fn ticket(&self, direction: Direction) -> u32 {
        self.watch().map_or(0, |watch| watch.ticket(direction))
    }

    /// Sleeps until the number is no longer `ticket`.
    fn sleep(&self, direction: Direction, ticket: u32, deadline_ns: u64) -> Wake {
        self.watch().map_or(Wake::Unneeded, |watch| watch.sleep(direction, ticket, deadline_ns))
    }

    /// Called before somebody begins to watch: the moment to arm what nobody needed so far. On an error nobody does.
    fn before_watch(&self) -> Result<(), Errno> {
        Ok(())
    }

    /// Reads at an offset, leaving the position alone.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Errno> {
        let _ = (offset, buffer);
        Err(Errno(libc::ESPIPE))
    }

    /// Writes at an offset, leaving the position alone.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<usize, Errno> {
        let _ = (offset, bytes);
        Err(Errno(libc::ESPIPE))
    }

    /// Moves the position.
    fn seek(&self, offset: i64, whence: c_int) -> Result<u64, Errno> {
        let _ = (offset, whence);
        Err(Errno(libc::ESPIPE))
    }

    /// Cuts or extends.
    fn truncate(&self, size: u64) -> Result<(), Errno> {
        let _ = size;
        Err(Errno(libc::EINVAL))
    }

    /// Makes the contents durable.
    fn sync(&self) -> Result<(), Errno> {
        Err(Errno(libc::EINVAL))
    }

    /// Changes mode and times.
    fn change(&self, change: Change) -> Result<(), Errno> {
        let _ = change;
        Ok(())
    }

    /// Takes or drops a whole-file lock (`flock`).
    fn lock(&self, operation: c_int) -> Result<(), Errno> {
        let _ = operation;
        Err(Errno(libc::EINVAL))
    }

    /// How many bytes could be read now (`FIONREAD`).
    fn readable_bytes(&self) -> Result<usize, Errno> {
        Err(Errno(libc::ENOTTY))
    }

    /// Device control beyond what all files share.
    fn control(&self, request: c_ulong, argument: usize) -> Result<c_int, Errno> {
        let _ = (request, argument);
        Err(Errno(libc::ENOTTY))
    }

    /// The socket calls, if this is a socket.
    fn socket(&self) -> Option<&dyn SocketFile> {
        None
    }
}

/// Fills ranges one after the other until one comes out short; an error counts only if nothing was read.
pub fn read_each(
    targets: &mut [Target<'_>],
    read: &mut dyn FnMut(&mut [u8]) -> Result<usize, Errno>,
) -> Result<usize, Errno> {
    let mut total = 0;
    for target in targets.iter_mut().map(Target::bytes).filter(|target| !target.is_empty()) {
        let length = target.len();
        match read(target) {
            Ok(count) => {
                total += count;
                if count < length {
                    break;
                }
            }
            Err(errno) if total == 0 => return Err(errno),
            Err(_) => break,
        }
    }
    Ok(total)
}

/// Stores ranges one after the other until one is taken short; an error counts only if nothing was written.
pub fn write_each(
    sources: &[Source<'_>],
    write: &mut dyn FnMut(&[u8]) -> Result<usize, Errno>,
) -> Result<usize, Errno> {
    let mut total = 0;
    for source in sources.iter().map(Source::bytes).filter(|source| !source.is_empty()) {
        match write(source) {
            Ok(count) => {
                total += count;
                if count < source.len() {
                    break;
                }
            }
            Err(errno) if total == 0 => return Err(errno),
            Err(_) => break,
        }
    }
    Ok(total)
}

/// Whether calls on `file` wait.
#[inline]
pub fn is_blocking(file: &dyn File) -> bool {
    file.flags().load(Ordering::Relaxed) & libc::O_NONBLOCK == 0
}

/// A counted reference to an open file; the standard streams are statics and need no count.
#[derive(Clone)]
pub enum FileRef {
    /// One of the image's own.
    Static(&'static dyn File),
    /// Made by a call.
    Counted(Arc<dyn File>),
}

/// Remembers a file without keeping it open.
#[derive(Clone)]
pub enum FileWeak {
    /// One of the image's own.
    Static(&'static dyn File),
    /// Made by a call.
    Counted(Weak<dyn File>),
}

impl FileRef {
    /// A reference that does not keep the file open.
    pub fn downgrade(&self) -> FileWeak {
        match self {
            Self::Static(file) => FileWeak::Static(*file),
            Self::Counted(file) => FileWeak::Counted(Arc::downgrade(file)),
        }
    }
}

impl FileWeak {
    /// The file, if it is still open.
    pub fn upgrade(&self) -> Option<FileRef> {
        match self {
            Self::Static(file) => Some(FileRef::Static(*file)),
            Self::Counted(file) => file.upgrade().map(FileRef::Counted),
        }
    }
}

impl Deref for FileRef {
    type Target = dyn File;
    #[inline]
    fn deref(&self) -> &dyn File {
        match self {
            Self::Static(file) => *file,
            Self::Counted(file) => &**file,
        }
    }
}
