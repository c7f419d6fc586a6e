//! Bytes of files: ends, holes, appending, cutting, unlinked but open, metadata.

use super::{Place, file, holds, in_directory};
use crate::{Change, FileSystem, FsError, NodeKind};

pub fn all<F: FileSystem>(place: Place<F>) {
    in_directory(place, "t-bytes", bytes);
    in_directory(place, "t-holes", holes);
    in_directory(place, "t-large", large);
    in_directory(place, "t-cut", cut);
    in_directory(place, "t-open", unlinked_but_open);
    in_directory(place, "t-meta", metadata);
}

fn bytes<F: FileSystem>(fs: &F, at: &F::Node) {
    let node = file(fs, at, "f", "hello world");
    let mut buffer = [0; 5];
    assert_eq!(fs.read(&node, 6, &mut buffer), Ok(5));
    assert_eq!(&buffer, b"world");
    assert_eq!(fs.read(&node, 9, &mut buffer), Ok(2), "short at the end");
    assert_eq!(fs.read(&node, 11, &mut buffer), Ok(0), "at the end");
    assert_eq!(fs.read(&node, 1000, &mut buffer), Ok(0), "behind the end");
    assert_eq!(fs.read(&node, u64::MAX, &mut buffer), Ok(0));
    assert_eq!(fs.read(&node, 0, &mut []), Ok(0));
    assert_eq!(fs.write(&node, 6, b"there"), Ok(5));
    holds(fs, &node, "hello there");
    assert_eq!(fs.append(&node, b"!"), Ok(12));
    holds(fs, &node, "hello there!");
    assert_eq!(fs.write(&node, 50, b""), Ok(0), "nothing written grows nothing");
    assert_eq!(fs.metadata(&node).size, 12);
    assert!(matches!(fs.write(&node, u64::MAX, b"x"), Err(FsError::TooLarge | FsError::NoSpace)));
    assert_eq!(fs.read(at, 0, &mut buffer), Err(FsError::IsADirectory));
    assert_eq!(fs.write(at, 0, b"x"), Err(FsError::IsADirectory));
    assert_eq!(fs.truncate(at, 0), Err(FsError::IsADirectory));
    assert_eq!(fs.sync(&node), Ok(()));
}

fn holes<F: FileSystem>(fs: &F, at: &F::Node) {
    let node = file(fs, at, "f", "ab");
    assert_eq!(fs.write(&node, 10_000, b"z"), Ok(1));
    assert_eq!(fs.metadata(&node).size, 10_001);
    let mut buffer = [1; 16];
    assert_eq!(fs.read(&node, 0, &mut buffer), Ok(16));
    assert_eq!(&buffer, b"ab\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    assert_eq!(fs.read(&node, 9_990, &mut buffer), Ok(11));
    assert_eq!(&buffer[..11], b"\0\0\0\0\0\0\0\0\0\0z");
}

fn large<F: FileSystem>(fs: &F, at: &F::Node) {
    // Crosses block boundaries of any usual size with pieces that do not divide them.
    let node = fs.create(at, b"f", NodeKind::File, 0o600).expect("a new file");
    let piece: [u8; 251] = core::array::from_fn(|i| i as u8);
    for round in 0..200u64 {
        assert_eq!(fs.append(&node, &piece), Ok((round + 1) * 251));
    }
    let mut buffer = [0; 777];
    let mut offset = 0;
    loop {
        let length = fs.read(&node, offset, &mut buffer).expect("a file can be read");
        for (index, byte) in buffer[..length].iter().enumerate() {
            assert_eq!(u64::from(*byte), (offset + index as u64) % 251);
        }
        if length == 0 {
            break;
        }
        offset += length as u64;
    }
    assert_eq!(offset, 200 * 251);
}

fn cut<F: FileSystem>(fs: &F, at: &F::Node) {
    let node = file(fs, at, "f", "0123456789");
    assert_eq!(fs.truncate(&node, 4), Ok(()));
    holds(fs, &node, "0123");
    assert_eq!(fs.truncate(&node, 8), Ok(()));
    holds(fs, &node, "0123\0\0\0\0");
    assert_eq!(fs.truncate(&node, 0), Ok(()));
    holds(fs, &node, "");
    assert_eq!(fs.append(&node, b"new"), Ok(3));
    holds(fs, &node, "new");
}

fn unlinked_but_open<F: FileSystem>(fs: &F, at: &F::Node) {
    let node = file(fs, at, "f", "still here");
    assert_eq!(fs.unlink(at, b"f", false), Ok(()));
    assert_eq!(fs.lookup(at, b"f").err(), Some(FsError::NotFound));
    assert_eq!(fs.metadata(&node).links, 0);
    holds(fs, &node, "still here");
    assert_eq!(fs.append(&node, b"!"), Ok(11));
    let other = file(fs, at, "f", "another");
    holds(fs, &node, "still here!");
    holds(fs, &other, "another");
    if F::FEATURES.hard_links {
        assert_eq!(fs.link(&node, at, b"again"), Err(FsError::NotFound), "the last name is the last");
    }
}

fn metadata<F: FileSystem>(fs: &F, at: &F::Node) {
    let node = fs.create(at, b"f", NodeKind::File, 0o640).expect("a new file");
    let fresh = fs.metadata(&node);
    assert_eq!((fresh.kind, fresh.links, fresh.size), (NodeKind::File, 1, 0));
    assert_ne!(fresh.inode, 0);
    assert_ne!(fresh.inode, fs.metadata(at).inode);
    // Whole days and a bit, in a year that FAT knows: what a step of the filesystem's divides is kept exactly.
    let step = F::FEATURES.time_step_ns;
    let (accessed_ns, modified_ns) = (999_993_600_000_000_001, 999_993_600_000_000_002);
    let change =
        Change { mode: Some(0o4755), accessed_ns: Some(accessed_ns), modified_ns: Some(modified_ns) };
    assert_eq!(fs.change(&node, change), Ok(()));
    let changed = fs.metadata(&node);
    if F::FEATURES.modes {
        assert_eq!((fresh.mode, changed.mode), (0o640, 0o4755));
    }
    if step > 0 {
        let kept = [accessed_ns, modified_ns].map(|time| time - time % step);
        assert_eq!([changed.accessed_ns, changed.modified_ns], kept);
    }
    assert!(changed.changed_ns >= fresh.changed_ns);
    assert_eq!(fs.change(&node, Change::default()), Ok(()));
    assert_eq!(fs.metadata(&node).mode, changed.mode);
    assert_eq!(fs.append(&node, b"x"), Ok(1));
    assert!(fs.metadata(&node).modified_ns >= fresh.modified_ns, "a write is a modification");
    assert_eq!(fs.metadata(at).kind, NodeKind::Directory);
}
