//! `rename`, the operation with the most rules (POSIX.1-2017, `rename()`): all of them in one place.

use crate::directory::Directory;
use crate::inode::Inode;
use crate::tree::{Node, RamFs, claim_empty};
use alloc::sync::Arc;
use kit_iface_fs::{FsError, NodeKind};

impl RamFs {
    /// Moves a legal name; see [`kit_iface_fs::FileSystem::rename`].
    pub(crate) fn move_name(
        &self,
        from: &Node,
        from_name: &[u8],
        to: &Node,
        to_name: &[u8],
    ) -> Result<(), FsError> {
        let _tree = self.tree.lock();
        // With the tree's lock held directories stay where they are; only files come and go until both
        // directories are locked below.
        let candidate = from.0.directory()?.get(from_name).map(Arc::clone).ok_or(FsError::NotFound)?;
        if candidate.kind() == NodeKind::Directory && is_inside(&to.0, &candidate) {
            return Err(FsError::Invalid);
        }
        let replaced = if Arc::ptr_eq(&from.0, &to.0) {
            let mut entries = from.0.directory()?;
            let replaced = check(&entries, from_name, &entries, to_name, &from.0)?;
            if let Replaced::Same = replaced {
                return Ok(());
            }
            entries.rename(from_name, to_name)?;
            replaced
        } else {
            let (mut source, mut target) = (from.0.directory()?, to.0.directory()?);
            let replaced = check(&source, from_name, &target, to_name, &from.0)?;
            if let Replaced::Same = replaced {
                return Ok(());
            }
            let moved = source.get(from_name).map(Arc::clone).ok_or(FsError::NotFound)?;
            target.remove(to_name);
            target.insert(to_name, Arc::clone(&moved))?;
            source.remove(from_name);
            if moved.kind() == NodeKind::Directory {
                moved.directory()?.parent = Arc::downgrade(&to.0);
            }
            replaced
        };
        if let Replaced::Other(replaced) = replaced {
            replaced.remove_link();
        }
        from.0.touch();
        to.0.touch();
        Ok(())
    }
}

/// What the new name meant before.
enum Replaced {
    Nothing,
    /// The very node that moves: POSIX wants both names to stay.
    Same,
    Other(Arc<Inode>),
}

/// Whether the move is allowed; a directory that it replaces is claimed.
fn check(
    source: &Directory,
    from_name: &[u8],
    target: &Directory,
    to_name: &[u8],
    from: &Arc<Inode>,
) -> Result<Replaced, FsError> {
    let moved = source.get(from_name).ok_or(FsError::NotFound)?;
    if target.is_removed {
        return Err(FsError::NotFound);
    }
    let Some(replaced) = target.get(to_name) else { return Ok(Replaced::Nothing) };
    if Arc::ptr_eq(moved, replaced) {
        return Ok(Replaced::Same);
    }
    match (moved.kind() == NodeKind::Directory, replaced.kind() == NodeKind::Directory) {
        (true, false) => return Err(FsError::NotADirectory),
        (false, true) => return Err(FsError::IsADirectory),
        // The source's own directory holds at least what moves; it is locked already.
        (true, true) if Arc::ptr_eq(replaced, from) => return Err(FsError::NotEmpty),
        (true, true) => claim_empty(replaced)?,
        (false, false) => {}
    }
    Ok(Replaced::Other(Arc::clone(replaced)))
}

/// Whether `directory` is `ancestor` or below it. Nothing moves meanwhile: the caller holds the tree's lock.
fn is_inside(directory: &Arc<Inode>, ancestor: &Arc<Inode>) -> bool {
    let mut at = Arc::clone(directory);
    loop {
        if Arc::ptr_eq(&at, ancestor) {
            return true;
        }
        let parent = at.directory().ok().and_then(|entries| entries.parent.upgrade());
        match parent {
            Some(parent) if !Arc::ptr_eq(&parent, &at) => at = parent,
            _ => return false,
        }
    }
}
