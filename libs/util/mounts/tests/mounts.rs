//! The suite of the slot on a composed tree, and what only a composed tree can get wrong.

use kit_iface_fs::fake::Lists;
use kit_iface_fs::{FileSystem, FsError, NodeKind, conformance};
use kit_util_mounts::{Mount, ReadOnly};

kit_util_host_test::bind!();

/// A tree with `data` at `/data`, `deep` at `/data/a/deep`, and `fixed`, read-only with a file `f`, at `/fixed`.
type Inner = Mount<Mount<Lists, Lists>, Lists>;
type Tree = Mount<Inner, ReadOnly<Lists>>;

fn lists() -> &'static Lists {
    Box::leak(Box::new(Lists::new()))
}

fn tree() -> Tree {
    let fixed = lists();
    fixed.create(&0, b"f", NodeKind::File, 0o644).expect("a file");
    let fixed: &ReadOnly<Lists> = Box::leak(Box::new(ReadOnly::new(fixed)));
    let one = Box::leak(Box::new(Mount::new(lists(), "/data", lists())));
    let two = Box::leak(Box::new(Mount::new(one, "/data/a/deep", lists())));
    Mount::new(two, "/fixed/", fixed)
}

fn find(fs: &Tree, path: &str) -> Result<<Tree as FileSystem>::Node, FsError> {
    let mut at = fs.root()?;
    for name in path.split('/').filter(|name| !name.is_empty()) {
        at = if name == ".." { fs.parent(&at)? } else { fs.lookup(&at, name.as_bytes())? };
    }
    Ok(at)
}

fn at(fs: &Tree, path: &str) -> <Tree as FileSystem>::Node {
    find(fs, path).unwrap_or_else(|error| panic!("{path}: {error:?}"))
}

#[test]
fn a_composed_tree_keeps_the_slots_promises() {
    let fs = tree();
    conformance::all(&fs);
    conformance::all_in(&fs, &at(&fs, "/data"));
    conformance::all_in(&fs, &at(&fs, "/data/a/deep"));
}

#[test]
fn random_work_is_done_as_by_the_model() {
    let fs = tree();
    for (place, seed) in [("/", 0x5eed_0001), ("/data", 0x5eed_0002), ("/data/a/deep", 0x5eed_0003)] {
        println!("{place}: seed {seed:#x}");
        conformance::random_work(&fs, &at(&fs, place), seed, 1500);
    }
}

#[test]
fn each_filesystem_is_a_device_of_its_own() {
    let fs = tree();
    let devices = ["/", "/data", "/data/a", "/data/a/deep", "/fixed"].map(|path| fs.device(&at(&fs, path)));
    assert_eq!(devices, [1, 2, 2, 3, 4]);
    // The roots of three of them have one inode.
    let (data, deep) = (at(&fs, "/data"), at(&fs, "/data/a/deep"));
    assert_eq!(fs.metadata(&data).inode, fs.metadata(&deep).inode);
    assert!(!fs.is_same(&data, &deep) && fs.is_same(&deep, &at(&fs, "/data/a/deep")));
}

#[test]
fn the_way_up_leads_out() {
    let fs = tree();
    for path in ["/..", "/data/..", "/fixed/..", "/data/a/deep/../../..", "/data/../fixed/.."] {
        assert!(fs.is_same(&at(&fs, path), &fs.root().unwrap()), "{path}");
    }
    assert!(fs.is_same(&at(&fs, "/data/a/deep/.."), &at(&fs, "/data/a")));
}

#[test]
fn nothing_moves_or_links_across() {
    let fs = tree();
    let (root, data, deep) = (fs.root().unwrap(), at(&fs, "/data"), at(&fs, "/data/a/deep"));
    let file = fs.create(&root, b"f", NodeKind::File, 0o644).unwrap();
    assert_eq!(fs.rename(&root, b"f", &data, b"f"), Err(FsError::CrossDevice));
    assert_eq!(fs.rename(&root, b"f", &deep, b"f"), Err(FsError::CrossDevice));
    assert_eq!(fs.rename(&data, b"a", &root, b"a"), Err(FsError::CrossDevice));
    assert_eq!(fs.link(&file, &deep, b"f"), Err(FsError::CrossDevice));
    assert_eq!(fs.rename(&root, b"f", &root, b"g"), Ok(()));
}

#[test]
fn a_mount_point_is_busy_and_what_is_above_it_is_not() {
    let fs = tree();
    let (root, data, a) = (fs.root().unwrap(), at(&fs, "/data"), at(&fs, "/data/a"));
    for (directory, name) in [(&root, &b"data"[..]), (&root, b"fixed"), (&a, b"deep")] {
        assert_eq!(fs.unlink(directory, name, true), Err(FsError::Busy));
        assert_eq!(fs.unlink(directory, name, false), Err(FsError::IsADirectory));
        assert_eq!(fs.rename(directory, name, directory, b"other"), Err(FsError::Busy));
    }
    fs.create(&root, b"empty", NodeKind::Directory, 0o755).unwrap();
    assert_eq!(fs.rename(&root, b"empty", &root, b"data"), Err(FsError::Busy));
    assert_eq!(fs.unlink(&data, b"a", true), Err(FsError::NotEmpty));
    // The mount goes with the directory that it is in.
    let deep = at(&fs, "/data/a/deep");
    fs.create(&deep, b"inside", NodeKind::File, 0o644).unwrap();
    assert_eq!(fs.rename(&data, b"a", &data, b"b"), Ok(()));
    assert!(fs.is_same(&deep, &at(&fs, "/data/b/deep")));
    assert!(find(&fs, "/data/b/deep/inside").is_ok());
    assert!(fs.is_same(&at(&fs, "/data/b/deep/.."), &a));
}

#[test]
fn what_is_mounted_read_only_does_not_change() {
    let fs = tree();
    let (fixed, file) = (at(&fs, "/fixed"), at(&fs, "/fixed/f"));
    assert_eq!(fs.create(&fixed, b"g", NodeKind::File, 0o644).err(), Some(FsError::ReadOnly));
    assert_eq!(fs.write(&file, 0, b"x"), Err(FsError::ReadOnly));
    assert_eq!(fs.unlink(&fixed, b"f", false), Err(FsError::ReadOnly));
    assert_eq!(fs.change(&file, Default::default()), Err(FsError::ReadOnly));
    assert!(!fs.is_writable(&file) && fs.is_writable(&at(&fs, "/data")));
    assert_eq!(fs.read(&file, 0, &mut [0; 4]), Ok(0));
}

#[test]
fn a_listing_has_the_inodes_that_a_lookup_finds() {
    let fs = tree();
    fs.create(&at(&fs, "/data"), b"x", NodeKind::File, 0o644).unwrap();
    for directory in ["/", "/data", "/data/a", "/fixed"] {
        for path in ["/data/a/deep", "/fixed"] {
            at(&fs, path);
        }
        let mut entries = Vec::new();
        let node = at(&fs, directory);
        fs.read_directory(&node, 0, &mut |_, name, inode, _| {
            entries.push((name.to_vec(), inode));
            true
        })
        .unwrap();
        assert!(!entries.is_empty());
        for (name, inode) in entries {
            assert_eq!(fs.metadata(&fs.lookup(&node, &name).unwrap()).inode, inode);
        }
    }
}

#[test]
fn a_missing_mount_point_in_a_read_only_tree_harms_nobody_else() {
    let below = lists();
    below.create(&0, b"f", NodeKind::File, 0o644).unwrap();
    let below = Box::leak(Box::new(ReadOnly::new(below)));
    let fs = Mount::new(below, "/data", lists());
    let root = fs.root().unwrap();
    assert!(fs.lookup(&root, b"f").is_ok());
    assert_eq!(fs.lookup(&root, b"data").err(), Some(FsError::NotFound));
}
