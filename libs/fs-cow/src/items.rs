//! What the tree holds: keys, and how values are stored.
//!
//! A key is `inode << 72 | item << 64 | offset`, so that what belongs to a file is together. Numbers are
//! little-endian.
//!
//! | item | offset | value |
//! |---|---|---|
//! | 1 inode | 0 | [`Inode`], 72 bytes |
//! | 2 target of a symlink | number of the piece | up to [`TARGET_PIECE`] bytes |
//! | 3 name in a directory | `hash << 8 \| n` | inode 8 · kind 1 · device 4 · name |
//! | 4 extent of a file | first block | block on the disk 8 · CRC-32C of each block 4 |
//! | 5 orphan (of inode 0) | inode | 1 byte, 0 |

use crate::bytes::{get_u16, get_u32, get_u64, put};
use crate::node::{Key, VALUE_MAX};
use core::hash::Hasher;
use kit_iface_fs::{FsError, Metadata, NAME_MAX, NodeKind};
use siphasher::sip::SipHasher13;

/// The root directory's number.
pub const ROOT: u64 = 1;
/// The last number that fits into a key.
pub const INODE_MAX: u64 = (1 << 56) - 1;
/// Blocks of one extent at most.
pub const EXTENT_BLOCKS: usize = 64;
/// Bytes in front of the text of a name.
const NAME_HEADER: usize = 13;
/// Bytes of a symlink's target in one item.
pub const TARGET_PIECE: usize = 256;

const _: () = assert!(8 + 4 * EXTENT_BLOCKS <= VALUE_MAX && NAME_HEADER + NAME_MAX <= VALUE_MAX);

/// The kinds of items; their order keeps an inode in front of what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Item {
    /// See [`Inode`].
    Inode = 1,
    /// A piece of a symlink's target.
    Target = 2,
    /// See [`Name`].
    Name = 3,
    /// See [`Extent`].
    Extent = 4,
    /// A node without a name that somebody held at the last commit.
    Orphan = 5,
}

/// The key of an item.
pub fn key(inode: u64, item: Item, offset: u64) -> Key {
    Key::from(inode) << 72 | Key::from(item as u8) << 64 | Key::from(offset)
}

/// The parts of a key; the item as its number.
pub fn parts(key: Key) -> (u64, u8, u64) {
    ((key >> 72) as u64, (key >> 64) as u8, key as u64)
}

/// A value with its key, copied out of the tree.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its key.
    pub key: Key,
    length: u16,
    bytes: [u8; VALUE_MAX],
}

impl Entry {
    /// A copy of `value`, which is not longer than [`VALUE_MAX`].
    pub fn new(key: Key, value: &[u8]) -> Self {
        let mut bytes = [0; VALUE_MAX];
        bytes[..value.len()].copy_from_slice(value);
        Self { key, length: value.len() as u16, bytes }
    }

    /// Its value.
    pub fn value(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// Its offset, if it is that item of that inode.
    pub fn offset_in(&self, inode: u64, item: Item) -> Option<u64> {
        let (of, kind, offset) = parts(self.key);
        (of == inode && kind == item as u8).then_some(offset)
    }
}

/// What is known about a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inode {
    /// What it is.
    pub kind: NodeKind,
    /// Permission bits.
    pub mode: u16,
    /// Names in directories; 1 for a directory until it is removed.
    pub links: u32,
    /// Bytes; entries of a directory.
    pub size: u64,
    /// Blocks of data.
    pub blocks: u64,
    /// Last read, as set by [`kit_iface_fs::Change`].
    pub accessed_ns: u64,
    /// Last change of the contents.
    pub modified_ns: u64,
    /// Last change.
    pub changed_ns: u64,
    /// The directory that a directory is in.
    pub parent: u64,
    /// Directories in a directory.
    pub subdirectories: u32,
}

impl Inode {
    /// Bytes of its value.
    pub const BYTES: usize = 72;

    /// A node with one name, made now.
    pub fn new(kind: NodeKind, mode: u16, parent: u64, now: u64) -> Self {
        let parent = if kind == NodeKind::Directory { parent } else { 0 };
        Self {
            kind,
            mode: mode & 0o7777,
            links: 1,
            size: 0,
            blocks: 0,
            accessed_ns: now,
            modified_ns: now,
            changed_ns: now,
            parent,
            subdirectories: 0,
        }
    }

    /// Records that the contents changed.
    pub fn touch(&mut self, now: u64) {
        (self.modified_ns, self.changed_ns) = (now, now);
    }

    /// Its value.
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut value = [0; Self::BYTES];
        let (code, device) = kind_code(self.kind);
        value[0] = code;
        put(&mut value, 2, self.mode.to_le_bytes());
        put(&mut value, 4, self.links.to_le_bytes());
        put(&mut value, 8, self.size.to_le_bytes());
        put(&mut value, 16, self.blocks.to_le_bytes());
        put(&mut value, 24, self.accessed_ns.to_le_bytes());
        put(&mut value, 32, self.modified_ns.to_le_bytes());
        put(&mut value, 40, self.changed_ns.to_le_bytes());
        put(&mut value, 48, self.parent.to_le_bytes());
        put(&mut value, 56, self.subdirectories.to_le_bytes());
        put(&mut value, 60, device.to_le_bytes());
        value
    }

    /// Reads a value.
    pub fn decode(value: &[u8]) -> Option<Self> {
        if value.len() != Self::BYTES {
            return None;
        }
        Some(Self {
            kind: kind_of(value[0], get_u32(value, 60))?,
            mode: get_u16(value, 2),
            links: get_u32(value, 4),
            size: get_u64(value, 8),
            blocks: get_u64(value, 16),
            accessed_ns: get_u64(value, 24),
            modified_ns: get_u64(value, 32),
            changed_ns: get_u64(value, 40),
            parent: get_u64(value, 48),
            subdirectories: get_u32(value, 56),
        })
    }

    /// As the slot tells it.
    pub fn metadata(&self, inode: u64) -> Metadata {
        let extra =
            if self.kind == NodeKind::Directory && self.links > 0 { 1 + self.subdirectories } else { 0 };
        Metadata {
            inode,
            kind: self.kind,
            mode: self.mode,
            links: self.links + extra,
            size: self.size,
            stored_bytes: self.blocks * crate::layout::BLOCK_BYTES as u64,
            accessed_ns: self.accessed_ns,
            modified_ns: self.modified_ns,
            changed_ns: self.changed_ns,
        }
    }
}

/// A name, and what it means.
#[derive(Clone, Copy)]
pub struct Name {
    /// Where it is in its directory; the cursor of a reader.
    pub offset: u64,
    /// The node.
    pub inode: u64,
    /// What the node is.
    pub kind: NodeKind,
}

impl Name {
    /// Its value.
    pub fn encode(inode: u64, kind: NodeKind, name: &[u8]) -> Entry {
        let mut value = [0; NAME_HEADER + NAME_MAX];
        let (code, device) = kind_code(kind);
        put(&mut value, 0, inode.to_le_bytes());
        value[8] = code;
        put(&mut value, 9, device.to_le_bytes());
        value[NAME_HEADER..NAME_HEADER + name.len()].copy_from_slice(name);
        Entry::new(0, &value[..NAME_HEADER + name.len()])
    }

    /// Reads a value.
    pub fn decode(entry: &Entry) -> Option<(Self, &[u8])> {
        let value = entry.value();
        if value.len() <= NAME_HEADER {
            return None;
        }
        let (_, _, offset) = parts(entry.key);
        let kind = kind_of(value[8], get_u32(value, 9))?;
        Some((Self { offset, inode: get_u64(value, 0), kind }, &value[NAME_HEADER..]))
    }

    /// The first offset of names with the hash of `name`: 55 bits, so that cursors are positive to everybody, and
    /// 256 names of equal hash. Keyed, so that nobody can choose names that collide.
    pub fn first_offset(name: &[u8], hash_key: &[u8; 16]) -> u64 {
        let mut hasher = SipHasher13::new_with_key(hash_key);
        hasher.write(name);
        (hasher.finish() >> 9).max(1) << 8
    }
}

/// A run of blocks of a file, a copy.
#[derive(Clone, Copy)]
pub struct Extent {
    /// The first block in the file.
    pub first: u64,
    /// Its place on the disk; the others follow.
    pub place: u64,
    /// How many there are.
    pub count: usize,
    /// The checksum of each.
    pub sums: [u32; EXTENT_BLOCKS],
}

impl Extent {
    /// The first block of the file behind it.
    pub fn end(&self) -> u64 {
        self.first + self.count as u64
    }

    /// Its blocks from `from` on, `count` of them.
    pub fn part(&self, from: u64, count: usize) -> Self {
        let skipped = (from - self.first) as usize;
        let mut sums = [0; EXTENT_BLOCKS];
        sums[..count].copy_from_slice(&self.sums[skipped..skipped + count]);
        Self { first: from, place: self.place + skipped as u64, count, sums }
    }

    /// Its value.
    pub fn encode(&self) -> Entry {
        let mut value = [0; 8 + 4 * EXTENT_BLOCKS];
        put(&mut value, 0, self.place.to_le_bytes());
        for (index, sum) in self.sums[..self.count].iter().enumerate() {
            put(&mut value, 8 + 4 * index, sum.to_le_bytes());
        }
        Entry::new(0, &value[..8 + 4 * self.count])
    }

    /// Reads a value of a disk of `blocks`.
    pub fn decode(entry: &Entry, blocks: u64) -> Option<Self> {
        let value = entry.value();
        let count = value.len().checked_sub(8)? / 4;
        if count == 0 || count > EXTENT_BLOCKS || !value.len().is_multiple_of(4) {
            return None;
        }
        let (_, _, first) = parts(entry.key);
        let place = get_u64(value, 0);
        let is_inside = place < blocks && count as u64 <= blocks - place && first < u64::MAX >> 12;
        let mut sums = [0; EXTENT_BLOCKS];
        for (index, sum) in sums[..count].iter_mut().enumerate() {
            *sum = get_u32(value, 8 + 4 * index);
        }
        is_inside.then_some(Self { first, place, count, sums })
    }
}

/// How a kind is stored, with the number of a device.
fn kind_code(kind: NodeKind) -> (u8, u32) {
    match kind {
        NodeKind::File => (1, 0),
        NodeKind::Directory => (2, 0),
        NodeKind::Symlink => (3, 0),
        NodeKind::Device(number) => (4, number),
    }
}

fn kind_of(code: u8, device: u32) -> Option<NodeKind> {
    match code {
        1 => Some(NodeKind::File),
        2 => Some(NodeKind::Directory),
        3 => Some(NodeKind::Symlink),
        4 => Some(NodeKind::Device(device)),
        _ => None,
    }
}

/// Refuses what is not a name.
pub fn check_name(name: &[u8]) -> Result<(), FsError> {
    if name.len() > NAME_MAX {
        return Err(FsError::NameTooLong);
    }
    let is_illegal =
        name.is_empty() || name == b"." || name == b".." || name.iter().any(|byte| matches!(byte, b'/' | 0));
    if is_illegal { Err(FsError::Invalid) } else { Ok(()) }
}
