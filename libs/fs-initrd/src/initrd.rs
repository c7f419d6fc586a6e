//! The filesystem over an index.

use crate::index::{Failed, Index, Inode, ROOT};
use crate::newc::{Malformed, Reason};
use kit_iface_console::log_str;
use kit_iface_fs::{Archive, Features, FileSystem, FsError, Metadata, NAME_MAX, NodeKind, Space, Visit};
use kit_util_sync::Lazy;

/// A filesystem in an archive.
pub struct Initrd {
    archive: Archive,
    index: Lazy<Result<Index, FsError>>,
}

/// A node of an [`Initrd`]: its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node(u32);

impl Initrd {
    /// The files in `archive`, which is read when the first path is resolved.
    pub const fn new(archive: Archive) -> Self {
        Self { archive, index: Lazy::new() }
    }

    fn index(&self) -> Result<&Index, FsError> {
        match self.index.get_or(|| self.read()) {
            Ok(index) => Ok(index),
            Err(error) => Err(*error),
        }
    }

    fn read(&self) -> Result<Index, FsError> {
        Index::of(self.archive.bytes()).map_err(|failed| match failed {
            Failed::NoMemory => FsError::NoSpace,
            Failed::Malformed(malformed) => {
                tell(malformed);
                FsError::Corrupt
            }
        })
    }

    /// A node that this filesystem gave out, and so after the index was made.
    fn inode(&self, node: &Node) -> Result<&Inode, FsError> {
        self.index()?.nodes.get(node.0 as usize).ok_or(FsError::NotFound)
    }

    fn directory(&self, node: &Node) -> Result<&Inode, FsError> {
        let inode = self.inode(node)?;
        if inode.kind == NodeKind::Directory { Ok(inode) } else { Err(FsError::NotADirectory) }
    }
}

/// Says what is wrong with an archive, without the kilobytes of `core::fmt`.
fn tell(Malformed { offset, reason }: Malformed) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    let mut rest = offset;
    loop {
        first -= 1;
        digits[first] += (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    let what = match reason {
        Reason::Magic => "there is no cpio header (newc) where one should be",
        Reason::Number => "a field of a header is not a hexadecimal number",
        Reason::Truncated => "it ends too early",
        Reason::Name => "a name is empty, too long or leads upwards",
        Reason::Conflict => "a name is a directory's and something else's",
    };
    let offset = core::str::from_utf8(&digits[first..]).unwrap_or_default();
    let next = "; make it anew by `cpio -o -H newc`, or name a folder as its source\n";
    for text in ["kit: the archive cannot be read: at byte ", offset, ": ", what, next] {
        log_str(text);
    }
}

impl FileSystem for Initrd {
    type Node = Node;

    const FEATURES: Features = Features::READ_ONLY;

    fn root(&self) -> Result<Node, FsError> {
        self.index().map(|_| Node(ROOT))
    }

    fn is_same(&self, one: &Node, other: &Node) -> bool {
        one == other
    }

    fn space(&self, _node: &Node) -> Space {
        Space { total_bytes: self.archive.bytes().len() as u64, free_bytes: 0 }
    }

    fn metadata(&self, node: &Node) -> Metadata {
        // Nobody has a node of a filesystem that did not start.
        let empty = Inode {
            kind: NodeKind::File,
            mode: 0,
            links: 0,
            modified_s: 0,
            data: &[],
            parent: ROOT,
            names: alloc::vec::Vec::new(),
        };
        let inode = self.inode(node).unwrap_or(&empty);
        let modified_ns = u64::from(inode.modified_s) * 1_000_000_000;
        let size = if inode.kind == NodeKind::Directory { inode.names.len() } else { inode.data.len() };
        Metadata {
            inode: u64::from(node.0) + 1,
            kind: inode.kind,
            mode: inode.mode,
            links: inode.links,
            size: size as u64,
            stored_bytes: inode.data.len() as u64,
            accessed_ns: modified_ns,
            modified_ns,
            changed_ns: modified_ns,
        }
    }

    fn lookup(&self, directory: &Node, name: &[u8]) -> Result<Node, FsError> {
        let directory = self.directory(directory)?;
        if name.len() > NAME_MAX {
            return Err(FsError::NameTooLong);
        }
        let place = directory.find(name).map_err(|_| FsError::NotFound)?;
        Ok(Node(directory.names[place].node))
    }

    fn parent(&self, directory: &Node) -> Result<Node, FsError> {
        self.directory(directory).map(|directory| Node(directory.parent))
    }

    fn read_link(&self, node: &Node, buffer: &mut [u8]) -> Result<usize, FsError> {
        let inode = self.inode(node)?;
        if inode.kind != NodeKind::Symlink {
            return Err(FsError::Invalid);
        }
        let length = buffer.len().min(inode.data.len());
        buffer[..length].copy_from_slice(&inode.data[..length]);
        Ok(length)
    }

    fn read(&self, node: &Node, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        let inode = self.inode(node)?;
        match inode.kind {
            NodeKind::File => {}
            NodeKind::Directory => return Err(FsError::IsADirectory),
            NodeKind::Symlink | NodeKind::Device(_) => return Err(FsError::Invalid),
        }
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(inode.data.len());
        let rest = &inode.data[start..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn read_directory(&self, directory: &Node, cursor: u64, visit: &mut Visit<'_>) -> Result<(), FsError> {
        let names = &self.directory(directory)?.names;
        let first = usize::try_from(cursor).unwrap_or(usize::MAX);
        for (place, name) in names.iter().enumerate().skip(first) {
            let kind = self.inode(&Node(name.node))?.kind;
            if !visit(place as u64 + 1, name.text, u64::from(name.node) + 1, kind) {
                break;
            }
        }
        Ok(())
    }
}
