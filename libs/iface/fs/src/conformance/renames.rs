//! `rename`, case by case as POSIX.1-2017 lists them.

use super::{Place, directory, file, holds, in_directory, same};
use crate::{FileSystem, FsError, NodeKind};

pub fn all<F: FileSystem>(place: Place<F>) {
    in_directory(place, "t-move", files);
    in_directory(place, "t-replace", replacing);
    in_directory(place, "t-dirs", directories);
    in_directory(place, "t-inside", into_itself);
    in_directory(place, "t-same", two_names_of_one_file);
}

fn gone<F: FileSystem>(fs: &F, at: &F::Node, name: &str) {
    assert_eq!(fs.lookup(at, name.as_bytes()).err(), Some(FsError::NotFound));
}

fn files<F: FileSystem>(fs: &F, at: &F::Node) {
    let node = file(fs, at, "a", "contents");
    let sub = directory(fs, at, "d");
    assert_eq!(fs.rename(at, b"none", at, b"b"), Err(FsError::NotFound));
    assert_eq!(fs.rename(at, b"a", at, b"b"), Ok(()));
    gone(fs, at, "a");
    assert_eq!(fs.rename(at, b"b", &sub, b"c"), Ok(()));
    gone(fs, at, "b");
    assert!(same(fs, &node, &fs.lookup(&sub, b"c").expect("the new name")));
    assert_eq!(fs.rename(&node, b"x", at, b"y"), Err(FsError::NotADirectory));
    assert_eq!(fs.rename(&sub, b"c", &node, b"y"), Err(FsError::NotADirectory));
    assert_eq!(fs.rename(&sub, b"c", &sub, b".."), Err(FsError::Invalid));
    assert_eq!(fs.metadata(&node).links, 1);
}

fn replacing<F: FileSystem>(fs: &F, at: &F::Node) {
    let old = file(fs, at, "old", "old");
    file(fs, at, "new", "new");
    let sub = directory(fs, at, "d");
    assert_eq!(fs.rename(at, b"new", at, b"old"), Ok(()));
    gone(fs, at, "new");
    holds(fs, &fs.lookup(at, b"old").expect("the name stays"), "new");
    holds(fs, &old, "old");
    assert_eq!(fs.metadata(&old).links, 0);
    assert_eq!(fs.rename(at, b"old", at, b"d"), Err(FsError::IsADirectory));
    assert_eq!(fs.rename(at, b"d", at, b"old"), Err(FsError::NotADirectory));
    file(fs, &sub, "old", "in d");
    assert_eq!(fs.rename(at, b"old", &sub, b"old"), Ok(()));
    holds(fs, &fs.lookup(&sub, b"old").expect("the name stays"), "new");
}

fn directories<F: FileSystem>(fs: &F, at: &F::Node) {
    let moved = directory(fs, at, "moved");
    file(fs, &moved, "inner", "");
    let empty = directory(fs, at, "empty");
    let full = directory(fs, at, "full");
    file(fs, &full, "x", "");
    assert_eq!(fs.rename(at, b"moved", at, b"full"), Err(FsError::NotEmpty));
    assert_eq!(fs.rename(at, b"moved", at, b"empty"), Ok(()));
    gone(fs, at, "moved");
    assert!(same(fs, &moved, &fs.lookup(at, b"empty").expect("replaced")));
    assert_eq!(fs.create(&empty, b"late", NodeKind::File, 0o644).err(), Some(FsError::NotFound));
    assert_eq!(fs.rename(at, b"empty", &full, b"deep"), Ok(()));
    assert!(same(fs, &full, &fs.parent(&moved).expect("a new parent")));
    let links = (fs.metadata(at).links, fs.metadata(&full).links);
    assert!(
        matches!(links, (3, 3) | (1, 1)),
        "{links:?}: the `..` has moved along; 1 where they are not counted"
    );
    assert!(fs.lookup(&moved, b"inner").is_ok());
}

fn into_itself<F: FileSystem>(fs: &F, at: &F::Node) {
    let outer = directory(fs, at, "outer");
    let inner = directory(fs, &outer, "inner");
    assert_eq!(fs.rename(at, b"outer", &outer, b"x"), Err(FsError::Invalid));
    assert_eq!(fs.rename(at, b"outer", &inner, b"x"), Err(FsError::Invalid));
    // The other way round the target is an ancestor, which is never empty.
    assert_eq!(fs.rename(&outer, b"inner", at, b"outer"), Err(FsError::NotEmpty));
    assert_eq!(fs.rename(at, b"outer", at, b"outer"), Ok(()));
    assert!(fs.lookup(at, b"outer").is_ok());
}

fn two_names_of_one_file<F: FileSystem>(fs: &F, at: &F::Node) {
    let node = file(fs, at, "one", "both");
    if !F::FEATURES.hard_links {
        return;
    }
    assert_eq!(fs.link(&node, at, b"two"), Ok(()));
    assert_eq!(fs.rename(at, b"one", at, b"two"), Ok(()), "does nothing");
    assert!(fs.lookup(at, b"one").is_ok() && fs.lookup(at, b"two").is_ok());
    assert_eq!(fs.metadata(&node).links, 2);
    assert_eq!(fs.rename(at, b"one", at, b"one"), Ok(()));
    holds(fs, &node, "both");
}
