//! Making, finding, listing and removing names.

use crate::items::{Entry, Inode, Item, Name, TARGET_PIECE, check_name, key};
use crate::open::Held;
use crate::volume::{Purpose, Volume};
use alloc::sync::Arc;
use kit_iface_block::BlockDevice;
use kit_iface_fs::{FsError, NodeKind, Visit};

/// The longest target of a symlink: Linux's `PATH_MAX`.
const TARGET_MAX: usize = 4096;
/// Names of equal hash in one directory.
const SAME_HASH_MAX: u64 = 256;

impl<D: BlockDevice> Volume<D> {
    /// What `directory` calls `name`.
    pub fn find(&mut self, directory: u64, name: &[u8]) -> Result<Option<Name>, FsError> {
        let first = Name::first_offset(name, &self.store.committed.hash_key);
        let mut found = None;
        self.names_from(directory, first, |candidate, text| {
            let is_near = candidate.offset >> 8 == first >> 8;
            if is_near && text == name {
                found = Some(candidate);
            }
            is_near && found.is_none()
        })?;
        Ok(found)
    }

    /// Shows the names of a directory from `offset` on until `visit` returns false.
    fn names_from(
        &mut self,
        directory: u64,
        offset: u64,
        mut visit: impl FnMut(Name, &[u8]) -> bool,
    ) -> Result<(), FsError> {
        let mut next = key(directory, Item::Name, offset);
        while let Some(entry) = self.store.at_least(next)?.filter(|entry| in_directory(entry, directory)) {
            let (name, text) = Name::decode(&entry).ok_or(FsError::Corrupt)?;
            if !visit(name, text) {
                break;
            }
            next = entry.key + 1;
        }
        Ok(())
    }

    /// See [`kit_iface_fs::FileSystem::read_directory`].
    pub fn read_directory(
        &mut self,
        directory: &Held,
        cursor: u64,
        visit: &mut Visit<'_>,
    ) -> Result<(), FsError> {
        check_directory(directory)?;
        let Some(offset) = cursor.checked_add(1) else { return Ok(()) };
        self.names_from(directory.number, offset, |name, text| {
            visit(name.offset, text, name.inode, name.kind)
        })
    }

    /// See [`kit_iface_fs::FileSystem::lookup`].
    pub fn lookup(&mut self, directory: &Held, name: &[u8]) -> Result<Arc<Held>, FsError> {
        check_directory(directory)?;
        check_name(name)?;
        let found = self.find(directory.number, name)?.ok_or(FsError::NotFound)?;
        self.hold(found.inode)
    }

    /// Whether `name` could be made in `directory`.
    fn check_new(&mut self, directory: &Held, name: &[u8]) -> Result<Inode, FsError> {
        let inode = check_directory(directory)?;
        check_name(name)?;
        if inode.links == 0 {
            return Err(FsError::NotFound);
        }
        match self.find(directory.number, name)? {
            Some(_) => Err(FsError::Exists),
            None => Ok(inode),
        }
    }

    /// Makes a node, with a target if it is a symlink.
    pub fn create(
        &mut self,
        directory: &Held,
        name: &[u8],
        kind: NodeKind,
        mode: u16,
        target: &[u8],
    ) -> Result<Arc<Held>, FsError> {
        self.check_new(directory, name)?;
        if target.len() > TARGET_MAX {
            return Err(FsError::NameTooLong);
        }
        self.begin(0, Purpose::Grow)?;
        let number = self.new_number()?;
        let now = kit_iface_clock::wall_ns();
        let mut inode = Inode::new(kind, mode, directory.number, now);
        inode.size = target.len() as u64;
        self.apply(|volume| {
            volume.put_inode(number, &inode)?;
            for (piece, bytes) in target.chunks(TARGET_PIECE).enumerate() {
                volume.store.put(key(number, Item::Target, piece as u64), bytes)?;
            }
            volume.enter(directory.number, name, number, kind, now)
        })?;
        Ok(self.open.insert(number, inode))
    }

    /// Enters a name that is not there. Part of a change.
    pub fn enter(
        &mut self,
        directory: u64,
        name: &[u8],
        number: u64,
        kind: NodeKind,
        now: u64,
    ) -> Result<(), FsError> {
        let first = Name::first_offset(name, &self.store.committed.hash_key);
        let mut offset = first;
        self.names_from(directory, first, |taken, _| {
            let is_taken = taken.offset == offset;
            offset += u64::from(is_taken);
            is_taken
        })?;
        if offset - first >= SAME_HASH_MAX {
            return Err(FsError::NoSpace);
        }
        self.store.put(key(directory, Item::Name, offset), Name::encode(number, kind, name).value())?;
        let mut inode = self.inode(directory)?;
        inode.size += 1;
        inode.subdirectories += u32::from(kind == NodeKind::Directory);
        inode.touch(now);
        self.put_inode(directory, &inode)
    }

    /// Takes a name away. Part of a change.
    pub fn leave(&mut self, directory: u64, name: Name, now: u64) -> Result<(), FsError> {
        self.store.remove(key(directory, Item::Name, name.offset))?;
        let mut inode = self.inode(directory)?;
        inode.size = inode.size.saturating_sub(1);
        inode.subdirectories =
            inode.subdirectories.saturating_sub(u32::from(name.kind == NodeKind::Directory));
        inode.touch(now);
        self.put_inode(directory, &inode)
    }

    /// See [`kit_iface_fs::FileSystem::read_link`].
    pub fn read_link(&mut self, link: &Held, buffer: &mut [u8]) -> Result<usize, FsError> {
        let inode = link.inode();
        if inode.kind != NodeKind::Symlink {
            return Err(FsError::Invalid);
        }
        let mut done = 0;
        for piece in 0.. {
            let Some(entry) = self.store.get(key(link.number, Item::Target, piece))? else { break };
            let length = entry.value().len().min(buffer.len() - done);
            buffer[done..done + length].copy_from_slice(&entry.value()[..length]);
            done += length;
        }
        Ok(done)
    }

    /// See [`kit_iface_fs::FileSystem::link`].
    pub fn link(&mut self, node: &Held, directory: &Held, name: &[u8]) -> Result<(), FsError> {
        let mut inode = node.inode();
        if inode.kind == NodeKind::Directory {
            return Err(FsError::NotPermitted);
        }
        self.check_new(directory, name)?;
        if inode.links == 0 {
            return Err(FsError::NotFound);
        }
        inode.links = inode.links.checked_add(1).ok_or(FsError::TooManyLinks)?;
        self.begin(0, Purpose::Grow)?;
        let now = kit_iface_clock::wall_ns();
        inode.changed_ns = now;
        self.apply(|volume| {
            volume.put_inode(node.number, &inode)?;
            volume.enter(directory.number, name, node.number, inode.kind, now)
        })
    }

    /// See [`kit_iface_fs::FileSystem::unlink`].
    pub fn unlink(&mut self, directory: &Held, name: &[u8], is_directory: bool) -> Result<(), FsError> {
        check_directory(directory)?;
        check_name(name)?;
        let found = self.find(directory.number, name)?.ok_or(FsError::NotFound)?;
        self.check_removal(found, is_directory)?;
        self.begin(0, Purpose::Shrink)?;
        let now = kit_iface_clock::wall_ns();
        self.apply(|volume| {
            volume.leave(directory.number, found, now)?;
            volume.lose_name(found.inode, now)
        })?;
        self.remove_abandoned(found.inode)
    }

    /// Whether what a name means may lose it, to a removal or to a directory or another node that takes its name.
    pub fn check_removal(&mut self, name: Name, is_directory: bool) -> Result<(), FsError> {
        match (is_directory, name.kind == NodeKind::Directory) {
            (true, false) => Err(FsError::NotADirectory),
            (false, true) => Err(FsError::IsADirectory),
            (true, true) if self.inode(name.inode)?.size > 0 => Err(FsError::NotEmpty),
            _ => Ok(()),
        }
    }
}

fn in_directory(entry: &Entry, directory: u64) -> bool {
    entry.offset_in(directory, Item::Name).is_some()
}

/// Refuses what is not a directory.
pub fn check_directory(node: &Held) -> Result<Inode, FsError> {
    let inode = node.inode();
    if inode.kind == NodeKind::Directory { Ok(inode) } else { Err(FsError::NotADirectory) }
}
