//! A proof that a disk is consistent: every block of the tree is whole, in order and used once, every count is
//! right, and what the bitmaps say is in use is exactly what the tree uses. For tests and for tools on the host;
//! an image does not carry it.

use crate::checksum::checksum;
use crate::items::{Entry, Extent, Inode, Item, Name, ROOT, key, parts};
use crate::layout::{BLOCK_BYTES, first_free};
use crate::node::{self, Key, Pointer};
use crate::store::{MountError, Store};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use kit_iface_block::{BlockDevice, Disk};
use kit_iface_fs::{FsError, NodeKind};

/// What was found on a consistent disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The last commit.
    pub generation: u64,
    /// Blocks of the filesystem.
    pub blocks: u64,
    /// Blocks that are free.
    pub free: u64,
    /// Blocks of the tree.
    pub nodes: u64,
    /// Blocks of data.
    pub data: u64,
    /// Files.
    pub files: u64,
    /// Directories.
    pub directories: u64,
    /// Symbolic links.
    pub symlinks: u64,
    /// Character devices.
    pub devices: u64,
    /// Nodes without a name, which the next mount removes.
    pub orphans: u64,
}

/// What is wrong with a disk. Numbers are of blocks and inodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It cannot be mounted.
    Mount(MountError),
    /// A node of the tree cannot be read, or is not what was written there.
    Node(u64),
    /// A node has a key that belongs elsewhere.
    Order(u64),
    /// A block is used twice, or lies outside.
    Shared(u64),
    /// A block is in use and nothing uses it.
    Leaked(u64),
    /// A block is used and counts as free.
    Unmarked(u64),
    /// The count of free blocks is wrong.
    FreeCount,
    /// A bitmap or an item cannot be read.
    Read(FsError),
    /// An item cannot be decoded, or belongs to no inode.
    Item(u64),
    /// Sizes or counts of an inode are wrong.
    Counts(u64),
    /// An inode has other names than it counts.
    Links(u64),
    /// A name means a node that is not there, or is of another kind.
    Name(u64),
    /// A directory cannot be reached from the root, or has the wrong parent.
    Lost(u64),
    /// A block of a file's data is damaged.
    Data(u64),
}

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mount(error) => out.write_str(error.text()),
            Self::Node(block) => write!(out, "block {block} should be a node of the tree and is not"),
            Self::Order(block) => write!(out, "the node in block {block} has keys that belong elsewhere"),
            Self::Shared(block) => write!(out, "block {block} is used twice, or is not on the disk"),
            Self::Leaked(block) => write!(out, "block {block} counts as used and is not"),
            Self::Unmarked(block) => write!(out, "block {block} is used and counts as free"),
            Self::FreeCount => out.write_str("the count of free blocks is wrong"),
            Self::Read(error) => write!(out, "a bitmap or the tree cannot be read: {error:?}"),
            Self::Item(inode) => {
                write!(out, "inode {inode} has an item that cannot be, or is not there itself")
            }
            Self::Counts(inode) => write!(out, "sizes or counts of inode {inode} are wrong"),
            Self::Links(inode) => write!(out, "inode {inode} has other names than it counts"),
            Self::Name(inode) => write!(out, "directory {inode} has a name that means nothing"),
            Self::Lost(inode) => write!(out, "directory {inode} cannot be reached from the root"),
            Self::Data(inode) => write!(out, "the contents of inode {inode} are damaged"),
        }
    }
}

impl From<FsError> for Damage {
    fn from(error: FsError) -> Self {
        Self::Read(error)
    }
}

/// Checks what is on `disk`, the data of all files included. Changes nothing.
pub fn check<D: BlockDevice>(device: &'static D, disk: Disk) -> Result<Report, Damage> {
    let store = Store::mount(device, disk, 256, false).map_err(Damage::Mount)?;
    let used = vec![false; store.committed.blocks as usize];
    let report = Report {
        generation: store.committed.generation,
        blocks: store.committed.blocks,
        free: store.committed.free,
        ..Report::default()
    };
    let mut check = Check { store, used, report, inodes: BTreeMap::new(), orphans: BTreeSet::new() };
    check.blocks()?;
    check.items()?;
    check.inodes()?;
    check.bitmaps()?;
    Ok(check.report)
}

struct Check<D: 'static> {
    store: Store<D>,
    used: Vec<bool>,
    report: Report,
    inodes: BTreeMap<u64, Found>,
    orphans: BTreeSet<u64>,
}

/// An inode, and what else there is of it.
struct Found {
    inode: Inode,
    names: u32,
    parent: u64,
    entries: u64,
    subdirectories: u32,
    blocks: u64,
    target: u64,
    /// The first block that the next extent may begin with.
    next_block: u64,
}

impl<D: BlockDevice> Check<D> {
    fn take(&mut self, block: u64) -> Result<(), Damage> {
        if block < first_free(self.report.blocks) || block >= self.report.blocks {
            return Err(Damage::Shared(block));
        }
        match core::mem::replace(&mut self.used[block as usize], true) {
            true => Err(Damage::Shared(block)),
            false => Ok(()),
        }
    }

    fn blocks(&mut self) -> Result<(), Damage> {
        if self.store.root.address == 0 {
            return Ok(());
        }
        let levels = self.store.levels;
        self.node(self.store.root, levels, 0, Key::MAX)
    }

    /// Checks a node with the keys from `low` to `high`, and what is below.
    fn node(&mut self, at: Pointer, levels: u8, low: Key, high: Key) -> Result<(), Damage> {
        self.take(at.address)?;
        self.report.nodes += 1;
        let block = self.store.cache.node(&mut self.store.disk, at).map_err(|_| Damage::Node(at.address))?;
        let block = block.to_vec();
        if node::level(&block) + 1 != levels {
            return Err(Damage::Node(at.address));
        }
        let count = node::count(&block);
        let keys: Vec<Key> = (0..count).map(|slot| node::key(&block, slot)).collect();
        if keys.first().is_some_and(|first| *first < low) || keys.last().is_some_and(|last| *last > high) {
            return Err(Damage::Order(at.address));
        }
        if levels == 1 {
            return Ok(());
        }
        for slot in 0..count {
            let low = if slot == 0 { low } else { keys[slot] };
            let high = if slot + 1 < count { keys[slot + 1] - 1 } else { high };
            self.node(node::child(&block, slot), levels - 1, low, high)?;
        }
        Ok(())
    }

    fn items(&mut self) -> Result<(), Damage> {
        let mut next = 0;
        while let Some(entry) = self.store.at_least(next)? {
            self.item(&entry)?;
            next = entry.key + 1;
        }
        Ok(())
    }

    fn item(&mut self, entry: &Entry) -> Result<(), Damage> {
        let (number, item, offset) = parts(entry.key);
        let damage = Damage::Item(number);
        if number == 0 {
            let is_orphan = item == Item::Orphan as u8;
            self.orphans.insert(offset);
            return if is_orphan { Ok(()) } else { Err(damage) };
        }
        if item == Item::Inode as u8 {
            let inode = Inode::decode(entry.value()).ok_or(damage)?;
            let (names, parent, entries, subdirectories) = (0, 0, 0, 0);
            let (blocks, target, next_block) = (0, 0, 0);
            let found = Found { inode, names, parent, entries, subdirectories, blocks, target, next_block };
            self.inodes.insert(number, found);
            return Ok(());
        }
        // The key of an inode is less than those of all its items.
        let found = self.inodes.get_mut(&number).ok_or(damage)?;
        match (item, found.inode.kind) {
            (2, NodeKind::Symlink) => found.target += entry.value().len() as u64,
            (3, NodeKind::Directory) => {
                let (name, text) = Name::decode(entry).ok_or(damage)?;
                let first = Name::first_offset(text, &self.store.committed.hash_key);
                if crate::items::check_name(text).is_err() || first >> 8 != name.offset >> 8 {
                    return Err(Damage::Name(number));
                }
                found.entries += 1;
                found.subdirectories += u32::from(name.kind == NodeKind::Directory);
            }
            (4, NodeKind::File) => {
                let extent = Extent::decode(entry, self.report.blocks).ok_or(damage)?;
                if extent.first < found.next_block {
                    return Err(damage);
                }
                found.next_block = extent.end();
                found.blocks += extent.count as u64;
                self.extent(number, &extent)?;
            }
            _ => return Err(damage),
        }
        Ok(())
    }

    fn extent(&mut self, number: u64, extent: &Extent) -> Result<(), Damage> {
        let mut block = [0; BLOCK_BYTES];
        for index in 0..extent.count {
            let place = extent.place + index as u64;
            self.take(place)?;
            self.report.data += 1;
            self.store.disk.read(place, &mut block)?;
            if checksum(&block) != extent.sums[index] {
                return Err(Damage::Data(number));
            }
        }
        Ok(())
    }

    /// Checks each inode against its names and contents.
    fn inodes(&mut self) -> Result<(), Damage> {
        self.names()?;
        if self.store.root.address != 0 && !self.inodes.contains_key(&ROOT) {
            return Err(Damage::Lost(ROOT));
        }
        for (&number, found) in &self.inodes {
            let inode = &found.inode;
            let expected = match inode.kind {
                NodeKind::File => inode.size.max(found.next_block.saturating_sub(1) * BLOCK_BYTES as u64),
                NodeKind::Directory => found.entries,
                NodeKind::Symlink => found.target,
                NodeKind::Device(_) => 0,
            };
            if inode.size != expected
                || inode.blocks != found.blocks
                || inode.subdirectories != found.subdirectories
                || number >= self.store.next_inode
            {
                return Err(Damage::Counts(number));
            }
            let names = found.names + u32::from(number == ROOT);
            if inode.links != names || (inode.links == 0) != self.orphans.contains(&number) {
                return Err(Damage::Links(number));
            }
            self.report.orphans += u64::from(inode.links == 0);
            match inode.kind {
                NodeKind::File => self.report.files += 1,
                NodeKind::Directory => self.report.directories += 1,
                NodeKind::Symlink => self.report.symlinks += 1,
                NodeKind::Device(_) => self.report.devices += 1,
            }
            if inode.kind == NodeKind::Directory && inode.links > 0 {
                self.reaches_root(number)?;
            }
        }
        match self.orphans.iter().find(|orphan| !self.inodes.contains_key(orphan)) {
            Some(orphan) => Err(Damage::Links(*orphan)),
            None => Ok(()),
        }
    }

    fn names(&mut self) -> Result<(), Damage> {
        let directories: Vec<u64> = self.inodes.keys().copied().collect();
        for directory in directories {
            let mut next = key(directory, Item::Name, 0);
            while let Some(entry) = self.store.at_least(next)? {
                if entry.offset_in(directory, Item::Name).is_none() {
                    break;
                }
                let (name, _) = Name::decode(&entry).ok_or(Damage::Item(directory))?;
                let means = self.inodes.get_mut(&name.inode).filter(|found| found.inode.kind == name.kind);
                let found = means.ok_or(Damage::Name(directory))?;
                found.names += 1;
                found.parent = directory;
                next = entry.key + 1;
            }
        }
        Ok(())
    }

    fn reaches_root(&self, number: u64) -> Result<(), Damage> {
        let mut at = number;
        for _ in 0..=self.inodes.len() {
            if at == ROOT {
                return Ok(());
            }
            let Some(found) = self.inodes.get(&at).filter(|found| found.parent == found.inode.parent) else {
                break;
            };
            at = found.parent;
        }
        Err(Damage::Lost(number))
    }

    fn bitmaps(&mut self) -> Result<(), Damage> {
        let first = first_free(self.report.blocks);
        let mut free = 0;
        for block in 0..self.report.blocks {
            let is_used = block < first || self.used[block as usize];
            free += u64::from(!is_used);
            match (is_used, self.store.is_used(block)?) {
                (true, false) => return Err(Damage::Unmarked(block)),
                (false, true) => return Err(Damage::Leaked(block)),
                _ => {}
            }
        }
        if free == self.report.free { Ok(()) } else { Err(Damage::FreeCount) }
    }
}
