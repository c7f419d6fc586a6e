//! What every [`FileSystem`] promises, as functions that panic where it is broken. No allocation, no threads:
//! they run on the host, against a fake, or inside an image.
//!
//! [`all`] works in the root directory, under names that begin with `t-`, and leaves nothing behind. It checks what
//! the filesystem's [`FEATURES`](FileSystem::FEATURES) promise, and that the rest is refused.

mod directories;
mod files;
mod fixed;
mod names;
mod random;
mod renames;

use crate::{FileSystem, FsError, NodeKind};

pub use random::random_work;

/// Runs the whole suite in the root.
pub fn all<F: FileSystem>(fs: &F) {
    let root = fs.root().expect("it starts");
    assert!(fs.is_same(&root, &fs.root().expect("it starts")), "one root");
    assert!(fs.is_same(&root, &fs.parent(&root).expect("the root is in itself")));
    if F::FEATURES.is_writable {
        all_in(fs, &root);
    } else {
        fixed::all(fs, &root);
    }
}

/// Runs the suite in a directory that can be written: of a tree of several filesystems, one after the other.
pub fn all_in<F: FileSystem>(fs: &F, directory: &F::Node) {
    let place = Place { fs, directory };
    files::all(place);
    names::all(place);
    renames::all(place);
    directories::all(place);
}

/// Where the suite runs.
struct Place<'a, F: FileSystem> {
    fs: &'a F,
    directory: &'a F::Node,
}

impl<F: FileSystem> Clone for Place<'_, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: FileSystem> Copy for Place<'_, F> {}

/// A fresh directory for one check; removed, with all that is in it, afterwards.
fn in_directory<F: FileSystem>(place: Place<F>, name: &str, check: impl FnOnce(&F, &F::Node)) {
    let Place { fs, directory: root } = place;
    let directory = fs.create(root, name.as_bytes(), NodeKind::Directory, 0o755).expect("a fresh directory");
    assert!(fs.is_same(root, &fs.parent(&directory).expect("a parent")));
    check(fs, &directory);
    clear(fs, &directory);
    fs.unlink(root, name.as_bytes(), true).expect("an emptied directory goes");
    assert_eq!(fs.lookup(root, name.as_bytes()).err(), Some(FsError::NotFound));
}

/// Removes everything in `directory`, one entry at a time: the cursor starts over after each.
fn clear<F: FileSystem>(fs: &F, directory: &F::Node) {
    loop {
        let mut found = None;
        fs.read_directory(directory, 0, &mut |_, name, _, kind| {
            let mut copy = [0; crate::NAME_MAX];
            copy[..name.len()].copy_from_slice(name);
            found = Some((copy, name.len(), kind));
            false
        })
        .expect("a directory can be read");
        let Some((name, length, kind)) = found else { return };
        let name = &name[..length];
        if kind == NodeKind::Directory {
            clear(fs, &fs.lookup(directory, name).expect("what was listed is there"));
        }
        fs.unlink(directory, name, kind == NodeKind::Directory).expect("what was listed can be removed");
    }
}

fn file<F: FileSystem>(fs: &F, directory: &F::Node, name: &str, contents: &str) -> F::Node {
    let node = fs.create(directory, name.as_bytes(), NodeKind::File, 0o644).expect("a new file");
    assert_eq!(fs.write(&node, 0, contents.as_bytes()), Ok(contents.len()));
    node
}

fn directory<F: FileSystem>(fs: &F, parent: &F::Node, name: &str) -> F::Node {
    fs.create(parent, name.as_bytes(), NodeKind::Directory, 0o755).expect("a new directory")
}

fn holds<F: FileSystem>(fs: &F, node: &F::Node, contents: &str) {
    let mut buffer = [0; 64];
    let length = fs.read(node, 0, &mut buffer).expect("a file can be read");
    assert_eq!(&buffer[..length], contents.as_bytes());
}

fn same<F: FileSystem>(fs: &F, one: &F::Node, other: &F::Node) -> bool {
    fs.is_same(one, other)
}
