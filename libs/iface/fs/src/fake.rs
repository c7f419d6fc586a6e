//! A filesystem for tests of what sits on one: a list of nodes, a list of names, and a switch that refuses.
//!
//! Everything is searched from the front and nothing is ever freed. Time is a counter that ticks at each change.

extern crate alloc;

use crate::{Change, FileSystem, FsError, Metadata, NAME_MAX, NodeKind, Visit};
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Nodes and names in lists.
pub struct Lists {
    is_held: AtomicBool,
    left_to_grant: AtomicUsize,
    state: UnsafeCell<State>,
}

struct State {
    nodes: Vec<NodeState>,
    names: Vec<Name>,
    now: u64,
    last_cursor: u64,
}

struct NodeState {
    kind: NodeKind,
    bytes: Vec<u8>,
    mode: u16,
    /// Names that files and links have; a directory has one until it is removed.
    links: u32,
    parent: usize,
    accessed_ns: u64,
    modified_ns: u64,
    changed_ns: u64,
}

struct Name {
    directory: usize,
    text: Vec<u8>,
    node: usize,
    cursor: u64,
}

// SAFETY: `with` lets one thread at the state at a time.
unsafe impl Sync for Lists {}

impl Lists {
    /// An empty root.
    pub const fn new() -> Self {
        let state = State { nodes: Vec::new(), names: Vec::new(), now: 0, last_cursor: 0 };
        Self {
            is_held: AtomicBool::new(false),
            left_to_grant: AtomicUsize::new(usize::MAX),
            state: UnsafeCell::new(state),
        }
    }

    /// Grants the next `count` requests for space and refuses all after them. `usize::MAX` grants all.
    pub fn refuse_after(&self, count: usize) {
        self.left_to_grant.store(count, Ordering::Relaxed);
    }

    fn take_space(&self) -> Result<(), FsError> {
        let take = |left: usize| if left == usize::MAX { Some(left) } else { left.checked_sub(1) };
        let taken = self.left_to_grant.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.map(drop).map_err(|_| FsError::NoSpace)
    }

    fn with<R>(&self, body: impl FnOnce(&mut State) -> R) -> R {
        while self.is_held.swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        // SAFETY: the flag makes this the only reference.
        let state = unsafe { &mut *self.state.get() };
        if state.nodes.is_empty() {
            state.add(NodeKind::Directory, 0o755, 0);
        }
        let result = body(state);
        self.is_held.store(false, Ordering::Release);
        result
    }
}

impl State {
    fn add(&mut self, kind: NodeKind, mode: u16, parent: usize) -> usize {
        let now = self.now;
        let (accessed_ns, modified_ns, changed_ns) = (now, now, now);
        let mode = mode & 0o7777;
        let bytes = Vec::new();
        self.nodes.push(NodeState {
            kind,
            bytes,
            mode,
            links: 1,
            parent,
            accessed_ns,
            modified_ns,
            changed_ns,
        });
        self.nodes.len() - 1
    }

    fn find(&self, directory: usize, text: &[u8]) -> Option<usize> {
        self.names.iter().position(|name| name.directory == directory && name.text == text)
    }

    fn entries(&self, directory: usize) -> impl Iterator<Item = &Name> {
        self.names.iter().filter(move |name| name.directory == directory)
    }

    fn directory(&self, node: usize) -> Result<(), FsError> {
        if self.nodes[node].kind == NodeKind::Directory { Ok(()) } else { Err(FsError::NotADirectory) }
    }

    fn file(&mut self, node: usize) -> Result<&mut NodeState, FsError> {
        self.now += 1;
        match self.nodes[node].kind {
            NodeKind::File => Ok(&mut self.nodes[node]),
            NodeKind::Directory => Err(FsError::IsADirectory),
            NodeKind::Symlink | NodeKind::Device(_) => Err(FsError::Invalid),
        }
    }

    fn check_new(&self, directory: usize, text: &[u8]) -> Result<(), FsError> {
        self.directory(directory)?;
        check(text)?;
        if self.nodes[directory].links == 0 {
            return Err(FsError::NotFound);
        }
        if self.find(directory, text).is_some() { Err(FsError::Exists) } else { Ok(()) }
    }

    fn enter(&mut self, directory: usize, text: &[u8], node: usize) {
        self.last_cursor += 1;
        self.names.push(Name { directory, text: text.to_vec(), node, cursor: self.last_cursor });
    }

    /// Takes what `victim` loses with its last name, if it may be lost.
    fn check_replace(&self, victim: usize, is_directory: bool) -> Result<(), FsError> {
        match (is_directory, self.nodes[victim].kind == NodeKind::Directory) {
            (true, false) => Err(FsError::NotADirectory),
            (false, true) => Err(FsError::IsADirectory),
            (true, true) if self.entries(victim).next().is_some() => Err(FsError::NotEmpty),
            _ => Ok(()),
        }
    }

    fn is_inside(&self, mut directory: usize, ancestor: usize) -> bool {
        while directory != ancestor && directory != 0 {
            directory = self.nodes[directory].parent;
        }
        directory == ancestor
    }

    fn store(&mut self, node: usize, offset: u64, bytes: &[u8]) -> Result<usize, FsError> {
        let now = self.now;
        let file = self.file(node)?;
        let end =
            offset.checked_add(bytes.len() as u64).filter(|end| *end <= 1 << 24).ok_or(FsError::TooLarge)?;
        if !bytes.is_empty() {
            let length = file.bytes.len().max(end as usize);
            file.bytes.resize(length, 0);
            file.bytes[offset as usize..end as usize].copy_from_slice(bytes);
        }
        (file.modified_ns, file.changed_ns) = (now, now);
        Ok(bytes.len())
    }
}

fn check(text: &[u8]) -> Result<(), FsError> {
    match text {
        _ if text.len() > NAME_MAX => Err(FsError::NameTooLong),
        b"" | b"." | b".." => Err(FsError::Invalid),
        _ if text.iter().any(|byte| matches!(byte, b'/' | 0)) => Err(FsError::Invalid),
        _ => Ok(()),
    }
}

impl FileSystem for Lists {
    type Node = usize;

    fn root(&self) -> Result<usize, FsError> {
        Ok(0)
    }

    fn metadata(&self, node: &usize) -> Metadata {
        self.with(|state| {
            let found = &state.nodes[*node];
            let entries = state.entries(*node).count() as u64;
            let subdirectories = state
                .entries(*node)
                .filter(|name| state.nodes[name.node].kind == NodeKind::Directory)
                .count();
            let is_directory = found.kind == NodeKind::Directory;
            let extra = if is_directory && found.links > 0 { 1 + subdirectories as u32 } else { 0 };
            Metadata {
                inode: *node as u64 + 1,
                kind: found.kind,
                mode: found.mode,
                links: found.links + extra,
                size: if is_directory { entries } else { found.bytes.len() as u64 },
                stored_bytes: found.bytes.len() as u64,
                accessed_ns: found.accessed_ns,
                modified_ns: found.modified_ns,
                changed_ns: found.changed_ns,
            }
        })
    }

    fn change(&self, node: &usize, change: Change) -> Result<(), FsError> {
        self.with(|state| {
            state.now += 1;
            let now = state.now;
            let found = &mut state.nodes[*node];
            found.mode = change.mode.unwrap_or(found.mode);
            found.accessed_ns = change.accessed_ns.unwrap_or(found.accessed_ns);
            found.modified_ns = change.modified_ns.unwrap_or(found.modified_ns);
            found.changed_ns = now;
            Ok(())
        })
    }

    fn lookup(&self, directory: &usize, name: &[u8]) -> Result<usize, FsError> {
        self.with(|state| {
            state.directory(*directory)?;
            check(name)?;
            state.find(*directory, name).map(|found| state.names[found].node).ok_or(FsError::NotFound)
        })
    }

    fn parent(&self, directory: &usize) -> Result<usize, FsError> {
        self.with(|state| state.directory(*directory).map(|()| state.nodes[*directory].parent))
    }

    fn create(&self, directory: &usize, name: &[u8], kind: NodeKind, mode: u16) -> Result<usize, FsError> {
        self.with(|state| {
            state.check_new(*directory, name)?;
            if kind == NodeKind::Symlink {
                return Err(FsError::Invalid);
            }
            self.take_space()?;
            let node = state.add(kind, mode, *directory);
            state.enter(*directory, name, node);
            Ok(node)
        })
    }

    fn symlink(&self, directory: &usize, name: &[u8], target: &[u8]) -> Result<usize, FsError> {
        self.with(|state| {
            state.check_new(*directory, name)?;
            self.take_space()?;
            let node = state.add(NodeKind::Symlink, 0o777, *directory);
            state.nodes[node].bytes = target.to_vec();
            state.enter(*directory, name, node);
            Ok(node)
        })
    }

    fn read_link(&self, node: &usize, buffer: &mut [u8]) -> Result<usize, FsError> {
        self.with(|state| {
            let found = &state.nodes[*node];
            if found.kind != NodeKind::Symlink {
                return Err(FsError::Invalid);
            }
            let length = buffer.len().min(found.bytes.len());
            buffer[..length].copy_from_slice(&found.bytes[..length]);
            Ok(length)
        })
    }

    fn link(&self, node: &usize, directory: &usize, name: &[u8]) -> Result<(), FsError> {
        self.with(|state| {
            if state.nodes[*node].kind == NodeKind::Directory {
                return Err(FsError::NotPermitted);
            }
            state.check_new(*directory, name)?;
            if state.nodes[*node].links == 0 {
                return Err(FsError::NotFound);
            }
            self.take_space()?;
            state.nodes[*node].links += 1;
            state.enter(*directory, name, *node);
            Ok(())
        })
    }

    fn unlink(&self, directory: &usize, name: &[u8], is_directory: bool) -> Result<(), FsError> {
        self.with(|state| {
            state.directory(*directory)?;
            check(name)?;
            let found = state.find(*directory, name).ok_or(FsError::NotFound)?;
            let victim = state.names[found].node;
            state.check_replace(victim, is_directory)?;
            state.names.remove(found);
            state.nodes[victim].links -= 1;
            Ok(())
        })
    }

    fn rename(&self, from: &usize, from_name: &[u8], to: &usize, to_name: &[u8]) -> Result<(), FsError> {
        self.with(|state| {
            state.directory(*from)?;
            state.directory(*to)?;
            check(from_name)?;
            check(to_name)?;
            let moved = state.names[state.find(*from, from_name).ok_or(FsError::NotFound)?].node;
            let is_directory = state.nodes[moved].kind == NodeKind::Directory;
            if is_directory && state.is_inside(*to, moved) {
                return Err(FsError::Invalid);
            }
            if state.nodes[*to].links == 0 {
                return Err(FsError::NotFound);
            }
            if let Some(found) = state.find(*to, to_name) {
                let replaced = state.names[found].node;
                if replaced == moved {
                    return Ok(());
                }
                state.check_replace(replaced, is_directory)?;
                state.names.remove(found);
                state.nodes[replaced].links -= 1;
            }
            state.names.retain(|name| name.directory != *from || name.text != from_name);
            state.enter(*to, to_name, moved);
            if is_directory {
                state.nodes[moved].parent = *to;
            }
            Ok(())
        })
    }

    fn read(&self, node: &usize, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        self.with(|state| {
            let file = state.file(*node)?;
            let start = usize::try_from(offset).unwrap_or(usize::MAX).min(file.bytes.len());
            let length = buffer.len().min(file.bytes.len() - start);
            buffer[..length].copy_from_slice(&file.bytes[start..start + length]);
            Ok(length)
        })
    }

    fn write(&self, node: &usize, offset: u64, bytes: &[u8]) -> Result<usize, FsError> {
        self.with(|state| {
            state.file(*node)?;
            self.take_space()?;
            state.store(*node, offset, bytes)
        })
    }

    fn append(&self, node: &usize, bytes: &[u8]) -> Result<u64, FsError> {
        self.with(|state| {
            let end = state.file(*node)?.bytes.len() as u64;
            self.take_space()?;
            state.store(*node, end, bytes).map(|count| end + count as u64)
        })
    }

    fn truncate(&self, node: &usize, size: u64) -> Result<(), FsError> {
        self.with(|state| {
            let file = state.file(*node)?;
            let size = usize::try_from(size).ok().filter(|size| *size <= 1 << 24).ok_or(FsError::TooLarge)?;
            file.bytes.resize(size, 0);
            Ok(())
        })
    }

    fn read_directory(&self, directory: &usize, cursor: u64, visit: &mut Visit<'_>) -> Result<(), FsError> {
        self.with(|state| {
            state.directory(*directory)?;
            for name in state.entries(*directory).filter(|name| name.cursor > cursor) {
                if !visit(name.cursor, &name.text, name.node as u64 + 1, state.nodes[name.node].kind) {
                    break;
                }
            }
            Ok(())
        })
    }

    fn sync(&self, _node: &usize) -> Result<(), FsError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_slots_promises() {
        crate::conformance::all(&Lists::new());
    }

    #[test]
    fn refuses_on_demand() {
        let fs = Lists::new();
        fs.refuse_after(1);
        let file = fs.create(&0, b"f", NodeKind::File, 0o644).expect("the first is granted");
        assert_eq!(fs.write(&file, 0, b"x"), Err(FsError::NoSpace));
        fs.refuse_after(usize::MAX);
        assert_eq!(fs.write(&file, 0, b"x"), Ok(1));
    }
}
