//! `/dev` as a constant: one directory with the device nodes that programs open by name.
//!
//! A node is its place in the list. What is behind the numbers is the shim's, whichever filesystem has the node.
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

use kit_iface_fs::{Features, FileSystem, FsError, Metadata, NAME_MAX, NodeKind, Visit, devices};

/// The device nodes.
pub struct DevFs(());

/// A node of a [`DevFs`]: 0 is the directory, the devices are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node(u8);

const ROOT: Node = Node(0);

impl DevFs {
    /// All of them.
    pub const fn new() -> Self {
        Self(())
    }
}

/// The number of the device that a node is.
fn number(node: Node) -> Option<u32> {
    let (_, number) = devices::ALL.get(usize::from(node.0).checked_sub(1)?)?;
    Some(*number)
}

fn inode(node: Node) -> u64 {
    u64::from(node.0) + 1
}

fn in_directory(node: &Node) -> Result<(), FsError> {
    if *node == ROOT { Ok(()) } else { Err(FsError::NotADirectory) }
}

impl FileSystem for DevFs {
    type Node = Node;

    const FEATURES: Features = Features::READ_ONLY;

    fn root(&self) -> Result<Node, FsError> {
        Ok(ROOT)
    }

    fn is_same(&self, one: &Node, other: &Node) -> bool {
        one == other
    }

    fn metadata(&self, node: &Node) -> Metadata {
        let (kind, mode, links, size) = match number(*node) {
            Some(number) => (NodeKind::Device(number), 0o666, 1, 0),
            None => (NodeKind::Directory, 0o755, 2, devices::ALL.len() as u64),
        };
        let (accessed_ns, modified_ns, changed_ns) = (0, 0, 0);
        let inode = inode(*node);
        Metadata { inode, kind, mode, links, size, stored_bytes: 0, accessed_ns, modified_ns, changed_ns }
    }

    fn lookup(&self, directory: &Node, name: &[u8]) -> Result<Node, FsError> {
        in_directory(directory)?;
        if name.len() > NAME_MAX {
            return Err(FsError::NameTooLong);
        }
        let found = devices::ALL.iter().position(|(known, _)| known.as_bytes() == name);
        found.map(|index| Node(index as u8 + 1)).ok_or(FsError::NotFound)
    }

    fn parent(&self, directory: &Node) -> Result<Node, FsError> {
        in_directory(directory).map(|()| ROOT)
    }

    fn read(&self, node: &Node, _offset: u64, _buffer: &mut [u8]) -> Result<usize, FsError> {
        Err(if *node == ROOT { FsError::IsADirectory } else { FsError::Invalid })
    }

    fn read_directory(&self, directory: &Node, cursor: u64, visit: &mut Visit<'_>) -> Result<(), FsError> {
        in_directory(directory)?;
        let first = usize::try_from(cursor).unwrap_or(usize::MAX);
        for (index, (name, number)) in devices::ALL.iter().enumerate().skip(first) {
            let node = Node(index as u8 + 1);
            if !visit(index as u64 + 1, name.as_bytes(), inode(node), NodeKind::Device(*number)) {
                break;
            }
        }
        Ok(())
    }
}
