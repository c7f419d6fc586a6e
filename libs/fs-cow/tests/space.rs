//! Full disks: the error comes when there is no room, nothing is lost or half done, and removing always works.

mod common;

use common::{CutDisk, Model, Random, Step, Workload, mount, seed, tree_of};
use kit_fs_cow::CowFs;
use kit_fs_cow::check::check;
use kit_iface_block::Disk;
use kit_iface_fs::{FileSystem, FsError, NodeKind};

common::bind!();

/// Writes files of `bytes` each until there is no room; returns how many are whole.
fn fill(fs: &CowFs<CutDisk>, bytes: usize) -> u64 {
    let root = fs.root().expect("a root");
    for number in 0.. {
        let name = format!("fill-{number}");
        let node = match fs.create(&root, name.as_bytes(), NodeKind::File, 0o644) {
            Err(FsError::NoSpace) => return number,
            node => node.expect("room, or none"),
        };
        match fs.append(&node, &vec![number as u8; bytes]) {
            Err(FsError::NoSpace) => {
                assert_eq!(fs.metadata(&node).size, 0, "an append is whole or not at all");
                fs.unlink(&root, name.as_bytes(), false).expect("removing needs no room");
                return number;
            }
            end => assert_eq!(end, Ok(bytes as u64)),
        }
    }
    unreachable!()
}

fn empty(fs: &CowFs<CutDisk>, files: u64) {
    let root = fs.root().expect("a root");
    for number in 0..files {
        fs.unlink(&root, format!("fill-{number}").as_bytes(), false).expect("removing needs no room");
    }
}

#[test]
fn as_much_fits_each_time() {
    for (mebibytes, bytes) in [(1, 100), (1, 5000), (1, 50_000), (4, 100), (4, 20_000), (16, 1_000_000)] {
        let disk = CutDisk::leak(mebibytes << 10);
        let mut first = 0;
        for round in 0..4 {
            let fs = mount(disk);
            let root = fs.root().expect("a root");
            let before = fs.space(&root);
            let files = fill(&fs, bytes);
            if round == 0 {
                first = files;
            }
            println!(
                "{mebibytes} MiB of files of {bytes} bytes: {files}, {} bytes left",
                fs.space(&root).free_bytes
            );
            assert!(files * 100 >= first * 97, "round {round}: {files} files where {first} fitted");
            assert!(files * bytes as u64 <= before.free_bytes, "no more than was said");
            fs.sync(&root).expect("a full disk is synced");
            check(disk, Disk(0)).expect("a full disk is consistent");
            empty(&fs, files);
            fs.sync(&root).expect("an empty disk is synced");
            let report = check(disk, Disk(0)).expect("an empty disk is consistent");
            assert_eq!((report.files, report.data), (0, 0));
        }
    }
}

#[test]
fn a_removal_makes_room_for_the_same() {
    let disk = CutDisk::leak(2 << 10);
    let fs = mount(disk);
    let root = fs.root().expect("a root");
    let files = fill(&fs, 30_000);
    for round in 0..200 {
        let name = format!("fill-{}", round % files);
        fs.unlink(&root, name.as_bytes(), false).expect("removing needs no room");
        let node = fs.create(&root, name.as_bytes(), NodeKind::File, 0o644).expect("room for a name");
        assert_eq!(fs.append(&node, &[3; 30_000]), Ok(30_000), "round {round}");
    }
}

#[test]
fn open_files_without_names_give_their_room_back_when_closed() {
    let disk = CutDisk::leak(1 << 10);
    let fs = mount(disk);
    let root = fs.root().expect("a root");
    let node = fs.create(&root, b"large", NodeKind::File, 0o644).expect("room");
    fs.append(&node, &[1; 600_000]).expect("room");
    fs.unlink(&root, b"large", false).expect("a name");
    let other = fs.create(&root, b"other", NodeKind::File, 0o644).expect("room");
    assert_eq!(fs.append(&other, &[2; 600_000]), Err(FsError::NoSpace), "the open file has the room");
    drop(node);
    assert_eq!(fs.append(&other, &[2; 600_000]), Ok(600_000));
}

/// The model's operations on a disk that is too small for them: each is whole or refused.
#[test]
fn behaves_as_its_model_where_room_is_short() {
    let mut random = Random::new(seed(4));
    let mut refused = 0;
    for round in 0..40 {
        let disk = CutDisk::leak(1 << 10);
        let fs = mount(disk);
        let root = fs.root().expect("a root");
        // Most of the disk is taken by an open file without a name.
        let taken = fs.space(&root).free_bytes as usize - 30_000 - random.below(60_000) as usize;
        let ballast = fs.create(&root, b"ballast", NodeKind::File, 0o644).expect("room");
        assert_eq!(fs.append(&ballast, &vec![9; taken]), Ok(taken as u64));
        fs.unlink(&root, b"ballast", false).expect("a name");
        let mut workload = Workload::new(&fs, Model::default(), 60_000);
        for _ in 0..150 {
            match workload.step(&mut random) {
                Step::Failed(FsError::NoSpace) => {
                    refused += 1;
                    // A write may have stored a part: go on from what there is.
                    let tree = tree_of(&fs);
                    assert!(workload.adopt(&tree), "round {round}: a state in between");
                }
                Step::Failed(error) => panic!("round {round}: {error:?}"),
                _ => {}
            }
        }
        fs.root().and_then(|root| fs.sync(&root)).expect("a disk that works");
        let report = check(disk, Disk(0)).expect("a consistent disk");
        assert!(report.orphans > 0);
        assert!(tree_of(&fs) == workload.model.tree(), "round {round}");
    }
    println!("{refused} refusals");
    assert!(refused > 100, "the disks were hardly ever full");
}
