//! The slot's trait over a volume that is mounted at the first use.

use crate::items::ROOT;
use crate::names::check_directory;
use crate::open::Held;
use crate::volume::{Purpose, Volume};
use alloc::boxed::Box;
use alloc::sync::Arc;
use kit_iface_block::{BlockDevice, Disk};
use kit_iface_fs::{Change, FileSystem, FsError, Metadata, NodeKind, Space, Visit};
use kit_util_sync::SleepLock;

/// What a [`CowFs`] may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Memory for blocks of the disk, in KiB.
    pub cache_kib: u32,
    /// How old a change may be, in seconds, before the next one makes it durable without being asked.
    pub commit_seconds: u32,
}

/// A filesystem on a disk.
pub struct CowFs<D: 'static> {
    device: &'static D,
    disk: Disk,
    limits: Limits,
    state: SleepLock<State<D>>,
}

enum State<D: 'static> {
    /// Nobody has asked for anything yet.
    Unused,
    Mounted(Box<Volume<D>>),
    /// The disk could not be mounted, and why was told.
    Failed(FsError),
}

/// A counted handle to a node of a [`CowFs`].
#[derive(Clone)]
pub struct Node(Arc<Held>);

impl<D: BlockDevice> CowFs<D> {
    /// The filesystem on `disk`. Nothing happens before its first use.
    pub const fn new(device: &'static D, disk: Disk, limits: Limits) -> Self {
        Self { device, disk, limits, state: SleepLock::new(State::Unused) }
    }

    /// Does `work` with the volume, alone.
    fn with<R>(&self, work: impl FnOnce(&mut Volume<D>) -> Result<R, FsError>) -> Result<R, FsError> {
        let mut state = self.state.lock();
        if let State::Unused = *state {
            *state = self.mount();
        }
        match &mut *state {
            State::Mounted(volume) => work(volume),
            State::Failed(error) => Err(*error),
            State::Unused => Err(FsError::Device),
        }
    }

    /// [`CowFs::with`] for what changes something.
    fn change_with<R>(&self, work: impl FnOnce(&mut Volume<D>) -> Result<R, FsError>) -> Result<R, FsError> {
        self.with(|volume| {
            volume.sweep()?;
            work(volume)
        })
    }

    fn mount(&self) -> State<D> {
        let cache_blocks = self.limits.cache_kib as usize / 4;
        let commit_after_ns = u64::from(self.limits.commit_seconds) * 1_000_000_000;
        match Volume::mount(self.device, self.disk, cache_blocks, commit_after_ns) {
            Ok(volume) => State::Mounted(Box::new(volume)),
            Err(error) => {
                kit_iface_console::log_str("kit: fs-cow: ");
                kit_iface_console::log_str(error.text());
                kit_iface_console::log_str("\n");
                State::Failed(error.code())
            }
        }
    }
}

impl<D: BlockDevice> FileSystem for CowFs<D> {
    type Node = Node;

    fn root(&self) -> Result<Node, FsError> {
        self.with(|volume| volume.hold(ROOT)).map(Node)
    }

    fn is_writable(&self, _node: &Node) -> bool {
        self.with(|volume| Ok(!volume.store.disk.is_read_only)).unwrap_or(false)
    }

    fn space(&self, _node: &Node) -> Space {
        self.with(|volume| Ok(volume.room())).unwrap_or_default()
    }

    fn metadata(&self, node: &Node) -> Metadata {
        node.0.inode().metadata(node.0.number)
    }

    fn change(&self, node: &Node, change: Change) -> Result<(), FsError> {
        self.change_with(|volume| {
            volume.begin(0, Purpose::Shrink)?;
            let mut inode = node.0.inode();
            inode.mode = change.mode.unwrap_or(inode.mode) & 0o7777;
            inode.accessed_ns = change.accessed_ns.unwrap_or(inode.accessed_ns);
            inode.modified_ns = change.modified_ns.unwrap_or(inode.modified_ns);
            inode.changed_ns = kit_iface_clock::wall_ns();
            volume.apply(|volume| volume.put_inode(node.0.number, &inode))
        })
    }

    fn lookup(&self, directory: &Node, name: &[u8]) -> Result<Node, FsError> {
        self.with(|volume| volume.lookup(&directory.0, name)).map(Node)
    }

    fn parent(&self, directory: &Node) -> Result<Node, FsError> {
        let inode = check_directory(&directory.0)?;
        if inode.links == 0 {
            return Err(FsError::NotFound);
        }
        self.with(|volume| volume.hold(inode.parent)).map(Node)
    }

    fn create(&self, directory: &Node, name: &[u8], kind: NodeKind, mode: u16) -> Result<Node, FsError> {
        if kind == NodeKind::Symlink {
            return Err(FsError::Invalid);
        }
        self.change_with(|volume| volume.create(&directory.0, name, kind, mode, &[])).map(Node)
    }

    fn symlink(&self, directory: &Node, name: &[u8], target: &[u8]) -> Result<Node, FsError> {
        self.change_with(|volume| volume.create(&directory.0, name, NodeKind::Symlink, 0o777, target))
            .map(Node)
    }

    fn read_link(&self, node: &Node, buffer: &mut [u8]) -> Result<usize, FsError> {
        self.with(|volume| volume.read_link(&node.0, buffer))
    }

    fn link(&self, node: &Node, directory: &Node, name: &[u8]) -> Result<(), FsError> {
        self.change_with(|volume| volume.link(&node.0, &directory.0, name))
    }

    fn unlink(&self, directory: &Node, name: &[u8], is_directory: bool) -> Result<(), FsError> {
        self.change_with(|volume| volume.unlink(&directory.0, name, is_directory))
    }

    fn rename(&self, from: &Node, from_name: &[u8], to: &Node, to_name: &[u8]) -> Result<(), FsError> {
        self.change_with(|volume| volume.rename(&from.0, from_name, &to.0, to_name))
    }

    fn read(&self, node: &Node, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        self.with(|volume| volume.read(&node.0, offset, buffer))
    }

    fn write(&self, node: &Node, offset: u64, bytes: &[u8]) -> Result<usize, FsError> {
        self.change_with(|volume| volume.write(&node.0, offset, bytes))
    }

    fn append(&self, node: &Node, bytes: &[u8]) -> Result<u64, FsError> {
        self.change_with(|volume| volume.append(&node.0, bytes))
    }

    fn truncate(&self, node: &Node, size: u64) -> Result<(), FsError> {
        self.change_with(|volume| volume.truncate(&node.0, size))
    }

    fn read_directory(&self, directory: &Node, cursor: u64, visit: &mut Visit<'_>) -> Result<(), FsError> {
        self.with(|volume| volume.read_directory(&directory.0, cursor, visit))
    }

    fn sync(&self, _node: &Node) -> Result<(), FsError> {
        self.change_with(|volume| volume.commit())
    }

    fn sync_all(&self) -> Result<(), FsError> {
        match &mut *self.state.lock() {
            State::Mounted(volume) if !volume.store.disk.is_read_only => {
                volume.sweep()?;
                volume.commit()
            }
            _ => Ok(()),
        }
    }
}
