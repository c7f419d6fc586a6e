//! A node in use: the fids that name it on the server, and what was last known about it.
//!
//! All handles to a node share one [`Inode`], found by its number on the server. It has a fid to walk from, and from
//! the first read, write or listing on a second one that is open. Before the client removes a name it opens the node
//! that somebody still has in use, so that the server keeps its contents (POSIX `unlink`).

use crate::channel::Channel;
use crate::message::Qid;
use crate::session::Session;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};
use kit_iface_fs::{Metadata, NodeKind};
use kit_util_sync::SleepLock;

/// A node in use. Dropping the last handle gives its fids back.
pub struct Inode<C: Channel> {
    pub(crate) session: Arc<Session<C>>,
    /// Its number and kind.
    pub(crate) qid: Qid,
    /// The fid that leads to it.
    pub(crate) fid: u32,
    /// What was last known about it.
    pub(crate) metadata: SleepLock<Metadata>,
    /// An open fid, and whether it can write.
    pub(crate) open: SleepLock<Option<(u32, bool)>>,
    /// Its last name was removed by us: the server may no longer find it by its path.
    pub(crate) is_removed: AtomicBool,
}

impl<C: Channel> Inode<C> {
    /// What it is, which never changes.
    pub(crate) fn kind(&self) -> NodeKind {
        kind_of(self.qid)
    }

    pub(crate) fn is_removed(&self) -> bool {
        self.is_removed.load(Ordering::Relaxed)
    }
}

impl<C: Channel> Drop for Inode<C> {
    fn drop(&mut self) {
        let open = self.open.lock().take();
        self.session.forget(self.qid.path);
        for fid in [Some(self.fid), open.map(|(fid, _)| fid)].into_iter().flatten() {
            self.session.clunk(fid);
        }
    }
}

/// What a number on the server is of. Devices of the host are files here: they cannot be opened.
pub(crate) fn kind_of(qid: Qid) -> NodeKind {
    match qid.kind {
        kind if kind & Qid::DIRECTORY != 0 => NodeKind::Directory,
        kind if kind & Qid::SYMLINK != 0 => NodeKind::Symlink,
        _ => NodeKind::File,
    }
}
