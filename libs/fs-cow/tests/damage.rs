//! Damaged disks: what is read is right or refused, and nothing panics.

mod common;

use common::{CutDisk, Model, Random, Step, Workload, mount, seed};
use kit_fs_cow::check::check;
use kit_iface_block::Disk;
use kit_iface_fs::{FileSystem, FsError, NodeKind};
use std::collections::BTreeMap;

common::bind!();

/// A disk with a tree of some size on it.
fn used_disk(random: &mut Random) -> &'static CutDisk {
    let disk = CutDisk::leak(2 << 10);
    let fs = mount(disk);
    let mut workload = Workload::new(&fs, Model::default(), 60_000);
    for _ in 0..600 {
        assert!(!matches!(workload.step(random), Step::Failed(_)));
    }
    fs.root().and_then(|root| fs.sync(&root)).expect("a disk that works");
    check(disk, Disk(0)).expect("a consistent disk");
    disk
}

/// What can be read of a tree; what cannot is left out.
fn read<F: FileSystem>(fs: &F, at: &F::Node, path: &str, depth: u32, found: &mut BTreeMap<String, Vec<u8>>) {
    let mut entries = Vec::new();
    let _ = fs.read_directory(at, 0, &mut |_, name, _, kind| {
        entries.push((name.to_vec(), kind));
        entries.len() < 1000
    });
    for (name, kind) in entries {
        let Ok(node) = fs.lookup(at, &name) else { continue };
        let path = format!("{path}/{}", String::from_utf8_lossy(&name));
        let mut bytes = vec![0; fs.metadata(&node).size.min(1 << 20) as usize];
        match kind {
            NodeKind::Directory if depth < 20 => read(fs, &node, &path, depth + 1, found),
            NodeKind::File if fs.read(&node, 0, &mut bytes).is_ok() => {
                found.insert(path, bytes);
            }
            _ => {}
        }
    }
}

fn read_all(disk: &'static CutDisk) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let fs = mount(disk);
    if let Ok(root) = fs.root() {
        read(&fs, &root, "", 0, &mut found);
        // Changing is allowed to fail, and to succeed where the damage is not met.
        if let Ok(node) = fs.create(&root, b"new", NodeKind::File, 0o644) {
            let _ = fs.write(&node, 0, &[1; 5000]);
        }
        let _ = fs.unlink(&root, b"n0", false);
        let _ = fs.sync(&root);
    }
    found
}

#[test]
fn flipped_bits_are_found_and_never_read() {
    let mut random = Random::new(seed(5));
    let disk = used_disk(&mut random);
    let whole = disk.contents();
    let right = read_all(disk);
    // What the last commit uses lies behind the superblocks and bitmaps; these are hit as well, as often.
    let used: Vec<usize> =
        whole.chunks(4096).enumerate().filter(|(_, b)| b.iter().any(|b| *b != 0)).map(|(i, _)| i).collect();
    let (mut noticed, mut harmless) = (0, 0);
    for round in 0..1500 {
        let mut damaged = whole.clone();
        for _ in 0..random.below(4) + 1 {
            let block = if random.chance(25) {
                random.below(4) as usize
            } else {
                used[random.below(used.len() as u64) as usize]
            };
            damaged[block * 4096 + random.below(4096) as usize] ^= 1 << random.below(8);
        }
        disk.fill(&damaged);
        let is_sound = check(disk, Disk(0)).is_ok();
        *(if is_sound { &mut harmless } else { &mut noticed }) += 1;
        for (path, bytes) in read_all(disk) {
            // A damaged superblock leaves the commit before, whose files are older.
            if right.get(&path) != Some(&bytes) {
                assert!(damaged[..8192] != whole[..8192], "round {round}: {path} has other contents");
            }
        }
    }
    println!("{noticed} damaged disks were noticed, on {harmless} the damage was where nothing is");
    assert!(noticed > 500 && harmless > 20);
}

#[test]
fn sectors_that_cannot_be_read_or_written_are_errors() {
    let mut random = Random::new(seed(6));
    let disk = used_disk(&mut random);
    let whole = disk.contents();
    for _ in 0..300 {
        disk.fill(&whole);
        let bad: Vec<u64> = (0..random.below(40) + 1).map(|_| random.below(4096)).collect();
        disk.set_bad(&bad);
        read_all(disk);
        disk.set_bad(&[]);
        // Whatever failed: the last commit is there.
        check(disk, Disk(0)).expect("a consistent disk");
    }
}

#[test]
fn what_is_not_ours_is_not_touched() {
    let disk = CutDisk::leak(2 << 10);
    for (at, byte) in [(510, 0x55), (1024 + 56, 0x53), (0x10040, 0x5f), ((2 << 20) - 512, b'E'), (0, 1)] {
        let mut bytes = vec![0; 2 << 20];
        bytes[at] = byte;
        disk.fill(&bytes);
        assert_eq!(mount(disk).root().err(), Some(FsError::Corrupt));
        assert!(disk.contents() == bytes, "not a byte was written");
    }
    disk.fill(&vec![0; 2 << 20]);
    disk.set_read_only(true);
    assert_eq!(mount(disk).root().err(), Some(FsError::ReadOnly), "a blank disk that cannot be formatted");
}

#[test]
fn a_read_only_disk_is_read() {
    let mut random = Random::new(seed(7));
    let disk = used_disk(&mut random);
    disk.set_read_only(true);
    let fs = mount(disk);
    let root = fs.root().expect("it can be read");
    assert!(!fs.is_writable(&root));
    assert_eq!(fs.create(&root, b"new", NodeKind::File, 0o644).err(), Some(FsError::ReadOnly));
    assert_eq!(fs.sync(&root), Ok(()), "nothing is to be made durable");
}
