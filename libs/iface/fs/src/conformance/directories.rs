//! Reading directories, above all while they change.

use super::{Place, in_directory};
use crate::{FileSystem, FsError, NodeKind};

const ENTRIES: usize = 40;

pub fn all<F: FileSystem>(place: Place<F>) {
    in_directory(place, "t-read", everything_once);
    in_directory(place, "t-changing", under_modification);
    in_directory(place, "t-kinds", kinds);
}

fn name(index: usize) -> [u8; 3] {
    [b'e', b'0' + (index / 10) as u8, b'0' + (index % 10) as u8]
}

fn index(name: &[u8]) -> usize {
    usize::from(name[1] - b'0') * 10 + usize::from(name[2] - b'0')
}

fn fill<F: FileSystem>(fs: &F, at: &F::Node) {
    for entry in 0..ENTRIES {
        fs.create(at, &name(entry), NodeKind::File, 0o644).expect("a new file");
    }
}

/// Reads one entry behind `cursor`.
fn next<F: FileSystem>(fs: &F, at: &F::Node, cursor: u64) -> Option<(u64, usize)> {
    let mut found = None;
    fs.read_directory(at, cursor, &mut |cursor, name, _, _| {
        assert!(found.is_none(), "visited after it said stop");
        found = Some((cursor, index(name)));
        false
    })
    .expect("a directory can be read");
    found
}

fn everything_once<F: FileSystem>(fs: &F, at: &F::Node) {
    fill(fs, at);
    let mut seen = [0; ENTRIES];
    let mut last = 0;
    fs.read_directory(at, 0, &mut |cursor, name, inode, kind| {
        assert!(cursor > last, "cursors grow");
        last = cursor;
        assert_ne!(inode, 0);
        assert_eq!(kind, NodeKind::File);
        seen[index(name)] += 1;
        true
    })
    .expect("a directory can be read");
    assert_eq!(seen, [1; ENTRIES]);
    assert_eq!(next(fs, at, last), None);
    let node = fs.lookup(at, &name(0)).expect("a file");
    assert_eq!(fs.read_directory(&node, 0, &mut |_, _, _, _| true), Err(FsError::NotADirectory));
}

fn under_modification<F: FileSystem>(fs: &F, at: &F::Node) {
    fill(fs, at);
    // Between two steps of the reader the entry just seen goes, and so does an even one ahead of it. The odd
    // ones that nobody touches must each be seen once; what comes new may or may not be.
    let mut seen = [0; ENTRIES];
    let mut cursor = 0;
    let mut fresh = 50;
    while let Some((after, entry)) = next(fs, at, cursor) {
        cursor = after;
        if entry >= ENTRIES {
            continue;
        }
        seen[entry] += 1;
        fs.unlink(at, &name(entry), false).expect("what was seen can be removed");
        if fresh < 70 {
            fs.create(at, &name(fresh), NodeKind::File, 0o644).expect("a new file");
            let _ = fs.unlink(at, &name((fresh - 50) * 2), false);
            fresh += 1;
        }
    }
    for (entry, times) in seen.iter().enumerate() {
        assert!(*times <= 1 && (entry % 2 == 0 || *times == 1), "entry {entry} was seen {times} times");
    }
}

fn kinds<F: FileSystem>(fs: &F, at: &F::Node) {
    fs.create(at, b"e00", NodeKind::File, 0o644).expect("a file");
    fs.create(at, b"e01", NodeKind::Directory, 0o755).expect("a directory");
    if F::FEATURES.symlinks {
        fs.symlink(at, b"e02", b"nowhere").expect("a link");
    }
    fs.read_directory(at, 0, &mut |_, name, inode, kind| {
        let expected = [NodeKind::File, NodeKind::Directory, NodeKind::Symlink][index(name)];
        assert_eq!(kind, expected);
        assert_ne!(inode, 0);
        true
    })
    .expect("a directory can be read");
    let made = [(b"e00", NodeKind::File), (b"e01", NodeKind::Directory), (b"e02", NodeKind::Symlink)];
    for (name, kind) in made.into_iter().take(if F::FEATURES.symlinks { 3 } else { 2 }) {
        assert_eq!(fs.metadata(&fs.lookup(at, name).expect("it is there")).kind, kind);
    }
}
