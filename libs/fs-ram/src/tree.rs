//! The filesystem itself: the root, numbers for nodes, and the slot's operations on names.

use crate::boot;
use crate::contents::Contents;
use crate::directory::{Directory, check_name};
use crate::inode::{Body, Inode};
use alloc::sync::{Arc, Weak};
use core::sync::atomic::{AtomicU64, Ordering};
use kit_iface_fs::{Change, FileSystem, FsError, Metadata, NodeKind, Visit};
use kit_util_sync::{Lazy, SleepLock};

/// A filesystem whose contents end with the image.
pub struct RamFs {
    root: Lazy<Node>,
    /// It is the root of an image, in which programs expect something.
    is_populated: bool,
    last_number: AtomicU64,
    /// Held by what looks at or changes two directories at once, which then locks them in any order: nobody
    /// else holds the lock of one directory while taking that of another.
    pub(crate) tree: SleepLock<()>,
}

/// A counted handle to a node of a [`RamFs`].
#[derive(Clone)]
pub struct Node(pub(crate) Arc<Inode>);

impl RamFs {
    /// The root of an image; its first use makes what programs expect there.
    pub const fn new() -> Self {
        Self::with(true)
    }

    /// A filesystem with nothing in it.
    pub const fn empty() -> Self {
        Self::with(false)
    }

    const fn with(is_populated: bool) -> Self {
        Self { root: Lazy::new(), is_populated, last_number: AtomicU64::new(0), tree: SleepLock::new(()) }
    }

    fn number(&self) -> u64 {
        self.last_number.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn make_root(&self) -> Result<Node, FsError> {
        let number = self.number();
        let root = Node(Arc::new_cyclic(|root| {
            Inode::new(number, Body::Directory(SleepLock::new(Directory::new(Weak::clone(root)))), 0o755)
        }));
        if self.is_populated {
            boot::populate(self, &root)?;
        }
        Ok(root)
    }

    /// Makes a node with a body and enters it into `directory`.
    fn enter(&self, directory: &Node, name: &[u8], body: Body, mode: u16) -> Result<Node, FsError> {
        let mut entries = directory.0.directory()?;
        entries.check_new(name)?;
        let node = Node(Arc::new(Inode::new(self.number(), body, mode & 0o7777)));
        entries.insert(name, Arc::clone(&node.0))?;
        drop(entries);
        directory.0.touch();
        Ok(node)
    }

    fn remove_directory(&self, directory: &Node, name: &[u8]) -> Result<(), FsError> {
        let _tree = self.tree.lock();
        let mut entries = directory.0.directory()?;
        let victim = Arc::clone(entries.get(name).ok_or(FsError::NotFound)?);
        claim_empty(&victim)?;
        entries.remove(name);
        drop(entries);
        victim.remove_link();
        directory.0.touch();
        Ok(())
    }

    fn remove_file(&self, directory: &Node, name: &[u8]) -> Result<(), FsError> {
        let mut entries = directory.0.directory()?;
        let victim = entries.get(name).ok_or(FsError::NotFound)?;
        if victim.kind() == NodeKind::Directory {
            return Err(FsError::IsADirectory);
        }
        let victim = entries.remove(name);
        drop(entries);
        if let Some(victim) = victim {
            victim.remove_link();
        }
        directory.0.touch();
        Ok(())
    }
}

/// Marks an empty directory as removed, so that nobody makes an entry in it any more.
pub fn claim_empty(victim: &Inode) -> Result<(), FsError> {
    let mut entries = victim.directory()?;
    if entries.len() != 0 {
        return Err(FsError::NotEmpty);
    }
    entries.is_removed = true;
    Ok(())
}

impl FileSystem for RamFs {
    type Node = Node;

    fn root(&self) -> Result<Node, FsError> {
        // Without the memory for it now, there may be some later.
        self.root.get_or_try(|| self.make_root()).cloned()
    }

    fn is_same(&self, one: &Node, other: &Node) -> bool {
        Arc::ptr_eq(&one.0, &other.0)
    }

    fn metadata(&self, node: &Node) -> Metadata {
        node.0.metadata()
    }

    fn change(&self, node: &Node, change: Change) -> Result<(), FsError> {
        node.0.change(change);
        Ok(())
    }

    fn lookup(&self, directory: &Node, name: &[u8]) -> Result<Node, FsError> {
        let entries = directory.0.directory()?;
        match entries.get(name) {
            Some(node) => Ok(Node(Arc::clone(node))),
            None => Err(check_name(name).err().unwrap_or(FsError::NotFound)),
        }
    }

    fn parent(&self, directory: &Node) -> Result<Node, FsError> {
        directory.0.directory()?.parent.upgrade().map(Node).ok_or(FsError::NotFound)
    }

    fn create(&self, directory: &Node, name: &[u8], kind: NodeKind, mode: u16) -> Result<Node, FsError> {
        let body = match kind {
            NodeKind::File => Body::File(SleepLock::new(Contents::default())),
            NodeKind::Directory => {
                Body::Directory(SleepLock::new(Directory::new(Arc::downgrade(&directory.0))))
            }
            NodeKind::Device(number) => Body::Device(number),
            NodeKind::Symlink => return Err(FsError::Invalid),
        };
        self.enter(directory, name, body, mode)
    }

    fn symlink(&self, directory: &Node, name: &[u8], target: &[u8]) -> Result<Node, FsError> {
        self.enter(directory, name, Body::Symlink(target.into()), 0o777)
    }

    fn read_link(&self, node: &Node, buffer: &mut [u8]) -> Result<usize, FsError> {
        let Body::Symlink(target) = &node.0.body else { return Err(FsError::Invalid) };
        let length = target.len().min(buffer.len());
        buffer[..length].copy_from_slice(&target[..length]);
        Ok(length)
    }

    fn link(&self, node: &Node, directory: &Node, name: &[u8]) -> Result<(), FsError> {
        if node.0.kind() == NodeKind::Directory {
            return Err(FsError::NotPermitted);
        }
        let mut entries = directory.0.directory()?;
        entries.check_new(name)?;
        node.0.add_link()?;
        entries.insert(name, Arc::clone(&node.0)).inspect_err(|_| node.0.remove_link())?;
        drop(entries);
        directory.0.touch();
        Ok(())
    }

    fn unlink(&self, directory: &Node, name: &[u8], is_directory: bool) -> Result<(), FsError> {
        check_name(name)?;
        if is_directory { self.remove_directory(directory, name) } else { self.remove_file(directory, name) }
    }

    fn rename(&self, from: &Node, from_name: &[u8], to: &Node, to_name: &[u8]) -> Result<(), FsError> {
        check_name(from_name)?;
        check_name(to_name)?;
        self.move_name(from, from_name, to, to_name)
    }

    fn read(&self, node: &Node, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        Ok(node.0.contents()?.read(offset, buffer))
    }

    fn write(&self, node: &Node, offset: u64, bytes: &[u8]) -> Result<usize, FsError> {
        let written = node.0.contents()?.write(offset, bytes)?;
        node.0.touch();
        Ok(written)
    }

    fn append(&self, node: &Node, bytes: &[u8]) -> Result<u64, FsError> {
        let mut contents = node.0.contents()?;
        let end = contents.size();
        let written = contents.write(end, bytes)?;
        if written < bytes.len() {
            contents.truncate(end)?;
            return Err(FsError::NoSpace);
        }
        drop(contents);
        node.0.touch();
        Ok(end + written as u64)
    }

    fn truncate(&self, node: &Node, size: u64) -> Result<(), FsError> {
        node.0.contents()?.truncate(size)?;
        node.0.touch();
        Ok(())
    }

    fn read_directory(&self, directory: &Node, cursor: u64, visit: &mut Visit<'_>) -> Result<(), FsError> {
        directory.0.directory()?.visit(cursor, visit);
        Ok(())
    }

    fn sync(&self, _node: &Node) -> Result<(), FsError> {
        Ok(())
    }
}
