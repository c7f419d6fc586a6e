//! A filesystem of one empty directory. Every operation is known at compile time, so it folds away.
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

use kit_iface_fs::{Features, FileSystem, FsError, Metadata, NAME_MAX, NodeKind, Visit};

/// No files.
pub struct NoFs(());

impl NoFs {
    /// An empty directory.
    pub const fn new() -> Self {
        Self(())
    }
}

impl FileSystem for NoFs {
    /// There is one node.
    type Node = ();

    const FEATURES: Features = Features::READ_ONLY;

    fn root(&self) -> Result<(), FsError> {
        Ok(())
    }

    fn is_same(&self, _one: &(), _other: &()) -> bool {
        true
    }

    fn metadata(&self, _node: &()) -> Metadata {
        Metadata {
            inode: 1,
            kind: NodeKind::Directory,
            mode: 0o755,
            links: 2,
            size: 0,
            stored_bytes: 0,
            accessed_ns: 0,
            modified_ns: 0,
            changed_ns: 0,
        }
    }

    fn lookup(&self, _directory: &(), name: &[u8]) -> Result<(), FsError> {
        Err(if name.len() > NAME_MAX { FsError::NameTooLong } else { FsError::NotFound })
    }

    fn parent(&self, _directory: &()) -> Result<(), FsError> {
        Ok(())
    }

    fn read(&self, _node: &(), _offset: u64, _buffer: &mut [u8]) -> Result<usize, FsError> {
        Err(FsError::IsADirectory)
    }

    fn read_directory(&self, _at: &(), _cursor: u64, _visit: &mut Visit<'_>) -> Result<(), FsError> {
        Ok(())
    }
}
