//! A FAT volume as the slot's [`FileSystem`].

use crate::convert::{self, WallClock, date_time};
use crate::removed::Hidden;
use crate::sectors::Sectors;
use crate::volume::{Held, State, Volume};
use alloc::sync::Arc;
use hadris_fat::CacheOptions;
use hadris_fat::sync::FatFs;
use hadris_fs::{DirCursor, ErrorKind, MountOptions, Name, NodeId, RenameMode, SetAttr};
use kit_iface_block::{BlockDevice, BlockError, Disk};
use kit_iface_console::log_str;
use kit_iface_fs::{Change, Features, FileSystem, FsError, Metadata, NAME_MAX, NodeKind, Space, Visit};
use kit_util_sync::{Lazy, SleepGuard};

/// Sectors of the table and of directories that are kept in memory: 16 KiB.
const CACHED_SECTORS: usize = 32;

/// The FAT volume on one disk.
pub struct Fat<D: BlockDevice> {
    disks: &'static D,
    disk: Disk,
    volume: Lazy<Result<Arc<Volume<D>>, FsError>>,
}

type Node<D> = Arc<Held<D>>;

impl<D: BlockDevice> Fat<D> {
    /// The volume on `disk`. Nothing is read before the root directory is asked for.
    pub const fn new(disks: &'static D, disk: Disk) -> Self {
        Self { disks, disk, volume: Lazy::new() }
    }

    fn mount(&self) -> Result<Arc<Volume<D>>, FsError> {
        let geometry = self.disks.start(self.disk).map_err(|error| {
            self.complain(match error {
                BlockError::Absent => "is not there; `kit run --disk FILE` gives the image one",
                _ => "does not start",
            });
            if error == BlockError::Absent { FsError::NoDevice } else { FsError::Device }
        })?;
        let sectors = Sectors { disks: self.disks, disk: self.disk, geometry };
        let fat = FatFs::mount(sectors, MountOptions::new().with_clock(&WallClock)).map_err(|error| {
            let error = convert::error(error.into_error());
            self.complain(match error {
                FsError::Corrupt => "holds no FAT filesystem, or a damaged one; `mkfs.vfat FILE` makes one",
                _ => "cannot be read",
            });
            error
        })?;
        let cache = CacheOptions::new().with_blocks(CACHED_SECTORS).with_directory_hint(true);
        let volume = Volume::new(fat.with_cache(cache));
        let mut state = volume.lock();
        if !state.fat.is_read_only() {
            state.sweep();
        }
        drop(state);
        Ok(Arc::new(volume))
    }

    fn complain(&self, what: &str) {
        log_str("kit: disk ");
        let mut digits = [0; 3];
        let mut number = self.disk.0;
        let mut start = digits.len();
        loop {
            start -= 1;
            digits[start] = b'0' + number % 10;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        log_str(core::str::from_utf8(&digits[start..]).unwrap_or_default());
        log_str(" ");
        log_str(what);
        log_str("\n");
    }
}

/// A name that the slot allows. What FAT does not is refused by hadris-fat.
fn name(bytes: &[u8]) -> Result<&Name, FsError> {
    let is_special = matches!(bytes, b"" | b"." | b"..") || bytes.iter().any(|byte| matches!(byte, b'/' | 0));
    match () {
        () if is_special => Err(FsError::Invalid),
        () if bytes.len() > NAME_MAX => Err(FsError::NameTooLong),
        () => Ok(Name::from_bytes(bytes)),
    }
}

/// A name that can be given to something: not one that is hidden.
fn new_name<'a, D: BlockDevice>(
    state: &State<D>,
    directory: NodeId,
    bytes: &'a [u8],
) -> Result<&'a Name, FsError> {
    let is_reserved = directory == state.fat.root() && Hidden::is_one(bytes);
    if is_reserved { Err(FsError::Invalid) } else { name(bytes) }
}

/// The volume behind a directory, locked.
fn inside<D: BlockDevice>(directory: &Node<D>) -> Result<SleepGuard<'_, State<D>>, FsError> {
    match directory.kind {
        NodeKind::Directory => Ok(directory.volume.lock()),
        _ => Err(FsError::NotADirectory),
    }
}

/// The volume behind a file, locked.
fn within<D: BlockDevice>(file: &Node<D>) -> Result<SleepGuard<'_, State<D>>, FsError> {
    match file.kind {
        NodeKind::File => Ok(file.volume.lock()),
        _ => Err(FsError::IsADirectory),
    }
}

impl<D: BlockDevice> State<D> {
    /// Notes that a held file was written.
    fn note_change(&mut self, id: NodeId) {
        if let Some(handle) = self.handles.get_mut(&id) {
            handle.is_changed = true;
        }
    }

    /// Removes an empty directory; whoever holds it holds nothing any more.
    fn remove_directory(&mut self, directory: NodeId, name: &Name, id: NodeId) -> Result<(), FsError> {
        self.fat.rmdir(directory, name).map_err(convert::error)?;
        if let Some(handle) = self.handles.get_mut(&id) {
            handle.is_gone = true;
        }
        Ok(())
    }

    fn rename(&mut self, from: NodeId, from_name: &Name, to: NodeId, to_name: &Name) -> Result<(), FsError> {
        let (source, kind) = self.find(from, from_name)?;
        let target = match self.find(to, to_name) {
            Err(FsError::NotFound) => None,
            found => Some(found?),
        };
        let go = |state: &mut Self| {
            state.fat.rename(from, from_name, to, to_name, RenameMode::Replace).map_err(convert::error)
        };
        let Some((target, target_kind)) = target.filter(|(target, _)| *target != source) else {
            return go(self);
        };
        if !self.is_held(target) {
            return go(self);
        }
        // hadris-fat does not replace what is pinned, so the target makes way first.
        match (kind.is_dir(), target_kind.is_dir()) {
            (true, false) => Err(FsError::NotADirectory),
            (false, true) => Err(FsError::IsADirectory),
            (false, false) => {
                let hidden = self.hide(to, to_name, target)?;
                go(self).inspect_err(|_| self.unhide(hidden, to, to_name, target))
            }
            (true, true) => {
                if self.is_inside(to, source)? {
                    return Err(FsError::Invalid);
                }
                self.remove_directory(to, to_name, target)?;
                go(self).inspect_err(|_| {
                    // Its handles stay dead; the name comes back.
                    if let Ok(made) = self.fat.mkdir(to, to_name, &SetAttr::new()) {
                        self.fat.forget(made, 1);
                    }
                })
            }
        }
    }
}

impl<D: BlockDevice> FileSystem for Fat<D> {
    type Node = Node<D>;

    const FEATURES: Features = Features {
        hard_links: false,
        symlinks: false,
        devices: false,
        modes: false,
        any_name: false,
        // The time of the last access is a day.
        time_step_ns: 2_000_000_000,
        sparse: false,
        ..Features::POSIX
    };

    fn root(&self) -> Result<Self::Node, FsError> {
        let volume = self.volume.get_or(|| self.mount()).as_ref().map_err(|error| *error)?;
        let mut state = volume.lock();
        let root = state.fat.root();
        Ok(state.hold(volume, root, NodeKind::Directory))
    }

    fn is_writable(&self, node: &Self::Node) -> bool {
        !node.volume.lock().fat.is_read_only()
    }

    fn space(&self, node: &Self::Node) -> Space {
        let found = node.volume.lock().fat.statfs();
        found.map_or(Space::default(), |stats| Space {
            total_bytes: stats.total_bytes(),
            free_bytes: stats.free_bytes(),
        })
    }

    fn metadata(&self, node: &Self::Node) -> Metadata {
        let mut state = node.volume.lock();
        let is_gone = state.handles.get(&node.id).is_some_and(|handle| handle.is_gone);
        let links = if is_gone { 0 } else { 1 };
        match state.fat.stat(node.id) {
            Ok(found) => convert::metadata(node.id, &found, links),
            // A directory that is gone, or a disk that is.
            Err(_) => Metadata {
                inode: node.id.get(),
                kind: node.kind,
                mode: 0,
                links,
                size: 0,
                stored_bytes: 0,
                accessed_ns: 0,
                modified_ns: 0,
                changed_ns: 0,
            },
        }
    }

    fn change(&self, node: &Self::Node, change: Change) -> Result<(), FsError> {
        let mut state = node.volume.lock();
        let mut wanted = SetAttr::new();
        if let Some(ns) = change.accessed_ns {
            wanted = wanted.with_accessed(date_time(ns));
        }
        if let Some(ns) = change.modified_ns {
            wanted = wanted.with_modified(date_time(ns));
        }
        // The root directory has no entry that could keep a time.
        if wanted.is_empty() || node.id == state.fat.root() {
            return Ok(());
        }
        state.fat.setattr(node.id, &wanted).map_err(convert::error)
    }

    fn lookup(&self, directory: &Self::Node, name_bytes: &[u8]) -> Result<Self::Node, FsError> {
        let mut state = inside(directory)?;
        let name = name(name_bytes)?;
        if directory.id == state.fat.root() && Hidden::is_one(name_bytes) {
            return Err(FsError::NotFound);
        }
        let id = match state.fat.lookup(directory.id, name) {
            Ok(id) => id,
            // A name that FAT cannot have is the name of nothing.
            Err(error) if error.kind() == ErrorKind::InvalidInput => return Err(FsError::NotFound),
            Err(error) => return Err(convert::error(error)),
        };
        let found = match state.fat.stat(id) {
            Ok(found) => found,
            Err(error) => {
                state.fat.forget(id, 1);
                return Err(convert::error(error));
            }
        };
        Ok(state.hold(&directory.volume, id, convert::kind(found.file_type())))
    }

    fn parent(&self, directory: &Self::Node) -> Result<Self::Node, FsError> {
        let mut state = inside(directory)?;
        let id = state.fat.parent(directory.id).map_err(convert::error)?;
        Ok(state.hold(&directory.volume, id, NodeKind::Directory))
    }

    fn create(
        &self,
        directory: &Self::Node,
        name: &[u8],
        kind: NodeKind,
        _mode: u16,
    ) -> Result<Self::Node, FsError> {
        let mut state = inside(directory)?;
        let name = new_name(&state, directory.id, name)?;
        let made = match kind {
            NodeKind::File => state.fat.create(directory.id, name, &SetAttr::new()),
            NodeKind::Directory => state.fat.mkdir(directory.id, name, &SetAttr::new()),
            NodeKind::Symlink => return Err(FsError::Invalid),
            NodeKind::Device(_) => return Err(FsError::NotPermitted),
        };
        let id = made.map_err(convert::error)?;
        let node = state.hold(&directory.volume, id, kind);
        state.note_change(id);
        Ok(node)
    }

    fn symlink(&self, directory: &Self::Node, _name: &[u8], _target: &[u8]) -> Result<Self::Node, FsError> {
        inside(directory).and(Err(FsError::NotPermitted))
    }

    fn link(&self, _node: &Self::Node, _directory: &Self::Node, _name: &[u8]) -> Result<(), FsError> {
        Err(FsError::NotPermitted)
    }

    fn unlink(&self, directory: &Self::Node, name_bytes: &[u8], is_directory: bool) -> Result<(), FsError> {
        let mut state = inside(directory)?;
        let name = new_name(&state, directory.id, name_bytes)?;
        let (id, kind) = state.find(directory.id, name)?;
        match (is_directory, kind.is_dir()) {
            (true, false) => Err(FsError::NotADirectory),
            (false, true) => Err(FsError::IsADirectory),
            (true, true) => state.remove_directory(directory.id, name, id),
            (false, false) if state.is_held(id) => state.hide(directory.id, name, id).map(drop),
            (false, false) => state.fat.unlink(directory.id, name).map_err(convert::error),
        }
    }

    fn rename(
        &self,
        from: &Self::Node,
        from_name: &[u8],
        to: &Self::Node,
        to_name: &[u8],
    ) -> Result<(), FsError> {
        if to.kind != NodeKind::Directory {
            return Err(FsError::NotADirectory);
        }
        let mut state = inside(from)?;
        let from_name = new_name(&state, from.id, from_name)?;
        let to_name = new_name(&state, to.id, to_name)?;
        state.rename(from.id, from_name, to.id, to_name)
    }

    fn read(&self, node: &Self::Node, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        within(node)?.fat.read(node.id, offset, buffer).map_err(convert::error)
    }

    fn write(&self, node: &Self::Node, offset: u64, bytes: &[u8]) -> Result<usize, FsError> {
        let mut state = within(node)?;
        let count = state.fat.write(node.id, offset, bytes).map_err(convert::error)?;
        state.note_change(node.id);
        Ok(count)
    }

    fn append(&self, node: &Self::Node, bytes: &[u8]) -> Result<u64, FsError> {
        let mut state = within(node)?;
        let end = state.fat.stat(node.id).map_err(convert::error)?.len();
        if u32::try_from(end + bytes.len() as u64).is_err() {
            return Err(FsError::TooLarge);
        }
        let count = state.fat.write(node.id, end, bytes).map_err(convert::error)?;
        state.note_change(node.id);
        Ok(end + count as u64)
    }

    fn truncate(&self, node: &Self::Node, size: u64) -> Result<(), FsError> {
        let mut state = within(node)?;
        state.fat.truncate(node.id, size).map_err(convert::error)?;
        state.note_change(node.id);
        Ok(())
    }

    fn read_directory(
        &self,
        directory: &Self::Node,
        cursor: u64,
        visit: &mut Visit<'_>,
    ) -> Result<(), FsError> {
        let mut cursor = DirCursor::from_raw(cursor);
        loop {
            // Not held during the visit, which may touch memory that is not there yet.
            let mut state = inside(directory)?;
            let is_root = directory.id == state.fat.root();
            let entry = match state.fat.readdir(directory.id, cursor) {
                Ok(Some(entry)) => entry,
                // A directory that is gone is empty.
                Ok(None) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(convert::error(error)),
            };
            drop(state);
            cursor = entry.next_cursor();
            let name = entry.name().as_bytes();
            let kind = convert::kind(entry.file_type());
            if is_root && Hidden::is_one(name) {
                continue;
            }
            if !visit(cursor.into_raw(), name, entry.node().get(), kind) {
                return Ok(());
            }
        }
    }

    fn sync(&self, node: &Self::Node) -> Result<(), FsError> {
        node.volume.lock().sync()
    }

    fn sync_all(&self) -> Result<(), FsError> {
        let Some(Ok(volume)) = self.volume.get() else { return Ok(()) };
        let mut state = volume.lock();
        if state.fat.is_read_only() { Ok(()) } else { state.sync() }
    }
}
