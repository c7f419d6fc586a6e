//! A tree that does not change: what can be read agrees with itself, and every change is refused.

use crate::{Change, FileSystem, FsError, NAME_MAX, NodeKind};

/// Walks the whole tree below `root`.
pub fn all<F: FileSystem>(fs: &F, root: &F::Node) {
    assert!(!fs.is_writable(root));
    directory(fs, root);
}

fn directory<F: FileSystem>(fs: &F, at: &F::Node) {
    refuses(fs, at);
    let mut cursor = 0;
    // One entry at a time, as `readdir` asks.
    while let Some((next, name, length, inode, kind)) = entry_behind(fs, at, cursor) {
        assert!(next > cursor, "cursors grow");
        cursor = next;
        let name = &name[..length];
        assert!(!matches!(name, b"" | b"." | b"..") && !name.contains(&b'/') && !name.contains(&0));
        let node = fs.lookup(at, name).expect("what is listed is found");
        let metadata = fs.metadata(&node);
        assert_eq!((metadata.inode, metadata.kind), (inode, kind));
        assert_ne!(inode, 0);
        assert!(metadata.links > 0 && metadata.mode <= 0o7777);
        match kind {
            NodeKind::Directory => {
                assert!(fs.is_same(at, &fs.parent(&node).expect("a parent")));
                directory(fs, &node);
            }
            NodeKind::File => file(fs, at, &node),
            NodeKind::Symlink => symlink(fs, at, &node),
            NodeKind::Device(_) => other(fs, at, &node),
        }
    }
    let metadata = fs.metadata(at);
    assert_eq!(metadata.kind, NodeKind::Directory);
    assert!(metadata.links > 0);
    assert_eq!(fs.lookup(at, b"t-is-not-there").err(), Some(FsError::NotFound));
    assert_eq!(fs.lookup(at, &[b'n'; NAME_MAX + 1]).err(), Some(FsError::NameTooLong));
    assert_eq!(fs.read(at, 0, &mut [0]), Err(FsError::IsADirectory));
    assert_eq!(fs.read_link(at, &mut [0]), Err(FsError::Invalid));
}

fn entry_behind<F: FileSystem>(
    fs: &F,
    at: &F::Node,
    cursor: u64,
) -> Option<(u64, [u8; NAME_MAX], usize, u64, NodeKind)> {
    let mut found = None;
    fs.read_directory(at, cursor, &mut |cursor, name, inode, kind| {
        assert!(found.is_none(), "visited after it said stop");
        let mut copy = [0; NAME_MAX];
        copy[..name.len()].copy_from_slice(name);
        found = Some((cursor, copy, name.len(), inode, kind));
        false
    })
    .expect("a directory can be read");
    found
}

/// Every change of a directory, and through it of what is in it.
fn refuses<F: FileSystem>(fs: &F, at: &F::Node) {
    let refused = Some(FsError::ReadOnly);
    for kind in [NodeKind::File, NodeKind::Directory, NodeKind::Device(1)] {
        assert_eq!(fs.create(at, b"t-new", kind, 0o644).err(), refused);
    }
    assert_eq!(fs.symlink(at, b"t-new", b"x").err(), refused);
    assert_eq!(fs.link(at, at, b"t-new").err(), refused);
    assert_eq!(fs.unlink(at, b"t-none", false).err(), refused);
    assert_eq!(fs.unlink(at, b"t-none", true).err(), refused);
    assert_eq!(fs.rename(at, b"t-none", at, b"t-new").err(), refused);
    assert_eq!(fs.change(at, Change { mode: Some(0), ..Change::default() }).err(), refused);
    assert_eq!(fs.sync(at), Ok(()));
}

fn file<F: FileSystem>(fs: &F, at: &F::Node, node: &F::Node) {
    let size = fs.metadata(node).size;
    let (mut offset, mut sum) = (0, 0u64);
    let mut buffer = [0; 509];
    loop {
        let length = fs.read(node, offset, &mut buffer).expect("a file can be read");
        sum =
            buffer[..length].iter().fold(sum, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into()));
        offset += length as u64;
        assert!(
            length == buffer.len() || offset == size || F::FEATURES.is_generated,
            "short only at the end"
        );
        if length < buffer.len() {
            break;
        }
    }
    assert_eq!(fs.read(node, u64::MAX, &mut buffer), Ok(0));
    if !F::FEATURES.is_generated {
        // Byte by byte at the end, and behind it.
        assert_eq!(fs.read(node, size, &mut buffer), Ok(0));
        assert_eq!(fs.read(node, size.saturating_sub(1), &mut buffer), Ok(size.min(1) as usize));
        let again = (0..size.min(4096)).fold(0u64, |sum, offset| {
            assert_eq!(fs.read(node, offset, &mut buffer[..1]), Ok(1));
            sum.wrapping_mul(31).wrapping_add(buffer[0].into())
        });
        assert!(size > 4096 || again == sum, "the same bytes in another way");
    }
    assert_eq!(fs.write(node, 0, b"x"), Err(FsError::ReadOnly));
    assert_eq!(fs.append(node, b"x"), Err(FsError::ReadOnly));
    assert_eq!(fs.truncate(node, 0), Err(FsError::ReadOnly));
    other(fs, at, node);
}

fn symlink<F: FileSystem>(fs: &F, at: &F::Node, node: &F::Node) {
    let size = fs.metadata(node).size as usize;
    let mut target = [0; 4096];
    assert_eq!(fs.read_link(node, &mut target), Ok(size));
    assert_eq!(fs.read_link(node, &mut target[..1]), Ok(1), "cut to the buffer");
    assert_eq!(fs.read(node, 0, &mut [0]), Err(FsError::Invalid));
    other(fs, at, node);
}

/// What is true of everything that is not a directory.
fn other<F: FileSystem>(fs: &F, at: &F::Node, node: &F::Node) {
    assert_eq!(fs.lookup(node, b"x").err(), Some(FsError::NotADirectory));
    assert_eq!(fs.parent(node).err(), Some(FsError::NotADirectory));
    assert_eq!(fs.read_directory(node, 0, &mut |_, _, _, _| true), Err(FsError::NotADirectory));
    assert_eq!(fs.link(node, at, b"t-new"), Err(FsError::ReadOnly));
    if fs.metadata(node).kind != NodeKind::Symlink {
        assert_eq!(fs.read_link(node, &mut [0]), Err(FsError::Invalid));
    }
}
