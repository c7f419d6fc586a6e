//! The tree of an archive: for each node what the archive says of it, for each directory its names in order.

use crate::newc::{Entries, Entry, Item, Malformed, Reason};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use kit_iface_fs::{NAME_MAX, NodeKind, device_number};

/// The root.
pub const ROOT: u32 = 0;

/// A node.
#[derive(Debug)]
pub struct Inode {
    /// What it is.
    pub kind: NodeKind,
    /// Permission bits.
    pub mode: u16,
    /// Names; of a directory, what POSIX counts.
    pub links: u32,
    /// When it was changed last.
    pub modified_s: u32,
    /// Contents, or the target of a link.
    pub data: &'static [u8],
    /// Of a directory: the one that it is in.
    pub parent: u32,
    /// Of a directory: what is in it, sorted.
    pub names: Vec<Name>,
}

/// A name in a directory.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// The name.
    pub text: &'static [u8],
    /// What it is of.
    pub node: u32,
}

/// Why there is no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// The archive is not one.
    Malformed(Malformed),
    /// There is no memory for it.
    NoMemory,
}

/// All nodes; the first is the root.
#[derive(Debug)]
pub struct Index {
    /// By number.
    pub nodes: Vec<Inode>,
    /// The nodes with several names of the sequence that is read.
    shared: BTreeMap<(u32, u32, u32), u32>,
}

impl Inode {
    fn directory(parent: u32) -> Self {
        let (kind, mode) = (NodeKind::Directory, 0o755);
        Self { kind, mode, links: 2, modified_s: 0, data: &[], parent, names: Vec::new() }
    }

    /// Where `name` is among the names, or would be.
    pub fn find(&self, name: &[u8]) -> Result<usize, usize> {
        self.names.binary_search_by(|entry| entry.text.cmp(name))
    }
}

impl Index {
    /// Reads an archive.
    pub fn of(archive: &'static [u8]) -> Result<Self, Failed> {
        let mut index = Self { nodes: Vec::new(), shared: BTreeMap::new() };
        index.add(Inode::directory(ROOT))?;
        for item in Entries::of(archive) {
            match item.map_err(Failed::Malformed)? {
                Item::Trailer => index.shared.clear(),
                Item::Entry(entry) => index.enter(&entry)?,
            }
        }
        Ok(index)
    }

    fn enter(&mut self, entry: &Entry<'static>) -> Result<(), Failed> {
        let fail = |reason| Failed::Malformed(Malformed { offset: entry.offset, reason });
        let names = entry.path.split(|byte| *byte == b'/').filter(|name| !matches!(*name, b"" | b"."));
        if entry.path.is_empty() || names.clone().any(|name| name == b".." || name.len() > NAME_MAX) {
            return Err(fail(Reason::Name));
        }
        let kind = match entry.mode & 0o170_000 {
            0o100_000 => NodeKind::File,
            0o040_000 => NodeKind::Directory,
            0o120_000 => NodeKind::Symlink,
            0o020_000 => NodeKind::Device(device_number(entry.device.0 as u8, entry.device.1 as u8)),
            // Nothing here could be opened.
            _ => return Ok(()),
        };
        let (mut directory, mut last): (u32, Option<&'static [u8]>) = (ROOT, None);
        for name in names {
            if let Some(name) = last.replace(name) {
                directory = self.directory(directory, name)?.ok_or(fail(Reason::Conflict))?;
            }
        }
        let node = match (last, kind) {
            (None, NodeKind::Directory) => ROOT,
            (Some(name), NodeKind::Directory) => {
                self.directory(directory, name)?.ok_or(fail(Reason::Conflict))?
            }
            (None, _) => return Err(fail(Reason::Conflict)),
            (Some(name), kind) => return self.enter_file(directory, name, kind, entry),
        };
        let node = &mut self.nodes[node as usize];
        (node.mode, node.modified_s) = (mode_of(entry), entry.modified_s);
        Ok(())
    }

    fn enter_file(
        &mut self,
        directory: u32,
        name: &'static [u8],
        kind: NodeKind,
        entry: &Entry<'static>,
    ) -> Result<(), Failed> {
        let known = self.shared.get(&entry.identity).copied().filter(|_| entry.links > 1);
        let node = match known {
            Some(node) => node,
            None => {
                let (mode, modified_s, data) = (mode_of(entry), entry.modified_s, entry.data);
                let (links, parent, names) = (0, ROOT, Vec::new());
                self.add(Inode { kind, mode, links, modified_s, data, parent, names })?
            }
        };
        if entry.links > 1 {
            self.shared.insert(entry.identity, node);
            // The bytes are with the last of the names.
            if !entry.data.is_empty() {
                self.nodes[node as usize].data = entry.data;
            }
        }
        self.nodes[node as usize].links += 1;
        let names = &mut self.nodes[directory as usize];
        match names.find(name) {
            Err(place) => self.insert(directory, place, Name { text: name, node }),
            Ok(place) => {
                let replaced = core::mem::replace(&mut names.names[place].node, node);
                let replaced = &mut self.nodes[replaced as usize];
                if replaced.kind == NodeKind::Directory {
                    let reason = Reason::Conflict;
                    return Err(Failed::Malformed(Malformed { offset: entry.offset, reason }));
                }
                replaced.links -= 1;
                Ok(())
            }
        }
    }

    /// The directory of that name, made if nothing has the name; `None` if something else has it.
    fn directory(&mut self, parent: u32, name: &'static [u8]) -> Result<Option<u32>, Failed> {
        match self.nodes[parent as usize].find(name) {
            Ok(place) => {
                let node = self.nodes[parent as usize].names[place].node;
                Ok(Some(node).filter(|node| self.nodes[*node as usize].kind == NodeKind::Directory))
            }
            Err(place) => {
                let node = self.add(Inode::directory(parent))?;
                self.insert(parent, place, Name { text: name, node })?;
                self.nodes[parent as usize].links += 1;
                Ok(Some(node))
            }
        }
    }

    fn add(&mut self, node: Inode) -> Result<u32, Failed> {
        self.nodes.try_reserve(1).map_err(|_| Failed::NoMemory)?;
        self.nodes.push(node);
        Ok(self.nodes.len() as u32 - 1)
    }

    fn insert(&mut self, directory: u32, place: usize, name: Name) -> Result<(), Failed> {
        let names = &mut self.nodes[directory as usize].names;
        names.try_reserve(1).map_err(|_| Failed::NoMemory)?;
        names.insert(place, name);
        Ok(())
    }
}

fn mode_of(entry: &Entry) -> u16 {
    (entry.mode & 0o7777) as u16
}
