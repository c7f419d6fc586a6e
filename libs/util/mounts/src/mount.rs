//! Two filesystems as one: the second in place of a directory of the first.

use kit_iface_console::log_str;
use kit_iface_fs::{Change, Features, FileSystem, FsError, Metadata, NodeKind, Space, Visit};
use kit_util_sync::Lazy;

/// `below`, with the root of `above` in place of its directory `at`.
pub struct Mount<B: FileSystem, A: FileSystem> {
    below: &'static B,
    at: &'static str,
    above: &'static A,
    /// The directory that is covered; `None` if there is none and none could be made. The handle keeps its inode
    /// from being given to another node.
    covered: Lazy<Option<B::Node>>,
    /// The root of `above`, since the first path led there.
    top: Lazy<A::Node>,
}

/// A node of a [`Mount`].
#[derive(Clone)]
pub enum Node<B, A> {
    /// Of the filesystem below.
    Below(B),
    /// Of the one that is mounted on it.
    Above(A),
}

use Node::{Above, Below};

impl<B: FileSystem, A: FileSystem> Mount<B, A> {
    /// Mounts `above` at the absolute path `at`, when the first file is used. The directory is made if it is missing;
    /// symbolic links on the way to it are not followed. What is mounted starts when a path first leads into it, so
    /// a disk that is broken harms only those who use it.
    pub const fn new(below: &'static B, at: &'static str, above: &'static A) -> Self {
        Self { below, at, above, covered: Lazy::new(), top: Lazy::new() }
    }

    fn top(&self) -> Result<&A::Node, FsError> {
        self.top.get_or_try(|| self.above.root())
    }

    fn covered(&self) -> Option<&B::Node> {
        self.covered.get()?.as_ref()
    }

    fn is_covered(&self, node: &B::Node) -> bool {
        self.covered().is_some_and(|covered| self.below.is_same(covered, node))
    }

    /// Whether `name` in a directory below is the mount point, and busy. Where nothing can change, that is the error.
    fn is_mount_point(&self, directory: &B::Node, name: &[u8]) -> bool {
        self.below.is_writable(directory)
            && self.below.lookup(directory, name).is_ok_and(|found| self.is_covered(&found))
    }

    /// Finds the directory to cover, or makes it.
    fn find_place(&self, root: &B::Node) -> Option<B::Node> {
        match self.walk(root) {
            Ok(place) => Some(place),
            Err(error) => {
                let reason = match error {
                    FsError::ReadOnly => "the directory is missing, and the filesystem there is read-only\n",
                    FsError::NotADirectory => "something on the way is not a directory\n",
                    _ => "the directory is missing, and cannot be made\n",
                };
                for text in ["kit: nothing is mounted at ", self.at, ": ", reason] {
                    log_str(text);
                }
                None
            }
        }
    }

    fn walk(&self, root: &B::Node) -> Result<B::Node, FsError> {
        let mut directory = root.clone();
        for name in self.at.split('/').filter(|name| !name.is_empty()).map(str::as_bytes) {
            directory = match self.below.lookup(&directory, name) {
                Err(FsError::NotFound) => self.below.create(&directory, name, NodeKind::Directory, 0o755),
                found => found,
            }?;
        }
        match self.below.metadata(&directory).kind {
            NodeKind::Directory => Ok(directory),
            _ => Err(FsError::NotADirectory),
        }
    }
}

/// Calls a method of the filesystem that `$node` is in.
macro_rules! of {
    ($self:ident, $node:expr, $inner:ident => $method:ident($($argument:expr),*)) => {
        match $node {
            Below($inner) => $self.below.$method($($argument),*),
            Above($inner) => $self.above.$method($($argument),*),
        }
    };
    (node: $self:ident, $node:expr, $inner:ident => $method:ident($($argument:expr),*)) => {
        match $node {
            Below($inner) => $self.below.$method($($argument),*).map(Below),
            Above($inner) => $self.above.$method($($argument),*).map(Above),
        }
    };
}

impl<B: FileSystem, A: FileSystem> FileSystem for Mount<B, A> {
    type Node = Node<B::Node, A::Node>;

    /// Those of the filesystem that `/` is in.
    const FEATURES: Features = B::FEATURES;
    const DEVICES: u32 = B::DEVICES + A::DEVICES;

    fn root(&self) -> Result<Self::Node, FsError> {
        let root = self.below.root()?;
        self.covered.get_or(|| self.find_place(&root));
        Ok(Below(root))
    }

    fn device(&self, node: &Self::Node) -> u32 {
        match node {
            Below(node) => self.below.device(node),
            Above(node) => B::DEVICES + self.above.device(node),
        }
    }

    fn is_same(&self, one: &Self::Node, other: &Self::Node) -> bool {
        match (one, other) {
            (Below(one), Below(other)) => self.below.is_same(one, other),
            (Above(one), Above(other)) => self.above.is_same(one, other),
            _ => false,
        }
    }

    fn is_writable(&self, node: &Self::Node) -> bool {
        of!(self, node, node => is_writable(node))
    }

    fn space(&self, node: &Self::Node) -> Space {
        of!(self, node, node => space(node))
    }

    fn metadata(&self, node: &Self::Node) -> Metadata {
        of!(self, node, node => metadata(node))
    }

    fn change(&self, node: &Self::Node, change: Change) -> Result<(), FsError> {
        of!(self, node, node => change(node, change))
    }

    fn lookup(&self, directory: &Self::Node, name: &[u8]) -> Result<Self::Node, FsError> {
        match directory {
            Above(directory) => self.above.lookup(directory, name).map(Above),
            Below(directory) => {
                let found = self.below.lookup(directory, name)?;
                if self.is_covered(&found) { self.top().cloned().map(Above) } else { Ok(Below(found)) }
            }
        }
    }

    fn parent(&self, directory: &Self::Node) -> Result<Self::Node, FsError> {
        match (directory, self.covered()) {
            (Above(node), Some(covered)) if self.above.is_same(node, self.top()?) => {
                self.below.parent(covered).map(Below)
            }
            _ => of!(node: self, directory, node => parent(node)),
        }
    }

    fn create(
        &self,
        directory: &Self::Node,
        name: &[u8],
        kind: NodeKind,
        mode: u16,
    ) -> Result<Self::Node, FsError> {
        of!(node: self, directory, at => create(at, name, kind, mode))
    }

    fn symlink(&self, directory: &Self::Node, name: &[u8], target: &[u8]) -> Result<Self::Node, FsError> {
        of!(node: self, directory, at => symlink(at, name, target))
    }

    fn read_link(&self, node: &Self::Node, buffer: &mut [u8]) -> Result<usize, FsError> {
        of!(self, node, node => read_link(node, buffer))
    }

    fn link(&self, node: &Self::Node, directory: &Self::Node, name: &[u8]) -> Result<(), FsError> {
        match (node, directory) {
            (Below(node), Below(directory)) => self.below.link(node, directory, name),
            (Above(node), Above(directory)) => self.above.link(node, directory, name),
            _ => Err(FsError::CrossDevice),
        }
    }

    fn unlink(&self, directory: &Self::Node, name: &[u8], is_directory: bool) -> Result<(), FsError> {
        match directory {
            Below(at) if is_directory && self.is_mount_point(at, name) => Err(FsError::Busy),
            _ => of!(self, directory, at => unlink(at, name, is_directory)),
        }
    }

    fn rename(
        &self,
        from: &Self::Node,
        from_name: &[u8],
        to: &Self::Node,
        to_name: &[u8],
    ) -> Result<(), FsError> {
        match (from, to) {
            (Below(from), Below(to)) => {
                if self.is_mount_point(from, from_name) || self.is_mount_point(to, to_name) {
                    return Err(FsError::Busy);
                }
                self.below.rename(from, from_name, to, to_name)
            }
            (Above(from), Above(to)) => self.above.rename(from, from_name, to, to_name),
            _ => Err(FsError::CrossDevice),
        }
    }

    fn read(&self, node: &Self::Node, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        of!(self, node, node => read(node, offset, buffer))
    }

    fn write(&self, node: &Self::Node, offset: u64, bytes: &[u8]) -> Result<usize, FsError> {
        of!(self, node, node => write(node, offset, bytes))
    }

    fn append(&self, node: &Self::Node, bytes: &[u8]) -> Result<u64, FsError> {
        of!(self, node, node => append(node, bytes))
    }

    fn truncate(&self, node: &Self::Node, size: u64) -> Result<(), FsError> {
        of!(self, node, node => truncate(node, size))
    }

    fn read_directory(
        &self,
        directory: &Self::Node,
        cursor: u64,
        visit: &mut Visit<'_>,
    ) -> Result<(), FsError> {
        match (directory, self.covered(), self.top.get()) {
            // The mount point is listed with the inode that looking it up finds.
            (Below(directory), Some(covered), Some(top))
                if self.below.device(directory) == self.below.device(covered) =>
            {
                let (hidden, shown) = (self.below.metadata(covered).inode, self.above.metadata(top).inode);
                self.below.read_directory(directory, cursor, &mut |cursor, name, inode, kind| {
                    visit(cursor, name, if inode == hidden { shown } else { inode }, kind)
                })
            }
            _ => of!(self, directory, at => read_directory(at, cursor, visit)),
        }
    }

    fn sync(&self, node: &Self::Node) -> Result<(), FsError> {
        of!(self, node, node => sync(node))
    }

    #[inline]
    fn sync_all(&self) -> Result<(), FsError> {
        // Both, whatever the first says.
        self.below.sync_all().and(self.above.sync_all())
    }
}
