//! The filesystem.

use crate::inode::{Inode, failure};
use crate::names::{name, text};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use kit_iface_console::log_str;
use kit_iface_fs::{Change, Features, FileSystem, FsError, Metadata, NodeKind, Space, Visit};
use kit_iface_platform::Platform;
use kit_util_cmdline::{Token, tokens};
use kit_util_linux::{Errno, folders, read_at, write_at};
use kit_util_sync::{Lazy, SleepLock};
use libc::{AT_FDCWD, O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_RDWR};

/// Bytes of a piece of a listing.
const LISTING_BYTES: usize = 8192;
/// Where a file of the host ends at the latest.
const OFFSET_MAX: u64 = i64::MAX as u64;

/// The folder of the host that the command line shares under a name: `kit.share=NAME=FOLDER:rw`.
pub struct HostFolder<P: 'static> {
    platform: &'static P,
    tag: &'static str,
    root: Lazy<Arc<Inode>>,
    /// Appending is finding the end and writing there: one at a time.
    appending: SleepLock<()>,
}

impl<P: Platform> HostFolder<P> {
    /// The folder shared as `tag`. Nothing is opened before its root is asked for.
    pub const fn new(platform: &'static P, tag: &'static str) -> Self {
        Self { platform, tag, root: Lazy::new(), appending: SleepLock::new(()) }
    }

    fn open(&self) -> Result<Arc<Inode>, FsError> {
        let path = self.path().ok_or(FsError::NoDevice).and_then(|path| text(&path));
        let opened = path.and_then(|path| {
            // Not as a name is opened: the folder itself may be behind a link.
            let flags = O_RDONLY | O_DIRECTORY;
            Inode::of(folders::open_at(AT_FDCWD, &path, flags, 0).map_err(failure)?)
        });
        if opened.is_err() {
            for text in ["kit: the host shares no folder as ", self.tag, "; kit run -v FOLDER:PATH does\n"] {
                log_str(text);
            }
        }
        opened.map(Arc::new)
    }

    /// The folder of our share on the command line, without how it may be used, which is the business of the mount.
    fn path(&self) -> Option<Vec<u8>> {
        let mut found = None;
        for token in tokens(self.platform.command_line()) {
            if let Token::Option { name: b"share", value } = token {
                let value: Vec<u8> = value.bytes().collect();
                let path = value.strip_prefix(self.tag.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
                found = path.map(<[u8]>::to_vec).or(found);
            }
        }
        let mut path = found?;
        if path.ends_with(b":ro") || path.ends_with(b":rw") {
            path.truncate(path.len() - 3);
        }
        Some(path)
    }
}

/// Repeats a call until all of a buffer is moved or nothing more is. `call` gets how much is done.
fn all(bytes: usize, mut call: impl FnMut(usize) -> Result<usize, Errno>) -> Result<usize, FsError> {
    let mut done = 0;
    while done < bytes {
        match call(done) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(Errno::INTERRUPTED) => {}
            // What was moved is told; the next call meets the error.
            Err(_) if done > 0 => break,
            Err(errno) => return Err(failure(errno)),
        }
    }
    Ok(done)
}

fn must_be_directory(node: &Inode) -> Result<(), FsError> {
    if node.kind == NodeKind::Directory { Ok(()) } else { Err(FsError::NotADirectory) }
}

fn must_be_file(node: &Inode) -> Result<(), FsError> {
    if node.kind == NodeKind::Directory { Err(FsError::IsADirectory) } else { Ok(()) }
}

impl<P: Platform> FileSystem for HostFolder<P> {
    type Node = Arc<Inode>;

    // The host's filesystem decides; this is what one can rely on. Device nodes are the host's own business.
    const FEATURES: Features = Features { devices: false, sparse: false, ..Features::POSIX };

    fn root(&self) -> Result<Self::Node, FsError> {
        self.root.get_or_try(|| self.open()).cloned()
    }

    fn space(&self, node: &Self::Node) -> Space {
        let Ok(status) = folders::filesystem_status(node.descriptor) else { return Space::default() };
        let bytes = |blocks: u64| blocks.saturating_mul(status.f_bsize.unsigned_abs());
        Space { total_bytes: bytes(status.f_blocks), free_bytes: bytes(status.f_bavail) }
    }

    fn metadata(&self, node: &Self::Node) -> Metadata {
        node.metadata()
    }

    fn change(&self, node: &Self::Node, change: Change) -> Result<(), FsError> {
        if let Some(mode) = change.mode {
            folders::change_mode(node.descriptor, mode.into()).map_err(failure)?;
        }
        if change.accessed_ns.is_none() && change.modified_ns.is_none() {
            return Ok(());
        }
        let time = |wanted: Option<u64>| match wanted {
            None => folders::Time { tv_sec: 0, tv_nsec: libc::UTIME_OMIT },
            Some(time) => folders::Time {
                tv_sec: (time / 1_000_000_000) as i64,
                tv_nsec: (time % 1_000_000_000) as i64,
            },
        };
        let times = [time(change.accessed_ns), time(change.modified_ns)];
        folders::change_times(node.descriptor, &times).map_err(failure)
    }

    fn lookup(&self, directory: &Self::Node, wanted: &[u8]) -> Result<Self::Node, FsError> {
        must_be_directory(directory)?;
        Inode::open(directory.descriptor, &name(wanted)?).map(Arc::new)
    }

    fn parent(&self, directory: &Self::Node) -> Result<Self::Node, FsError> {
        must_be_directory(directory)?;
        let root = self.root()?;
        if directory.is(&root) {
            return Ok(root);
        }
        Inode::open(directory.descriptor, c"..").map(Arc::new)
    }

    fn create(
        &self,
        directory: &Self::Node,
        wanted: &[u8],
        kind: NodeKind,
        mode: u16,
    ) -> Result<Self::Node, FsError> {
        must_be_directory(directory)?;
        let (at, name) = (directory.descriptor, name(wanted)?);
        let node = match kind {
            NodeKind::File => {
                let flags = O_CREAT | O_EXCL | O_RDWR;
                Inode::of(folders::open_at(at, &name, flags, mode.into()).map_err(failure)?)?
            }
            NodeKind::Directory => {
                folders::make_directory(at, &name, mode.into()).map_err(failure)?;
                Inode::open(at, &name)?
            }
            NodeKind::Symlink => return Err(FsError::Invalid),
            NodeKind::Device(_) => return Err(FsError::NotPermitted),
        };
        // The process has a mask of its own.
        if node.metadata().mode != mode {
            folders::change_mode(node.descriptor, mode.into()).map_err(failure)?;
        }
        Ok(Arc::new(node))
    }

    fn symlink(&self, directory: &Self::Node, wanted: &[u8], target: &[u8]) -> Result<Self::Node, FsError> {
        must_be_directory(directory)?;
        let name = name(wanted)?;
        folders::make_symlink(&text(target)?, directory.descriptor, &name).map_err(failure)?;
        Inode::open(directory.descriptor, &name).map(Arc::new)
    }

    fn read_link(&self, node: &Self::Node, buffer: &mut [u8]) -> Result<usize, FsError> {
        match node.kind {
            NodeKind::Symlink => folders::read_link(node.descriptor, buffer).map_err(failure),
            _ => Err(FsError::Invalid),
        }
    }

    fn link(&self, node: &Self::Node, directory: &Self::Node, wanted: &[u8]) -> Result<(), FsError> {
        if node.kind == NodeKind::Directory {
            return Err(FsError::NotPermitted);
        }
        must_be_directory(directory)?;
        folders::link(node.descriptor, directory.descriptor, &name(wanted)?).map_err(failure)
    }

    fn unlink(&self, directory: &Self::Node, wanted: &[u8], is_directory: bool) -> Result<(), FsError> {
        must_be_directory(directory)?;
        folders::unlink(directory.descriptor, &name(wanted)?, is_directory).map_err(failure)
    }

    fn rename(
        &self,
        from: &Self::Node,
        from_name: &[u8],
        to: &Self::Node,
        to_name: &[u8],
    ) -> Result<(), FsError> {
        must_be_directory(from)?;
        must_be_directory(to)?;
        let (old, new) = (name(from_name)?, name(to_name)?);
        folders::rename(from.descriptor, &old, to.descriptor, &new).map_err(failure)
    }

    fn read(&self, node: &Self::Node, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        must_be_file(node)?;
        if offset > OFFSET_MAX {
            return Ok(0);
        }
        all(buffer.len(), |done| read_at(node.descriptor, offset + done as u64, &mut buffer[done..]))
    }

    fn write(&self, node: &Self::Node, offset: u64, bytes: &[u8]) -> Result<usize, FsError> {
        must_be_file(node)?;
        if offset.checked_add(bytes.len() as u64).is_none_or(|end| end > OFFSET_MAX) {
            return Err(FsError::TooLarge);
        }
        all(bytes.len(), |done| write_at(node.descriptor, offset + done as u64, &bytes[done..]))
    }

    fn append(&self, node: &Self::Node, bytes: &[u8]) -> Result<u64, FsError> {
        let _appending = self.appending.lock();
        let end = node.metadata().size;
        let written = self.write(node, end, bytes)?;
        if written == bytes.len() {
            return Ok(end + written as u64);
        }
        // All or nothing.
        self.truncate(node, end)?;
        Err(FsError::NoSpace)
    }

    fn truncate(&self, node: &Self::Node, size: u64) -> Result<(), FsError> {
        must_be_file(node)?;
        if size > OFFSET_MAX {
            return Err(FsError::TooLarge);
        }
        folders::truncate(node.descriptor, size).map_err(failure)
    }

    fn read_directory(
        &self,
        directory: &Self::Node,
        cursor: u64,
        visit: &mut Visit<'_>,
    ) -> Result<(), FsError> {
        must_be_directory(directory)?;
        let mut buffer = vec![0; LISTING_BYTES];
        let mut cursor = cursor;
        loop {
            let filled = {
                let _listing = directory.listing.lock();
                folders::entries(directory.descriptor, cursor, &mut buffer).map_err(failure)?
            };
            if filled == 0 {
                return Ok(());
            }
            let mut rest = &buffer[..filled];
            while let Some(entry) = Entry::take(&mut rest) {
                cursor = entry.cursor;
                let is_visible = !matches!(entry.name, b"." | b"..");
                if is_visible && !visit(entry.cursor, entry.name, entry.inode.max(1), entry.kind) {
                    return Ok(());
                }
            }
        }
    }

    fn sync(&self, node: &Self::Node) -> Result<(), FsError> {
        folders::sync(node.descriptor).map_err(failure)
    }
}

/// One `struct linux_dirent64`: `ino[8] off[8] reclen[2] type[1] name`, the name with a zero byte behind it.
struct Entry<'a> {
    inode: u64,
    cursor: u64,
    kind: NodeKind,
    name: &'a [u8],
}

impl<'a> Entry<'a> {
    fn take(rest: &mut &'a [u8]) -> Option<Self> {
        let number = |at: usize| Some(u64::from_ne_bytes(rest.get(at..at + 8)?.try_into().ok()?));
        let (inode, cursor) = (number(0)?, number(8)?);
        let length = usize::from(u16::from_ne_bytes(rest.get(16..18)?.try_into().ok()?));
        let kind = match *rest.get(18)? {
            libc::DT_DIR => NodeKind::Directory,
            libc::DT_LNK => NodeKind::Symlink,
            _ => NodeKind::File,
        };
        let name = rest.get(19..length)?;
        let end = name.iter().position(|byte| *byte == 0)?;
        *rest = &rest[length..];
        Some(Self { inode, cursor, kind, name: &name[..end] })
    }
}
