//! The filesystem over any channel.

use crate::channel::{Channel, Open};
use crate::inode::Inode;
use crate::message::{Kind, Reply};
use crate::session::{READ, READ_WRITE, Session};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;
use kit_iface_fs::{Change, Features, FileSystem, FsError, Metadata, NAME_MAX, NodeKind, Space, Visit};
use kit_util_sync::{Lazy, SleepLock};

/// Bits of `Tsetattr`.
const SET_MODE: u32 = 0x1;
const SET_SIZE: u32 = 0x8;
const SET_ACCESSED: u32 = 0x10 | 0x80;
const SET_MODIFIED: u32 = 0x20 | 0x100;
/// Where a file of the host ends at the latest: what is longer a server would refuse in its own words.
const OFFSET_MAX: u64 = i64::MAX as u64;
/// `Tunlinkat`: the name is of a directory (`AT_REMOVEDIR`).
const REMOVE_DIRECTORY: u32 = 0x200;

/// A served folder. It is attached when its root is first asked for.
pub struct Client<O: Open> {
    open: O,
    root: Lazy<Arc<Inode<O::Channel>>>,
    /// Appending is finding the end and writing there: one at a time.
    appending: SleepLock<()>,
}

impl<O: Open> Client<O> {
    /// The folder behind the channel that `open` makes when it is needed.
    pub const fn over(open: O) -> Self {
        Self { open, root: Lazy::new(), appending: SleepLock::new(()) }
    }
}

impl<C: Channel> Inode<C> {
    /// The node that `name` or `..` leads to from this directory.
    fn child(&self, name: &[u8]) -> Result<Arc<Self>, FsError> {
        let (fid, qid) = self.session.walk(self.fid, Some(name))?;
        self.session.inode(fid, qid.ok_or(FsError::Device)?)
    }

    /// An open fid: one that can write, if that is wanted or possible.
    fn opened(&self, to_write: bool) -> Result<u32, FsError> {
        let mut open = self.open.lock();
        if let Some((fid, can_write)) = *open
            && (can_write || !to_write)
        {
            return Ok(fid);
        }
        let (fid, _) = self.session.walk(self.fid, None)?;
        let can_both = self.kind() == NodeKind::File;
        let mut opened = Err(FsError::IsADirectory);
        if can_both {
            opened = self.session.open(fid, READ_WRITE).map(|()| true);
        }
        if opened.is_err() && !to_write {
            opened = self.session.open(fid, READ).map(|()| false);
        }
        match opened {
            Ok(can_write) => {
                if let Some((old, _)) = open.replace((fid, can_write)) {
                    self.session.clunk(old);
                }
                Ok(fid)
            }
            Err(error) => {
                self.session.clunk(fid);
                Err(error)
            }
        }
    }

    fn set(
        &self,
        valid: u32,
        mode: u16,
        size: u64,
        accessed_ns: u64,
        modified_ns: u64,
    ) -> Result<(), FsError> {
        self.session.call(
            Kind::Setattr,
            |request| {
                request.u32(self.fid).u32(valid).u32(mode.into()).u32(0).u32(0).u64(size);
                for time in [accessed_ns, modified_ns] {
                    request.u64(time / 1_000_000_000).u64(time % 1_000_000_000);
                }
            },
            |_| Ok(()),
        )
    }

    /// Opens the node that is about to lose a name if somebody has it in use: the server keeps what is open.
    fn keep(session: &Session<C>, path: u64) -> Option<Arc<Self>> {
        let inode = session.in_use(path)?;
        if inode.kind() == NodeKind::File {
            let _ = inode.opened(false);
        }
        Some(inode)
    }

    /// The number of what a name means, for [`Inode::keep`].
    fn number_of(&self, name: &[u8]) -> Option<u64> {
        let (fid, qid) = self.session.walk(self.fid, Some(name)).ok()?;
        self.session.clunk(fid);
        Some(qid?.path)
    }

    /// What `name` means lost it; if it was the last, the server may not find the node by its path any more.
    fn lost_a_name(kept: Option<Arc<Self>>) {
        if let Some(inode) = kept {
            let mut metadata = inode.metadata.lock();
            metadata.links = metadata.links.saturating_sub(1);
            if metadata.links == 0 || inode.kind() == NodeKind::Directory {
                inode.is_removed.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Whether this is a directory, in which `name` is one that a node can have.
    fn can_have(&self, name: &[u8]) -> Result<(), FsError> {
        if self.kind() != NodeKind::Directory {
            return Err(FsError::NotADirectory);
        }
        if name.len() > NAME_MAX {
            return Err(FsError::NameTooLong);
        }
        let is_bad = matches!(name, b"" | b"." | b"..") || name.iter().any(|byte| matches!(byte, b'/' | 0));
        if is_bad { Err(FsError::Invalid) } else { Ok(()) }
    }
}

impl<O: Open> FileSystem for Client<O> {
    type Node = Arc<Inode<O::Channel>>;

    const FEATURES: Features = O::FEATURES;

    fn root(&self) -> Result<Self::Node, FsError> {
        self.root.get_or_try(|| Session::start(self.open.open()?)).cloned()
    }

    fn space(&self, node: &Self::Node) -> Space {
        let space = node.session.call(
            Kind::Statfs,
            |request| _ = request.u32(node.fid),
            |reply| {
                let (_type, block_bytes) = (reply.u32()?, u64::from(reply.u32()?));
                let (blocks, _free, available) = (reply.u64()?, reply.u64()?, reply.u64()?);
                let bytes = |blocks: u64| blocks.saturating_mul(block_bytes);
                Ok(Space { total_bytes: bytes(blocks), free_bytes: bytes(available) })
            },
        );
        space.unwrap_or_default()
    }

    fn metadata(&self, node: &Self::Node) -> Metadata {
        if !node.is_removed()
            && let Ok(metadata) = node.session.metadata(node.fid)
        {
            *node.metadata.lock() = metadata;
        }
        *node.metadata.lock()
    }

    fn change(&self, node: &Self::Node, change: Change) -> Result<(), FsError> {
        let Change { mode, accessed_ns, modified_ns } = change;
        let bits = [
            (mode.is_some(), SET_MODE),
            (accessed_ns.is_some(), SET_ACCESSED),
            (modified_ns.is_some(), SET_MODIFIED),
        ];
        let valid = bits.iter().filter(|(is_set, _)| *is_set).map(|(_, bit)| bit).sum();
        if valid == 0 {
            return Ok(());
        }
        node.set(valid, mode.unwrap_or(0), 0, accessed_ns.unwrap_or(0), modified_ns.unwrap_or(0))
    }

    fn lookup(&self, directory: &Self::Node, name: &[u8]) -> Result<Self::Node, FsError> {
        directory.can_have(name)?;
        directory.child(name)
    }

    fn parent(&self, directory: &Self::Node) -> Result<Self::Node, FsError> {
        // Not every server stays inside of what it serves.
        let root = self.root()?;
        if directory.qid == root.qid { Ok(root) } else { directory.child(b"..") }
    }

    fn create(
        &self,
        directory: &Self::Node,
        name: &[u8],
        kind: NodeKind,
        mode: u16,
    ) -> Result<Self::Node, FsError> {
        directory.can_have(name)?;
        let session = &directory.session;
        match kind {
            NodeKind::Directory => session.call(
                Kind::Mkdir,
                |request| _ = request.name_in(directory.fid, name).u32(mode.into()).u32(0),
                |_| Ok(()),
            )?,
            NodeKind::File => {
                let (fid, _) = session.walk(directory.fid, None)?;
                let made = session.create(fid, name, mode);
                session.clunk(fid);
                made?;
            }
            NodeKind::Symlink => return Err(FsError::Invalid),
            NodeKind::Device(_) => return Err(FsError::NotPermitted),
        }
        let node = directory.child(name)?;
        // The server has a mask of its own.
        if node.metadata.lock().mode != mode {
            node.set(SET_MODE, mode, 0, 0, 0)?;
        }
        Ok(node)
    }

    fn symlink(&self, directory: &Self::Node, name: &[u8], target: &[u8]) -> Result<Self::Node, FsError> {
        directory.can_have(name)?;
        directory.session.call(
            Kind::Symlink,
            |request| _ = request.name_in(directory.fid, name).text(target).u32(0),
            |_| Ok(()),
        )?;
        directory.child(name)
    }

    fn read_link(&self, node: &Self::Node, buffer: &mut [u8]) -> Result<usize, FsError> {
        if node.kind() != NodeKind::Symlink {
            return Err(FsError::Invalid);
        }
        node.session.call(
            Kind::Readlink,
            |request| _ = request.u32(node.fid),
            |reply| {
                let target = reply.text()?;
                let length = target.len().min(buffer.len());
                buffer[..length].copy_from_slice(&target[..length]);
                Ok(length)
            },
        )
    }

    fn link(&self, node: &Self::Node, directory: &Self::Node, name: &[u8]) -> Result<(), FsError> {
        if node.kind() == NodeKind::Directory {
            return Err(FsError::NotPermitted);
        }
        directory.can_have(name)?;
        directory.session.call(
            Kind::Link,
            |request| _ = request.u32(directory.fid).u32(node.fid).text(name),
            |_| Ok(()),
        )
    }

    fn unlink(&self, directory: &Self::Node, name: &[u8], is_directory: bool) -> Result<(), FsError> {
        directory.can_have(name)?;
        let number = directory.number_of(name);
        let kept = number.and_then(|number| Inode::keep(&directory.session, number));
        let flags = if is_directory { REMOVE_DIRECTORY } else { 0 };
        directory.session.call(
            Kind::Unlinkat,
            |request| _ = request.name_in(directory.fid, name).u32(flags),
            |_| Ok(()),
        )?;
        Inode::lost_a_name(kept);
        Ok(())
    }

    fn rename(
        &self,
        from: &Self::Node,
        from_name: &[u8],
        to: &Self::Node,
        to_name: &[u8],
    ) -> Result<(), FsError> {
        from.can_have(from_name)?;
        to.can_have(to_name)?;
        let (moved, replaced) = (from.number_of(from_name), to.number_of(to_name));
        let kept = replaced.filter(|_| moved != replaced).and_then(|number| Inode::keep(&to.session, number));
        from.session.call(
            Kind::Renameat,
            |request| _ = request.name_in(from.fid, from_name).name_in(to.fid, to_name),
            |_| Ok(()),
        )?;
        Inode::lost_a_name(kept);
        Ok(())
    }

    fn read(&self, node: &Self::Node, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        if node.kind() == NodeKind::Directory {
            return Err(FsError::IsADirectory);
        }
        if offset > OFFSET_MAX {
            return Ok(0);
        }
        let fid = node.opened(false)?;
        let mut filled = 0;
        while filled < buffer.len() {
            let rest = &mut buffer[filled..];
            let wanted = rest.len().min(node.session.payload_bytes());
            let count = node.session.call(
                Kind::Read,
                |request| _ = request.u32(fid).u64(offset + filled as u64).u32(wanted as u32),
                |reply| {
                    let bytes = reply.data()?;
                    let place = rest.get_mut(..bytes.len()).ok_or(FsError::Device)?;
                    place.copy_from_slice(bytes);
                    Ok(bytes.len())
                },
            )?;
            if count == 0 {
                break;
            }
            filled += count;
        }
        Ok(filled)
    }

    fn write(&self, node: &Self::Node, offset: u64, bytes: &[u8]) -> Result<usize, FsError> {
        if node.kind() == NodeKind::Directory {
            return Err(FsError::IsADirectory);
        }
        if offset.checked_add(bytes.len() as u64).is_none_or(|end| end > OFFSET_MAX) {
            return Err(FsError::TooLarge);
        }
        let fid = node.opened(true)?;
        let mut written = 0;
        while written < bytes.len() {
            let part = &bytes[written..][..(bytes.len() - written).min(node.session.payload_bytes())];
            let answer = node.session.call(
                Kind::Write,
                |request| _ = request.u32(fid).u64(offset + written as u64).data(part),
                |reply| reply.u32(),
            );
            match answer {
                Ok(count) if count > 0 && count as usize <= part.len() => written += count as usize,
                Ok(_) => return Err(FsError::Device),
                Err(error) if written == 0 => return Err(error),
                // What was stored is told; the next write meets the error.
                Err(_) => break,
            }
        }
        let mut metadata = node.metadata.lock();
        metadata.size = metadata.size.max(offset + written as u64);
        Ok(written)
    }

    fn append(&self, node: &Self::Node, bytes: &[u8]) -> Result<u64, FsError> {
        let _appending = self.appending.lock();
        let end = self.metadata(node).size;
        let written = self.write(node, end, bytes)?;
        if written == bytes.len() {
            return Ok(end + written as u64);
        }
        // All or nothing.
        self.truncate(node, end)?;
        Err(FsError::NoSpace)
    }

    fn truncate(&self, node: &Self::Node, size: u64) -> Result<(), FsError> {
        if node.kind() == NodeKind::Directory {
            return Err(FsError::IsADirectory);
        }
        if size > OFFSET_MAX {
            return Err(FsError::TooLarge);
        }
        node.set(SET_SIZE, 0, size, 0, 0)?;
        node.metadata.lock().size = size;
        Ok(())
    }

    fn read_directory(
        &self,
        directory: &Self::Node,
        cursor: u64,
        visit: &mut Visit<'_>,
    ) -> Result<(), FsError> {
        if directory.kind() != NodeKind::Directory {
            return Err(FsError::NotADirectory);
        }
        let fid = directory.opened(false)?;
        let count = directory.session.payload_bytes() as u32;
        let mut cursor = cursor;
        loop {
            // The callback may come back to this filesystem, so it is not called while the reply is on loan.
            let entries = directory.session.call(
                Kind::Readdir,
                |request| _ = request.u32(fid).u64(cursor).u32(count),
                entries,
            )?;
            let Some(last) = entries.last() else { return Ok(()) };
            cursor = last.cursor;
            for entry in entries.iter().filter(|entry| !matches!(&*entry.name, b"." | b"..")) {
                if !visit(entry.cursor, &entry.name, entry.inode, entry.kind) {
                    return Ok(());
                }
            }
        }
    }

    fn sync(&self, node: &Self::Node) -> Result<(), FsError> {
        let fid = node.opened(false)?;
        node.session.call(Kind::Fsync, |request| _ = request.u32(fid).u32(0), |_| Ok(()))
    }
}

struct Entry {
    cursor: u64,
    name: Vec<u8>,
    inode: u64,
    kind: NodeKind,
}

/// The entries of a listing: `qid[13] offset[8] type[1] name[s]` each.
fn entries(reply: &mut Reply<'_>) -> Result<Vec<Entry>, FsError> {
    let length = reply.u32()?;
    let mut entries = Vec::new();
    while length > 0 && !reply.is_empty() {
        let qid = reply.qid()?;
        let (cursor, _type) = (reply.u64()?, reply.u8()?);
        let name = reply.text()?.to_vec();
        entries.push(Entry { cursor, name, inode: qid.path.max(1), kind: crate::inode::kind_of(qid) });
    }
    Ok(entries)
}
