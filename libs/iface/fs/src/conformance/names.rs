//! Making, finding, linking and removing names.

use super::{Place, directory, file, holds, in_directory, same};
use crate::{FileSystem, FsError, NAME_MAX, NodeKind};

pub fn all<F: FileSystem>(place: Place<F>) {
    in_directory(place, "t-names", legal_names);
    in_directory(place, "t-create", create);
    in_directory(place, "t-unlink", unlink);
    in_directory(place, "t-links", hard_links);
    in_directory(place, "t-symlinks", symbolic_links);
    in_directory(place, "t-parents", parents);
}

fn legal_names<F: FileSystem>(fs: &F, at: &F::Node) {
    for name in [&b""[..], b".", b"..", b"a/b", b"a\0b"] {
        assert_eq!(fs.create(at, name, NodeKind::File, 0o644).err(), Some(FsError::Invalid));
    }
    let longest = [b'n'; NAME_MAX];
    let too_long = [b'n'; NAME_MAX + 1];
    assert!(fs.create(at, &longest, NodeKind::File, 0o644).is_ok());
    assert!(fs.lookup(at, &longest).is_ok());
    assert_eq!(fs.create(at, &too_long, NodeKind::File, 0o644).err(), Some(FsError::NameTooLong));
    assert_eq!(fs.lookup(at, &too_long).err(), Some(FsError::NameTooLong));
    let odd = b"\xff\xfe not UTF-8 \n";
    let made = fs.create(at, odd, NodeKind::File, 0o644);
    if F::FEATURES.any_name {
        assert!(made.is_ok() && fs.lookup(at, odd).is_ok());
        assert_eq!(fs.lookup(at, b"N").err(), Some(FsError::NotFound), "case matters");
    } else {
        assert!(made.err().is_none_or(|error| error == FsError::Invalid));
    }
}

fn create<F: FileSystem>(fs: &F, at: &F::Node) {
    let made = file(fs, at, "f", "");
    assert_eq!(fs.create(at, b"f", NodeKind::File, 0o644).err(), Some(FsError::Exists));
    assert_eq!(fs.create(at, b"f", NodeKind::Directory, 0o755).err(), Some(FsError::Exists));
    if F::FEATURES.symlinks {
        assert_eq!(fs.symlink(at, b"f", b"x").err(), Some(FsError::Exists));
    }
    assert!(same(fs, &made, &fs.lookup(at, b"f").expect("what was made is there")));
    assert_eq!(fs.create(&made, b"x", NodeKind::File, 0o644).err(), Some(FsError::NotADirectory));
    assert_eq!(fs.lookup(&made, b"x").err(), Some(FsError::NotADirectory));
    assert_eq!(fs.create(at, b"l", NodeKind::Symlink, 0o777).err(), Some(FsError::Invalid));
}

fn unlink<F: FileSystem>(fs: &F, at: &F::Node) {
    file(fs, at, "f", "");
    let sub = directory(fs, at, "d");
    file(fs, &sub, "inner", "");
    assert_eq!(fs.unlink(at, b"none", false), Err(FsError::NotFound));
    assert_eq!(fs.unlink(at, b"none", true), Err(FsError::NotFound));
    assert_eq!(fs.unlink(at, b"f", true), Err(FsError::NotADirectory));
    assert_eq!(fs.unlink(at, b"d", false), Err(FsError::IsADirectory));
    assert_eq!(fs.unlink(at, b"d", true), Err(FsError::NotEmpty));
    assert_eq!(fs.unlink(&sub, b"inner", false), Ok(()));
    assert_eq!(fs.unlink(at, b"d", true), Ok(()));
    // The handle outlives the name, but the directory is dead.
    assert_eq!(fs.create(&sub, b"late", NodeKind::File, 0o644).err(), Some(FsError::NotFound));
    assert_eq!(fs.unlink(at, b"f", false), Ok(()));
    assert_eq!(fs.unlink(at, b"f", false), Err(FsError::NotFound));
}

fn hard_links<F: FileSystem>(fs: &F, at: &F::Node) {
    let node = file(fs, at, "one", "shared");
    let sub = directory(fs, at, "d");
    if !F::FEATURES.hard_links {
        return assert_eq!(fs.link(&node, &sub, b"two"), Err(FsError::NotPermitted));
    }
    assert_eq!(fs.link(&node, &sub, b"two"), Ok(()));
    assert_eq!(fs.metadata(&node).links, 2);
    let other = fs.lookup(&sub, b"two").expect("a second name");
    assert!(same(fs, &node, &other));
    assert_eq!(fs.link(&node, at, b"d"), Err(FsError::Exists));
    assert_eq!(fs.link(&sub, at, b"loop"), Err(FsError::NotPermitted));
    assert_eq!(fs.unlink(at, b"one", false), Ok(()));
    assert_eq!(fs.metadata(&other).links, 1);
    holds(fs, &other, "shared");
}

fn symbolic_links<F: FileSystem>(fs: &F, at: &F::Node) {
    if !F::FEATURES.symlinks {
        return assert_eq!(fs.symlink(at, b"l", b"some/where").err(), Some(FsError::NotPermitted));
    }
    let link = fs.symlink(at, b"l", b"some/where").expect("a new link");
    assert_eq!((fs.metadata(&link).kind, fs.metadata(&link).size), (NodeKind::Symlink, 10));
    let mut buffer = [0; 16];
    assert_eq!(fs.read_link(&link, &mut buffer), Ok(10));
    assert_eq!(&buffer[..10], b"some/where");
    assert_eq!(fs.read_link(&link, &mut buffer[..4]), Ok(4), "cut to the buffer");
    assert_eq!(fs.read_link(at, &mut buffer), Err(FsError::Invalid));
    let node = file(fs, at, "f", "");
    assert_eq!(fs.read_link(&node, &mut buffer), Err(FsError::Invalid));
    assert_eq!(fs.lookup(&link, b"x").err(), Some(FsError::NotADirectory), "following is the shim's");
    assert_eq!(fs.unlink(at, b"l", false), Ok(()));
}

fn parents<F: FileSystem>(fs: &F, at: &F::Node) {
    let sub = directory(fs, at, "d");
    assert!(same(fs, at, &fs.parent(&sub).expect("a parent")));
    let node = file(fs, at, "f", "");
    assert_eq!(fs.parent(&node).err(), Some(FsError::NotADirectory));
    let links = fs.metadata(at).links;
    assert!(
        matches!(links, 1 | 3),
        "{links}: its name, its own `.` and the `..` of `d`; 1 where they are not counted"
    );
}
