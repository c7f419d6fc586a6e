//! Files whose name was taken away while somebody holds them: they wait under a hidden name in the root directory.

use crate::convert;
use crate::volume::State;
use hadris_fs::{DirCursor, ErrorKind, Name, NodeId, RenameMode};
use kit_iface_block::BlockDevice;
use kit_iface_fs::FsError;

const BYTES: usize = 12;

/// `~KIT0000.DEL`: one slot of a directory. Nobody sees it, and what a crash left is deleted at the next start.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hidden([u8; BYTES]);

impl Hidden {
    fn of(number: u16) -> Self {
        let mut bytes = *b"~KIT0000.DEL";
        for (place, digit) in bytes[4..8].iter_mut().rev().enumerate() {
            *digit = b"0123456789ABCDEF"[usize::from(number >> (4 * place) & 15)];
        }
        Self(bytes)
    }

    pub fn name(&self) -> &Name {
        Name::from_bytes(&self.0)
    }

    /// Whether a name in the root directory is one of these, in any case.
    pub fn is_one(name: &[u8]) -> bool {
        name.len() == BYTES
            && name[..4].eq_ignore_ascii_case(b"~KIT")
            && name[4..8].iter().all(u8::is_ascii_hexdigit)
            && name[8..].eq_ignore_ascii_case(b".DEL")
    }
}

impl<D: BlockDevice> State<D> {
    /// Takes the name of a held file away. [`FsError::Busy`] if there is no room for the hidden one: the file is then
    /// in use and cannot go.
    pub fn hide(&mut self, directory: NodeId, name: &Name, id: NodeId) -> Result<Hidden, FsError> {
        let root = self.fat.root();
        for _ in 0..=u16::MAX {
            let hidden = Hidden::of(self.next_hidden);
            self.next_hidden = self.next_hidden.wrapping_add(1);
            match self.fat.rename(directory, name, root, hidden.name(), RenameMode::NoReplace) {
                Ok(()) => {
                    if let Some(handle) = self.handles.get_mut(&id) {
                        handle.is_gone = true;
                        handle.hidden = Some(hidden);
                    }
                    return Ok(hidden);
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) if error.kind() == ErrorKind::NoSpace => return Err(FsError::Busy),
                Err(error) => return Err(convert::error(error)),
            }
        }
        Err(FsError::Busy)
    }

    /// Gives a hidden file its name back.
    pub fn unhide(&mut self, hidden: Hidden, directory: NodeId, name: &Name, id: NodeId) {
        let root = self.fat.root();
        if self.fat.rename(root, hidden.name(), directory, name, RenameMode::NoReplace).is_ok()
            && let Some(handle) = self.handles.get_mut(&id)
        {
            handle.is_gone = false;
            handle.hidden = None;
        }
    }

    /// Deletes what a crash has left hidden.
    pub fn sweep(&mut self) {
        let (root, mut cursor) = (self.fat.root(), DirCursor::START);
        while let Ok(Some(entry)) = self.fat.readdir(root, cursor) {
            cursor = entry.next_cursor();
            if Hidden::is_one(entry.name().as_bytes()) && entry.file_type().is_file() {
                // What cannot be deleted stays hidden.
                let _ = self.fat.unlink(root, entry.name());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(Hidden::of(0xbeef).0, *b"~KITBEEF.DEL");
        assert!(Hidden::is_one(b"~kit00ff.del"));
        for other in [&b"~KIT00GG.DEL"[..], b"~KIT0000.DE", b"~KIT0000.DELE", b"KIT00000.DEL"] {
            assert!(!Hidden::is_one(other));
        }
    }
}
