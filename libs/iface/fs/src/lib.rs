//! The filesystem slot: nodes, names and bytes. Paths, descriptors and working directories are the shim's.
//!
//! A *node* is a file, directory or symbolic link; a [`FileSystem::Node`] is a counted handle to one: as long
//! as somebody holds it the node's contents exist, even after its last name is gone (POSIX `unlink`).
//! A *name* is one path component: bytes, not empty, without `/` and NUL, never `.` or `..`. Offsets and
//! sizes are in bytes, times in nanoseconds since 1970 (UTC). Methods answer without waiting for anything but
//! the device underneath; those of a memory filesystem never block.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;

/// Longest name, in bytes.
pub const NAME_MAX: usize = 255;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A sequence of bytes.
    File,
    /// A set of names.
    Directory,
    /// A path to follow.
    Symlink,
}

/// What is known about a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Identifies the node within its filesystem for as long as it exists; never zero.
    pub inode: u64,
    /// What it is.
    pub kind: NodeKind,
    /// Permission bits, `0o7777`; advisory here, there is one user.
    pub mode: u16,
    /// How many names it has.
    pub links: u32,
    /// Its length: bytes of a file, of a symlink's target, entries of a directory.
    pub size: u64,
    /// Bytes of storage it takes.
    pub stored_bytes: u64,
    /// Last read, as far as it is tracked.
    pub accessed_ns: u64,
    /// Last change of the contents.
    pub modified_ns: u64,
    /// Last change of contents or metadata.
    pub changed_ns: u64,
}

/// A change of metadata: `None` leaves a field alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Change {
    /// New permission bits.
    pub mode: Option<u16>,
    /// New access time.
    pub accessed_ns: Option<u64>,
    /// New modification time.
    pub modified_ns: Option<u64>,
}

/// Why an operation failed, one variant for each POSIX errno. Nothing has changed when one is returned,
/// except that a write may have stored a prefix (its count is then returned instead).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FsError {
    /// There is no such name. `ENOENT`
    NotFound,
    /// The name is taken. `EEXIST`
    Exists,
    /// What should be a directory is something else. `ENOTDIR`
    NotADirectory,
    /// What should not be a directory is one. `EISDIR`
    IsADirectory,
    /// The directory still has names in it. `ENOTEMPTY`
    NotEmpty,
    /// A directory moved into itself, a symlink operation on another kind, an illegal name. `EINVAL`
    Invalid,
    /// The name is longer than [`NAME_MAX`]. `ENAMETOOLONG`
    NameTooLong,
    /// No memory, or no room on the device, for the contents or the name. `ENOSPC`
    NoSpace,
    /// The file would become longer than the filesystem can express. `EFBIG`
    TooLarge,
    /// The filesystem does not change. `EROFS`
    ReadOnly,
    /// A hard link to a directory. `EPERM`
    NotPermitted,
    /// The node has as many names as it can count. `EMLINK`
    TooManyLinks,
    /// The device underneath failed. `EIO`
    Device,
}

/// Sees one directory entry, as `(cursor, name, inode, kind)`, and says whether it wants the next.
pub type Visit<'a> = dyn FnMut(u64, &[u8], u64, NodeKind) -> bool + 'a;

/// A filesystem. All methods may be called by any thread.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filesystem",
    note = "choose one with `[config] FS_… = true`; `kit doctor` lists them"
)]
pub trait FileSystem: Sync + 'static {
    /// A counted handle to a node.
    type Node: Clone + Send + Sync + 'static;

    /// The root directory.
    fn root(&self) -> Self::Node;

    /// What is known about `node`.
    fn metadata(&self, node: &Self::Node) -> Metadata;

    /// Changes what is known about `node`.
    fn change(&self, node: &Self::Node, change: Change) -> Result<(), FsError>;

    /// The node that `directory` calls `name`.
    fn lookup(&self, directory: &Self::Node, name: &[u8]) -> Result<Self::Node, FsError>;

    /// The directory that `directory` is in; the root is in itself.
    fn parent(&self, directory: &Self::Node) -> Result<Self::Node, FsError>;

    /// Makes an empty file or directory. [`FsError::Exists`] if the name is taken.
    fn create(
        &self,
        directory: &Self::Node,
        name: &[u8],
        kind: NodeKind,
        mode: u16,
    ) -> Result<Self::Node, FsError>;

    /// Makes a symbolic link to `target`.
    fn symlink(&self, directory: &Self::Node, name: &[u8], target: &[u8]) -> Result<Self::Node, FsError>;

    /// Copies a symlink's target into `buffer`, cut to its length; returns how many bytes.
    fn read_link(&self, node: &Self::Node, buffer: &mut [u8]) -> Result<usize, FsError>;

    /// Gives a file one more name.
    fn link(&self, node: &Self::Node, directory: &Self::Node, name: &[u8]) -> Result<(), FsError>;

    /// Takes a name away: of a directory (which must be empty) if `is_directory`, else of anything else.
    fn unlink(&self, directory: &Self::Node, name: &[u8], is_directory: bool) -> Result<(), FsError>;

    /// Moves a name, atomically replacing what `to_name` meant (POSIX `rename`).
    fn rename(
        &self,
        from: &Self::Node,
        from_name: &[u8],
        to: &Self::Node,
        to_name: &[u8],
    ) -> Result<(), FsError>;

    /// Reads at `offset`; fewer bytes than asked only at the end of the file.
    fn read(&self, node: &Self::Node, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError>;

    /// Writes at `offset`, growing the file; a hole in between reads as zeroes.
    fn write(&self, node: &Self::Node, offset: u64, bytes: &[u8]) -> Result<usize, FsError>;

    /// Appends all of `bytes` or none, atomically; returns the offset after the last byte written.
    fn append(&self, node: &Self::Node, bytes: &[u8]) -> Result<u64, FsError>;

    /// Cuts or extends (with zeroes) a file.
    fn truncate(&self, node: &Self::Node, size: u64) -> Result<(), FsError>;

    /// Calls `visit(cursor, name, inode, kind)` for entries after `cursor` (0 for the first call) until it
    /// returns false. A cursor stays meaningful while names come and go: no entry that stays is skipped or
    /// visited twice. `.` and `..` are the shim's.
    fn read_directory(
        &self,
        directory: &Self::Node,
        cursor: u64,
        visit: &mut Visit<'_>,
    ) -> Result<(), FsError>;

    /// Makes a node's contents durable; does nothing where there is nothing durable.
    fn sync(&self, node: &Self::Node) -> Result<(), FsError>;
}
