//! Nodes without a name. While somebody holds one it is listed in the tree, so that the next mount finds what a power
//! cut left; long ones are listed too while they are removed, step by step.

use crate::items::{Item, key, parts};
use crate::volume::{Purpose, Volume};
use kit_iface_block::BlockDevice;
use kit_iface_fs::{FsError, NodeKind};

impl<D: BlockDevice> Volume<D> {
    /// Counts one name less of a node; a node without one becomes an orphan. Part of a change.
    pub fn lose_name(&mut self, number: u64, now: u64) -> Result<(), FsError> {
        let mut inode = self.inode(number)?;
        inode.links = inode.links.saturating_sub(1);
        inode.changed_ns = now;
        if inode.links == 0 {
            self.store.put(key(0, Item::Orphan, number), &[0])?;
            self.orphans.push(number);
        }
        self.put_inode(number, &inode)
    }

    /// Removes a node that has just lost a name, if it was the last and nobody holds it.
    pub fn remove_abandoned(&mut self, number: u64) -> Result<(), FsError> {
        let is_last = self.orphans.last() == Some(&number);
        if !is_last || self.open.is_held(number) {
            return Ok(());
        }
        match self.remove_node(number) {
            Ok(()) => {
                self.orphans.pop();
                Ok(())
            }
            // The name is gone, as was asked for. What is left is an orphan that a later change removes.
            Err(FsError::NoSpace) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes the nodes that were let go since the last call.
    pub fn sweep(&mut self) -> Result<(), FsError> {
        if self.store.disk.is_read_only || !self.open.take_abandoned() {
            return Ok(());
        }
        let mut index = 0;
        while index < self.orphans.len() {
            let number = self.orphans[index];
            if self.open.is_held(number) {
                index += 1;
            } else {
                self.remove_node(number)?;
                self.orphans.swap_remove(index);
            }
        }
        Ok(())
    }

    /// Removes all nodes without a name: nobody holds one yet.
    pub fn remove_orphans(&mut self) -> Result<(), FsError> {
        while let Some(entry) = self.store.at_least(key(0, Item::Orphan, 0))? {
            match parts(entry.key) {
                (0, item, number) if item == Item::Orphan as u8 => self.remove_node(number)?,
                _ => break,
            }
        }
        Ok(())
    }

    fn remove_node(&mut self, number: u64) -> Result<(), FsError> {
        while self.cut_step(number, 0)? {}
        let inode = self.inode(number)?;
        self.begin(0, Purpose::Shrink)?;
        self.apply(|volume| {
            if inode.kind == NodeKind::Symlink {
                for piece in 0.. {
                    let target = key(number, Item::Target, piece);
                    if volume.store.get(target)?.is_none() {
                        break;
                    }
                    volume.store.remove(target)?;
                }
            }
            volume.store.remove(key(number, Item::Inode, 0))?;
            volume.store.remove(key(0, Item::Orphan, number))
        })
    }
}
