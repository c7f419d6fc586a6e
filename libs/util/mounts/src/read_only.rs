//! A filesystem that does not change, whatever it could: the mount option `ro`. What would change it is left to the
//! defaults of the trait, which refuse.

use kit_iface_fs::{Features, FileSystem, FsError, Metadata, Space, Visit};

/// A view of a filesystem through which nothing can be changed.
pub struct ReadOnly<F: FileSystem>(&'static F);

impl<F: FileSystem> ReadOnly<F> {
    /// A view of `inner`.
    pub const fn new(inner: &'static F) -> Self {
        Self(inner)
    }
}

impl<F: FileSystem> FileSystem for ReadOnly<F> {
    type Node = F::Node;

    const FEATURES: Features = Features { is_writable: false, ..F::FEATURES };
    const DEVICES: u32 = F::DEVICES;

    fn root(&self) -> Result<F::Node, FsError> {
        self.0.root()
    }

    fn device(&self, node: &F::Node) -> u32 {
        self.0.device(node)
    }

    fn is_same(&self, one: &F::Node, other: &F::Node) -> bool {
        self.0.is_same(one, other)
    }

    fn is_writable(&self, _node: &F::Node) -> bool {
        false
    }

    fn space(&self, node: &F::Node) -> Space {
        Space { free_bytes: 0, ..self.0.space(node) }
    }

    fn metadata(&self, node: &F::Node) -> Metadata {
        self.0.metadata(node)
    }

    fn lookup(&self, directory: &F::Node, name: &[u8]) -> Result<F::Node, FsError> {
        self.0.lookup(directory, name)
    }

    fn parent(&self, directory: &F::Node) -> Result<F::Node, FsError> {
        self.0.parent(directory)
    }

    fn read_link(&self, node: &F::Node, buffer: &mut [u8]) -> Result<usize, FsError> {
        self.0.read_link(node, buffer)
    }

    fn read(&self, node: &F::Node, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        self.0.read(node, offset, buffer)
    }

    fn read_directory(&self, at: &F::Node, cursor: u64, visit: &mut Visit<'_>) -> Result<(), FsError> {
        self.0.read_directory(at, cursor, visit)
    }
}
