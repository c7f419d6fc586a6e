//! A filesystem of one empty directory. Every operation is known at compile time, so it folds away.
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

use kit_iface_fs::{Change, Features, FileSystem, FsError, Metadata, NAME_MAX, NodeKind, Visit};

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

    fn change(&self, _node: &(), _change: Change) -> Result<(), FsError> {
        Err(FsError::ReadOnly)
    }

    fn lookup(&self, _directory: &(), name: &[u8]) -> Result<(), FsError> {
        Err(if name.len() > NAME_MAX { FsError::NameTooLong } else { FsError::NotFound })
    }

    fn parent(&self, _directory: &()) -> Result<(), FsError> {
        Ok(())
    }

    fn create(&self, _at: &(), _name: &[u8], _kind: NodeKind, _mode: u16) -> Result<(), FsError> {
        Err(FsError::ReadOnly)
    }

    fn symlink(&self, _at: &(), _name: &[u8], _target: &[u8]) -> Result<(), FsError> {
        Err(FsError::ReadOnly)
    }

    fn read_link(&self, _node: &(), _buffer: &mut [u8]) -> Result<usize, FsError> {
        Err(FsError::Invalid)
    }

    fn link(&self, _node: &(), _at: &(), _name: &[u8]) -> Result<(), FsError> {
        Err(FsError::ReadOnly)
    }

    fn unlink(&self, _at: &(), _name: &[u8], _is_directory: bool) -> Result<(), FsError> {
        Err(FsError::ReadOnly)
    }

    fn rename(&self, _from: &(), _old: &[u8], _to: &(), _new: &[u8]) -> Result<(), FsError> {
        Err(FsError::ReadOnly)
    }

    fn read(&self, _node: &(), _offset: u64, _buffer: &mut [u8]) -> Result<usize, FsError> {
        Err(FsError::IsADirectory)
    }

    fn write(&self, _node: &(), _offset: u64, _bytes: &[u8]) -> Result<usize, FsError> {
        Err(FsError::ReadOnly)
    }

    fn append(&self, _node: &(), _bytes: &[u8]) -> Result<u64, FsError> {
        Err(FsError::ReadOnly)
    }

    fn truncate(&self, _node: &(), _size: u64) -> Result<(), FsError> {
        Err(FsError::ReadOnly)
    }

    fn read_directory(&self, _at: &(), _cursor: u64, _visit: &mut Visit<'_>) -> Result<(), FsError> {
        Ok(())
    }

    fn sync(&self, _node: &()) -> Result<(), FsError> {
        Ok(())
    }
}
