//! The filesystem slot: nodes, names and bytes. Paths, descriptors and working directories are the shim's.
//!
//! A *node* is a file, directory or symbolic link; a [`FileSystem::Node`] is a counted handle to one: as long
//! as somebody holds it the node's contents exist, even after its last name is gone (POSIX `unlink`).
//! A *name* is one path component: bytes, not empty, without `/` and NUL, never `.` or `..`. Offsets and
//! sizes are in bytes, times in nanoseconds since 1970 (UTC). Methods answer without waiting for anything but
//! the device underneath; those of a memory filesystem never block.
//!
//! **Starting.** Nodes are reached from [`FileSystem::root`] only, so that its first call is where a filesystem
//! starts: finds its disk, reads its superblock. Boot never calls it. A filesystem that cannot start says why, and
//! what to do about it, on the console, once, and answers every call of `root` with the error.
//!
//! **What an implementation lacks** it declares in [`FileSystem::FEATURES`]; [`conformance`] checks what is left,
//! and that the rest is refused as documented here.
//!
//! **Devices.** A filesystem keeps the *number* of a character device as it keeps a symlink's target. What is
//! behind the number is the shim's, as in any Unix, so that `/dev/null` works on every filesystem.
#![no_std]
#![deny(missing_docs)]

mod archive;
pub mod conformance;
pub mod devices;
pub mod fake;
mod linux;

pub use archive::Archive;

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
    /// A character device, by its number as Linux has it ([`device_number`]).
    Device(u32),
}

/// The number of a device, as Linux's `st_rdev` has it for small numbers.
pub const fn device_number(major: u8, minor: u8) -> u32 {
    (major as u32) << 8 | minor as u32
}

/// What a filesystem keeps of what POSIX asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// Anything can change. Otherwise each change is [`FsError::ReadOnly`], whatever else is wrong with it.
    pub is_writable: bool,
    /// A file can have several names. Otherwise [`FileSystem::link`] is [`FsError::NotPermitted`].
    pub hard_links: bool,
    /// Otherwise [`FileSystem::symlink`] is [`FsError::NotPermitted`].
    pub symlinks: bool,
    /// Device nodes can be made. Otherwise [`FileSystem::create`] of one is [`FsError::NotPermitted`].
    pub devices: bool,
    /// Permission bits are kept. Otherwise [`Change::mode`] is accepted and forgotten, or kept in part.
    pub modes: bool,
    /// A name is any bytes without `/` and NUL, and upper and lower case differ. Otherwise some names are
    /// [`FsError::Invalid`], and names that differ in case only may mean the same node.
    pub any_name: bool,
    /// Times are kept, cut to multiples of this many nanoseconds; 0: they are not kept.
    pub time_step_ns: u64,
    /// A hole takes no storage.
    pub sparse: bool,
    /// Contents are made when they are read: sizes of files are 0 and say nothing, and what is read twice may differ.
    pub is_generated: bool,
}

impl Features {
    /// Everything.
    pub const POSIX: Self = Self {
        is_writable: true,
        hard_links: true,
        symlinks: true,
        devices: true,
        modes: true,
        any_name: true,
        time_step_ns: 1,
        sparse: true,
        is_generated: false,
    };
    /// A tree that was made elsewhere and does not change.
    pub const READ_ONLY: Self = Self { is_writable: false, ..Self::POSIX };
}

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Space {
    /// Bytes of the whole; 0 where nothing can be said.
    pub total_bytes: u64,
    /// Bytes that can still be written.
    pub free_bytes: u64,
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
    /// How many names it has; of a directory 1 where they are not counted.
    pub links: u32,
    /// Its length: bytes of a file or of a symlink's target; of a directory what the filesystem likes; 0 of a device.
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
    /// A hard link to a directory, or what the filesystem lacks ([`Features`]). `EPERM`
    NotPermitted,
    /// The two places are in different filesystems. `EXDEV`
    CrossDevice,
    /// A filesystem is mounted there. `EBUSY`
    Busy,
    /// The node has as many names as it can count. `EMLINK`
    TooManyLinks,
    /// The device underneath failed. `EIO`
    Device,
    /// There is no device underneath. `ENXIO`
    NoDevice,
    /// What is stored there is not a filesystem of this kind, or is damaged. `EUCLEAN`
    Corrupt,
}

/// Sees one directory entry, as `(cursor, name, inode, kind)`, and says whether it wants the next.
pub type Visit<'a> = dyn FnMut(u64, &[u8], u64, NodeKind) -> bool + 'a;

/// A filesystem. All methods may be called by any thread.
///
/// What changes things has a default, for trees that do not change; so has what not every tree has, links and
/// durability.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filesystem",
    note = "choose one with `[config] FS_… = true`; `kit doctor` lists them"
)]
pub trait FileSystem: Sync + 'static {
    /// A counted handle to a node.
    type Node: Clone + Send + Sync + 'static;

    /// What it keeps.
    const FEATURES: Features = Features::POSIX;

    /// How many filesystems this one is composed of: [`FileSystem::device`] answers 1 to this.
    const DEVICES: u32 = 1;

    /// The root directory. The first call starts the filesystem; one that cannot start answers every call with the
    /// error, after it told the reason on the console.
    fn root(&self) -> Result<Self::Node, FsError>;

    /// Which of the filesystems that this one is composed of `node` is in (`st_dev`). Inodes are unique within it.
    #[inline]
    fn device(&self, _node: &Self::Node) -> u32 {
        1
    }

    /// Whether both are the same node.
    #[inline]
    fn is_same(&self, one: &Self::Node, other: &Self::Node) -> bool {
        self.device(one) == self.device(other) && self.metadata(one).inode == self.metadata(other).inode
    }

    /// Whether `node` can change.
    #[inline]
    fn is_writable(&self, _node: &Self::Node) -> bool {
        Self::FEATURES.is_writable
    }

    /// How much room there is where `node` is.
    fn space(&self, _node: &Self::Node) -> Space {
        Space::default()
    }

    /// What is known about `node`.
    fn metadata(&self, node: &Self::Node) -> Metadata;

    /// Changes what is known about `node`.
    fn change(&self, node: &Self::Node, change: Change) -> Result<(), FsError> {
        let _ = (node, change);
        Err(FsError::ReadOnly)
    }

    /// The node that `directory` calls `name`.
    fn lookup(&self, directory: &Self::Node, name: &[u8]) -> Result<Self::Node, FsError>;

    /// The directory that `directory` is in; the root is in itself.
    fn parent(&self, directory: &Self::Node) -> Result<Self::Node, FsError>;

    /// Makes an empty file or directory, or a device. [`FsError::Exists`] if the name is taken.
    fn create(
        &self,
        directory: &Self::Node,
        name: &[u8],
        kind: NodeKind,
        mode: u16,
    ) -> Result<Self::Node, FsError> {
        let _ = (directory, name, kind, mode);
        Err(FsError::ReadOnly)
    }

    /// Makes a symbolic link to `target`.
    fn symlink(&self, directory: &Self::Node, name: &[u8], target: &[u8]) -> Result<Self::Node, FsError> {
        let _ = (directory, name, target);
        Err(FsError::ReadOnly)
    }

    /// Copies a symlink's target into `buffer`, cut to its length; returns how many bytes.
    fn read_link(&self, node: &Self::Node, buffer: &mut [u8]) -> Result<usize, FsError> {
        let _ = (node, buffer);
        Err(FsError::Invalid)
    }

    /// Gives a file one more name.
    fn link(&self, node: &Self::Node, directory: &Self::Node, name: &[u8]) -> Result<(), FsError> {
        let _ = (node, directory, name);
        Err(FsError::ReadOnly)
    }

    /// Takes a name away: of a directory (which must be empty) if `is_directory`, else of anything else.
    fn unlink(&self, directory: &Self::Node, name: &[u8], is_directory: bool) -> Result<(), FsError> {
        let _ = (directory, name, is_directory);
        Err(FsError::ReadOnly)
    }

    /// Moves a name, atomically replacing what `to_name` meant (POSIX `rename`).
    fn rename(
        &self,
        from: &Self::Node,
        from_name: &[u8],
        to: &Self::Node,
        to_name: &[u8],
    ) -> Result<(), FsError> {
        let _ = (from, from_name, to, to_name);
        Err(FsError::ReadOnly)
    }

    /// Reads at `offset`; fewer bytes than asked only at the end of the file.
    fn read(&self, node: &Self::Node, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError>;

    /// Writes at `offset`, growing the file; a hole in between reads as zeroes.
    fn write(&self, node: &Self::Node, offset: u64, bytes: &[u8]) -> Result<usize, FsError> {
        let _ = (node, offset, bytes);
        Err(FsError::ReadOnly)
    }

    /// Appends all of `bytes` or none, atomically; returns the offset after the last byte written.
    fn append(&self, node: &Self::Node, bytes: &[u8]) -> Result<u64, FsError> {
        let _ = (node, bytes);
        Err(FsError::ReadOnly)
    }

    /// Cuts or extends (with zeroes) a file.
    fn truncate(&self, node: &Self::Node, size: u64) -> Result<(), FsError> {
        let _ = (node, size);
        Err(FsError::ReadOnly)
    }

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
    fn sync(&self, node: &Self::Node) -> Result<(), FsError> {
        let _ = node;
        Ok(())
    }

    /// Makes everything durable: what `sync` asks for, and the end of the image. Starts nothing: a filesystem that
    /// was not used yet has nothing to do.
    #[inline]
    fn sync_all(&self) -> Result<(), FsError> {
        Ok(())
    }
}
