//! `rename` (POSIX.1-2017, `rename()`): one change, so that a power cut leaves the old names or the new ones.

use crate::items::{ROOT, check_name};
use crate::names::check_directory;
use crate::open::Held;
use crate::volume::{Purpose, Volume};
use kit_iface_block::BlockDevice;
use kit_iface_fs::{FsError, NodeKind};

/// Directories in each other at most; deeper ones can only be a ring, on a damaged disk.
const DEPTH_MAX: usize = 1 << 16;

impl<D: BlockDevice> Volume<D> {
    /// See [`kit_iface_fs::FileSystem::rename`].
    pub fn rename(
        &mut self,
        from: &Held,
        from_name: &[u8],
        to: &Held,
        to_name: &[u8],
    ) -> Result<(), FsError> {
        check_directory(from)?;
        let target = check_directory(to)?;
        check_name(from_name)?;
        check_name(to_name)?;
        let moved = self.find(from.number, from_name)?.ok_or(FsError::NotFound)?;
        let is_directory = moved.kind == NodeKind::Directory;
        if is_directory && self.is_inside(to.number, moved.inode)? {
            return Err(FsError::Invalid);
        }
        if target.links == 0 {
            return Err(FsError::NotFound);
        }
        let replaced = self.find(to.number, to_name)?;
        if let Some(replaced) = replaced {
            if replaced.inode == moved.inode {
                return Ok(());
            }
            self.check_removal(replaced, is_directory)?;
        }
        let purpose = if replaced.is_some() { Purpose::Shrink } else { Purpose::Grow };
        self.begin(0, purpose)?;
        let now = kit_iface_clock::wall_ns();
        self.apply(|volume| {
            volume.leave(from.number, moved, now)?;
            if let Some(replaced) = replaced {
                volume.leave(to.number, replaced, now)?;
                volume.lose_name(replaced.inode, now)?;
            }
            volume.enter(to.number, to_name, moved.inode, moved.kind, now)?;
            let mut inode = volume.inode(moved.inode)?;
            if is_directory {
                inode.parent = to.number;
            }
            inode.changed_ns = now;
            volume.put_inode(moved.inode, &inode)
        })?;
        replaced.map_or(Ok(()), |replaced| self.remove_abandoned(replaced.inode))
    }

    /// Whether `directory` is `ancestor` or below it.
    fn is_inside(&mut self, directory: u64, ancestor: u64) -> Result<bool, FsError> {
        let mut at = directory;
        for _ in 0..DEPTH_MAX {
            if at == ancestor {
                return Ok(true);
            }
            if at == ROOT {
                return Ok(false);
            }
            at = self.inode(at)?.parent;
        }
        Err(FsError::Corrupt)
    }
}
