//! A mounted volume, and which of its nodes somebody holds.

use crate::convert;
use crate::removed::Hidden;
use crate::sectors::Sectors;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use hadris_fat::sync::FatFs;
use hadris_fs::{FileType, Name, NodeId};
use kit_iface_block::BlockDevice;
use kit_iface_fs::{FsError, NodeKind};
use kit_util_sync::{SleepGuard, SleepLock};

/// The volume. One caller at a time: FAT has one table for all.
pub(crate) struct Volume<D: BlockDevice> {
    state: SleepLock<State<D>>,
}

/// What the lock guards.
pub(crate) struct State<D: BlockDevice> {
    pub fat: FatFs<Sectors<D>>,
    /// The nodes that are held, by their numbers.
    pub handles: BTreeMap<NodeId, Handle>,
    /// The number that the next removed file tries first.
    pub next_hidden: u16,
}

/// A node that is held.
#[derive(Default)]
pub(crate) struct Handle {
    count: usize,
    /// It has no name any more.
    pub is_gone: bool,
    /// The file without a name is kept under this one.
    pub hidden: Option<Hidden>,
    /// It was written since the volume was last flushed.
    pub is_changed: bool,
}

impl<D: BlockDevice> Volume<D> {
    pub fn new(fat: FatFs<Sectors<D>>) -> Self {
        Self { state: SleepLock::new(State { fat, handles: BTreeMap::new(), next_hidden: 0 }) }
    }

    pub fn lock(&self) -> SleepGuard<'_, State<D>> {
        self.state.lock()
    }
}

/// A node that is held: pinned in the volume until this is dropped.
pub struct Held<D: BlockDevice> {
    pub(crate) volume: Arc<Volume<D>>,
    pub(crate) id: NodeId,
    pub(crate) kind: NodeKind,
}

impl<D: BlockDevice> Drop for Held<D> {
    fn drop(&mut self) {
        self.volume.lock().release(self.id);
    }
}

impl<D: BlockDevice> State<D> {
    /// Makes a handle of a pin that hadris-fat has given.
    pub fn hold(&mut self, volume: &Arc<Volume<D>>, id: NodeId, kind: NodeKind) -> Arc<Held<D>> {
        self.handles.entry(id).or_default().count += 1;
        Arc::new(Held { volume: volume.clone(), id, kind })
    }

    /// Whether somebody holds the node.
    pub fn is_held(&self, id: NodeId) -> bool {
        self.handles.contains_key(&id)
    }

    /// Gives one pin of a handle back; with the last one goes a file that has no name.
    fn release(&mut self, id: NodeId) {
        let Some(handle) = self.handles.get_mut(&id) else { return };
        handle.count -= 1;
        if handle.count > 0 {
            self.fat.forget(id, 1);
            return;
        }
        let handle = self.handles.remove(&id).unwrap_or_default();
        // Nobody is left to be told of an error: what cannot be stored now is stored by the next sync, and a hidden
        // file that stays is deleted at the next start.
        match handle.hidden {
            Some(hidden) => {
                let _ = self.fat.unlink(self.fat.root(), hidden.name());
            }
            None => {
                let _ = self.fat.close(id);
            }
        }
        self.fat.forget(id, 1);
        // Many images are stopped and never end, so the last writer leaves a clean volume.
        if handle.is_changed && !self.handles.values().any(|other| other.is_changed) {
            let _ = self.sync();
        }
    }

    /// Stores everything and flushes the disk.
    pub fn sync(&mut self) -> Result<(), FsError> {
        self.fat.sync().map_err(convert::error)?;
        self.handles.values_mut().for_each(|handle| handle.is_changed = false);
        Ok(())
    }

    /// Number and kind of what `directory` calls `name`, not pinned: for use under the same lock.
    pub fn find(&mut self, directory: NodeId, name: &Name) -> Result<(NodeId, FileType), FsError> {
        let id = self.fat.lookup(directory, name).map_err(convert::error)?;
        let found = self.fat.stat(id).map_err(convert::error);
        self.fat.forget(id, 1);
        Ok((id, found?.file_type()))
    }

    /// Whether `directory` is `ancestor` or below it.
    pub fn is_inside(&mut self, directory: NodeId, ancestor: NodeId) -> Result<bool, FsError> {
        let (root, mut at) = (self.fat.root(), directory);
        while at != ancestor {
            if at == root {
                return Ok(false);
            }
            let up = self.fat.parent(at).map_err(convert::error)?;
            self.fat.forget(up, 1);
            at = up;
        }
        Ok(true)
    }
}
