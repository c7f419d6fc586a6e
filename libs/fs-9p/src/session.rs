//! One attachment to a server: requests by name, the numbers of fids, and the nodes in use.

use crate::channel::Channel;
use crate::inode::{Inode, kind_of};
use crate::message::{Kind, NO_FID, Qid, Reply, Request};
use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::AtomicBool;
use kit_iface_fs::{FsError, Metadata};
use kit_util_sync::SleepLock;

/// What this client speaks.
const VERSION: &[u8] = b"9P2000.L";
/// `Tgetattr`: mode, links, times, inode, size, blocks.
const BASIC: u64 = 0x7ff;
/// Flags of `Tlopen`: those of Linux on every machine.
pub const READ: u32 = 0;
/// Reading and writing.
pub const READ_WRITE: u32 = 2;
const CREATE: u32 = 0o100;
const EXCLUSIVE: u32 = 0o200;

/// An attachment.
pub struct Session<C: Channel> {
    channel: C,
    /// Longest message that both sides agreed on.
    message_bytes: usize,
    fids: SleepLock<Fids>,
    /// The nodes in use, by their numbers on the server.
    nodes: SleepLock<BTreeMap<u64, Weak<Inode<C>>>>,
}

/// Numbers that name nodes: those that were given back first.
#[derive(Default)]
struct Fids {
    free: Vec<u32>,
    next: u32,
}

impl<C: Channel> Session<C> {
    /// Agrees on the protocol and attaches to what the server has: its root.
    pub fn start(channel: C) -> Result<Arc<Inode<C>>, FsError> {
        let offered = channel.message_bytes();
        let agreed = channel.exchange(
            |buffer| {
                let mut request = Request::new(buffer, Kind::Version);
                request.u32(offered as u32).text(VERSION);
                request.finish()
            },
            |reply| {
                let mut reply = Reply::new(reply, Kind::Version)?;
                let agreed = reply.u32()? as usize;
                // A server that does not speak the dialect answers `unknown`.
                if reply.text()? == VERSION && agreed >= 4096 { Ok(agreed) } else { Err(FsError::NoDevice) }
            },
        )?;
        let message_bytes = agreed.min(offered);
        let (fids, nodes) = (SleepLock::new(Fids::default()), SleepLock::new(BTreeMap::new()));
        let session = Arc::new(Self { channel, message_bytes, fids, nodes });
        let fid = session.new_fid();
        let qid = session.call(
            Kind::Attach,
            // No authentication; as nobody in particular.
            |request| _ = request.u32(fid).u32(NO_FID).text(b"").text(b"").u32(0),
            |reply| reply.qid(),
        )?;
        session.inode(fid, qid)
    }

    /// Bytes of a file that one message carries.
    pub fn payload_bytes(&self) -> usize {
        self.message_bytes - crate::message::OVERHEAD_BYTES
    }

    /// One request and its reply.
    pub fn call<R>(
        &self,
        kind: Kind,
        write: impl FnOnce(&mut Request<'_>),
        read: impl FnOnce(&mut Reply<'_>) -> Result<R, FsError>,
    ) -> Result<R, FsError> {
        self.channel.exchange(
            |buffer| {
                let mut request = Request::new(buffer, kind);
                write(&mut request);
                request.finish()
            },
            |reply| read(&mut Reply::new(reply, kind)?),
        )
    }

    fn new_fid(&self) -> u32 {
        let mut fids = self.fids.lock();
        fids.free.pop().unwrap_or_else(|| {
            fids.next += 1;
            fids.next
        })
    }

    /// Gives a fid back. The server forgets it whatever it answers.
    pub fn clunk(&self, fid: u32) {
        let _ = self.call(Kind::Clunk, |request| _ = request.u32(fid), |_| Ok(()));
        self.fids.lock().free.push(fid);
    }

    /// A new fid for what is reached from `fid` by `name`; without a name, for the same node.
    pub fn walk(&self, fid: u32, name: Option<&[u8]>) -> Result<(u32, Option<Qid>), FsError> {
        let new = self.new_fid();
        let walked = self.call(
            Kind::Walk,
            |request| {
                request.u32(fid).u32(new).u16(name.is_some().into());
                name.into_iter().for_each(|name| _ = request.text(name));
            },
            |reply| match reply.u16()? {
                0 => Ok(None),
                _ => reply.qid().map(Some),
            },
        );
        match walked {
            Ok(qid) if qid.is_some() == name.is_some() => Ok((new, qid)),
            // The fid exists only if the whole walk succeeded.
            other => {
                self.fids.lock().free.push(new);
                Err(other.err().unwrap_or(FsError::NotFound))
            }
        }
    }

    /// Opens `fid` itself.
    pub fn open(&self, fid: u32, flags: u32) -> Result<(), FsError> {
        self.call(Kind::Lopen, |request| _ = request.u32(fid).u32(flags), |_| Ok(()))
    }

    /// Makes a file in the directory of `fid`, which then is the open file.
    pub fn create(&self, fid: u32, name: &[u8], mode: u16) -> Result<(), FsError> {
        let flags = CREATE | EXCLUSIVE | READ_WRITE;
        self.call(
            Kind::Lcreate,
            |request| _ = request.name_in(fid, name).u32(flags).u32(mode.into()).u32(0),
            |_| Ok(()),
        )
    }

    /// The node that `fid` leads to: the one in use, to which the fid is not needed, or a new one that has the fid.
    pub fn inode(self: &Arc<Self>, fid: u32, qid: Qid) -> Result<Arc<Inode<C>>, FsError> {
        if let Some(known) = self.in_use(qid.path) {
            self.clunk(fid);
            return Ok(known);
        }
        let metadata = self.metadata(fid).inspect_err(|_| self.clunk(fid))?;
        let inode = Arc::new(Inode {
            session: self.clone(),
            qid,
            fid,
            metadata: SleepLock::new(metadata),
            open: SleepLock::new(None),
            is_removed: AtomicBool::new(false),
        });
        let first = {
            let mut nodes = self.nodes.lock();
            let first = nodes.get(&qid.path).and_then(Weak::upgrade);
            if first.is_none() {
                nodes.insert(qid.path, Arc::downgrade(&inode));
            }
            first
        };
        // Somebody else may have looked it up meanwhile; then ours is dropped, without the lock.
        Ok(first.unwrap_or(inode))
    }

    /// The node of this number, if somebody has it in use.
    pub fn in_use(&self, path: u64) -> Option<Arc<Inode<C>>> {
        self.nodes.lock().get(&path)?.upgrade()
    }

    /// The last handle to the node of this number is gone.
    pub fn forget(&self, path: u64) {
        let mut nodes = self.nodes.lock();
        if nodes.get(&path).is_some_and(|node| node.strong_count() == 0) {
            nodes.remove(&path);
        }
    }

    /// What the server knows about the node of `fid`.
    pub fn metadata(&self, fid: u32) -> Result<Metadata, FsError> {
        self.call(
            Kind::Getattr,
            |request| _ = request.u32(fid).u64(BASIC),
            |reply| {
                let _valid = reply.u64()?;
                let qid = reply.qid()?;
                let mode = reply.u32()?;
                let (_uid, _gid) = (reply.u32()?, reply.u32()?);
                let links = reply.u64()?;
                let _device = reply.u64()?;
                let size = reply.u64()?;
                let _block_size = reply.u64()?;
                let blocks = reply.u64()?;
                let mut time = || Ok(reply.u64()?.saturating_mul(1_000_000_000).saturating_add(reply.u64()?));
                let (accessed_ns, modified_ns, changed_ns) = (time()?, time()?, time()?);
                Ok(Metadata {
                    inode: qid.path.max(1),
                    kind: kind_of(qid),
                    mode: (mode & 0o7777) as u16,
                    links: links.try_into().unwrap_or(u32::MAX),
                    size,
                    stored_bytes: blocks.saturating_mul(512),
                    accessed_ns,
                    modified_ns,
                    changed_ns,
                })
            },
        )
    }
}
