//! The slot's suite on volumes of each kind, and what a volume is like afterwards.

use hadris_fat::sync::{check, format};
use hadris_fat::{FatKind, FatOptions};
use hadris_storage::{BlockSize, MemDevice};
use kit_fs_fat::Fat;
use kit_iface_block::fake::MemoryDisk;
use kit_iface_block::{BlockDevice, Disk};
use kit_iface_fs::{FileSystem, FsError, NodeKind, conformance};

kit_util_host_test::bind!();

type Volume = Fat<MemoryDisk>;

/// A formatted disk of `kib`.
fn disk(kind: FatKind, kib: usize) -> &'static MemoryDisk {
    let mut device = MemDevice::new(vec![0; kib * 1024], BlockSize::new(512).unwrap());
    let options = FatOptions::new().with_kind(kind).with_sector_size(512).with_cluster_size(512);
    format(&mut device, &options).expect("it can be formatted");
    Box::leak(Box::new(MemoryDisk::holding(device.into_inner())))
}

fn mount(disk: &'static MemoryDisk) -> Volume {
    Fat::new(disk, Disk(0))
}

/// Nothing is lost, crossed or wrong, as seen by a checker that starts from what is durable.
#[track_caller]
fn is_sound(disk: &MemoryDisk) {
    let mut device = MemDevice::new(disk.durable(), BlockSize::new(512).unwrap());
    let report = check(&mut device, &mut [0; 65536], |finding: &hadris_fs::Finding<'_>| {
        eprintln!("{}", finding.message())
    });
    assert!(report.expect("it can be checked").is_clean());
}

fn names(fs: &Volume, directory: &<Volume as FileSystem>::Node) -> Vec<String> {
    let mut names = Vec::new();
    fs.read_directory(directory, 0, &mut |_, name, _, _| {
        names.push(String::from_utf8(name.to_vec()).unwrap());
        true
    })
    .unwrap();
    names
}

#[test]
fn each_kind_of_fat_keeps_the_promises() {
    for (kind, kib) in [(FatKind::Fat12, 1440), (FatKind::Fat16, 4096), (FatKind::Fat32, 40 * 1024)] {
        let disk = disk(kind, kib);
        let fs = mount(disk);
        conformance::all(&fs);
        let root = fs.root().unwrap();
        assert_eq!(names(&fs, &root), [""; 0], "nothing is left behind");
        fs.sync(&root).unwrap();
        is_sound(disk);
        assert_eq!(fs.space(&root).free_bytes, mount(disk).space(&mount(disk).root().unwrap()).free_bytes);
    }
}

#[test]
fn what_was_written_is_there_after_a_start_anew() {
    let disk = disk(FatKind::Fat32, 40 * 1024);
    let fs = mount(disk);
    let root = fs.root().unwrap();
    let folder = fs.create(&root, "Ein längerer Name".as_bytes(), NodeKind::Directory, 0o755).unwrap();
    let file = fs.create(&folder, b"data", NodeKind::File, 0o644).unwrap();
    let bytes: Vec<u8> = (0..100_000u32).map(|at| (at / 3) as u8).collect();
    assert_eq!(fs.write(&file, 0, &bytes), Ok(bytes.len()));
    fs.sync(&file).unwrap();

    let again = mount(Box::leak(Box::new(MemoryDisk::holding(disk.durable()))));
    let root = again.root().unwrap();
    let folder = again.lookup(&root, "EIN LÄNGERER NAME".as_bytes()).expect("case does not matter");
    let file = again.lookup(&folder, b"DATA").unwrap();
    let mut read = vec![0; bytes.len() + 1];
    assert_eq!(again.read(&file, 0, &mut read), Ok(bytes.len()));
    assert!(read[..bytes.len()] == bytes);
    is_sound(disk);
}

#[test]
fn the_last_writer_that_leaves_makes_it_durable() {
    let disk = disk(FatKind::Fat16, 4096);
    let fs = mount(disk);
    let root = fs.root().unwrap();
    let (one, other) = (
        fs.create(&root, b"one", NodeKind::File, 0o644).unwrap(),
        fs.create(&root, b"other", NodeKind::File, 0o644).unwrap(),
    );
    fs.write(&one, 0, b"first").unwrap();
    fs.write(&other, 0, b"second").unwrap();
    drop(one);
    drop(other);
    assert!(disk.durable() == disk.contents());
    is_sound(disk);
}

#[test]
fn a_full_disk_is_an_error_and_no_harm() {
    let disk = disk(FatKind::Fat12, 256);
    let fs = mount(disk);
    let root = fs.root().unwrap();
    let file = fs.create(&root, b"big", NodeKind::File, 0o644).unwrap();
    let folder = fs.create(&root, b"folder", NodeKind::Directory, 0o755).unwrap();
    let held = fs.create(&folder, b"held", NodeKind::File, 0o644).unwrap();
    let piece = [0x5a; 4096];
    let mut size = 0;
    let error = loop {
        match fs.append(&file, &piece) {
            Ok(end) => size = end,
            Err(error) => break error,
        }
    };
    assert_eq!(error, FsError::NoSpace);
    assert_eq!(fs.metadata(&file).size, size, "all or nothing");
    while fs.append(&file, &piece[..512]).is_ok() {}
    assert_eq!(fs.space(&root).free_bytes, 0);
    assert_eq!(fs.create(&root, b"another", NodeKind::Directory, 0o755).err(), Some(FsError::NoSpace));
    // Each name takes two slots of the root directory, which has no more than it was made with.
    let mut made = 0;
    let error = loop {
        let name = format!("a name of its own {made}");
        match fs.create(&root, name.as_bytes(), NodeKind::File, 0o644) {
            Ok(_) => made += 1,
            Err(error) => break error,
        }
    };
    assert!(error == FsError::NoSpace && made > 50, "{error:?} after {made}");
    let removed = fs.unlink(&folder, b"held", false);
    assert_eq!(removed, Err(FsError::Busy), "it is held, and there is no room to hide it");
    assert!(fs.lookup(&folder, b"held").is_ok());
    drop(held);
    assert_eq!(fs.unlink(&folder, b"held", false), Ok(()));
    for number in 0..made {
        fs.unlink(&root, format!("a name of its own {number}").as_bytes(), false).unwrap();
    }
    assert_eq!(fs.unlink(&root, b"big", false), Ok(()));
    assert_eq!(fs.space(&root).free_bytes, 0, "it is held still");
    drop(file);
    assert!(fs.space(&root).free_bytes > size);
    fs.sync(&root).unwrap();
    is_sound(disk);
}

#[test]
fn a_removed_file_that_was_held_at_a_crash_is_swept_up() {
    let disk = disk(FatKind::Fat16, 4096);
    let fs = mount(disk);
    let root = fs.root().unwrap();
    let free = fs.space(&root).free_bytes;
    let folder = fs.create(&root, b"folder", NodeKind::Directory, 0o755).unwrap();
    let file = fs.create(&folder, b"f", NodeKind::File, 0o644).unwrap();
    fs.write(&file, 0, &[1; 10_000]).unwrap();
    fs.unlink(&folder, b"f", false).unwrap();
    assert_eq!(fs.unlink(&root, b"folder", true), Ok(()), "its directory is empty");
    assert_eq!(names(&fs, &root), [""; 0], "where it is kept is hidden");
    assert_eq!(fs.lookup(&root, b"~KIT0000.DEL").err(), Some(FsError::NotFound));
    assert_eq!(fs.create(&root, b"~kit1234.del", NodeKind::File, 0o644).err(), Some(FsError::Invalid));
    fs.sync(&root).unwrap();

    let again = Box::leak(Box::new(MemoryDisk::holding(disk.durable())));
    let fs = mount(again);
    let root = fs.root().unwrap();
    assert_eq!(fs.space(&root).free_bytes, free);
    fs.sync(&root).unwrap();
    is_sound(again);
}

#[test]
fn what_cannot_start_says_so_again_and_again() {
    let empty: &'static MemoryDisk = Box::leak(Box::new(MemoryDisk::new(2000)));
    let fs = mount(empty);
    assert_eq!(fs.root().err(), Some(FsError::Corrupt));
    assert_eq!(fs.root().err(), Some(FsError::Corrupt));
    let nowhere: Volume = Fat::new(empty, Disk(3));
    assert_eq!(nowhere.root().err(), Some(FsError::NoDevice));
}

#[test]
fn damaged_volumes_neither_panic_nor_hang() {
    let sound = disk(FatKind::Fat16, 4096);
    let fs = mount(sound);
    let root = fs.root().unwrap();
    for number in 0..20 {
        let name = format!("file number {number}");
        let file = fs.create(&root, name.as_bytes(), NodeKind::File, 0o644).unwrap();
        fs.write(&file, 0, &[number; 3000]).unwrap();
    }
    fs.sync(&root).unwrap();
    drop(root);
    let bytes = sound.durable();
    for seed in 0..60 {
        let mut random = kit_iface_block::random::Random::new(seed);
        let mut damaged = bytes.clone();
        for _ in 0..64 {
            // The boot sector, the tables and the root directory.
            let place = random.below(64 * 512) as usize;
            damaged[place] = random.next_u64() as u8;
        }
        let fs = mount(Box::leak(Box::new(MemoryDisk::holding(damaged))));
        let Ok(root) = fs.root() else { continue };
        let mut found = Vec::new();
        let _ = fs.read_directory(&root, 0, &mut |_, name, _, kind| {
            found.push((name.to_vec(), kind));
            true
        });
        for (name, kind) in found {
            let Ok(node) = fs.lookup(&root, &name) else { continue };
            let _ = fs.read(&node, 0, &mut [0; 4096]);
            let _ = fs.write(&node, 2000, &[1; 4096]);
            let _ = fs.unlink(&root, &name, kind == NodeKind::Directory);
        }
        let _ = fs.sync(&root);
    }
}

#[test]
fn a_disk_that_is_only_read_is_a_tree_that_does_not_change() {
    struct Only(&'static MemoryDisk);
    impl BlockDevice for Only {
        fn start(&self, disk: Disk) -> Result<kit_iface_block::Geometry, kit_iface_block::BlockError> {
            let mut geometry = self.0.start(disk)?;
            geometry.is_read_only = true;
            Ok(geometry)
        }
        fn read(
            &self,
            disk: Disk,
            sector: u64,
            buffer: &mut [u8],
        ) -> Result<(), kit_iface_block::BlockError> {
            self.0.read(disk, sector, buffer)
        }
        fn write(&self, _: Disk, _: u64, _: &[u8]) -> Result<(), kit_iface_block::BlockError> {
            panic!("it was told that it is only read")
        }
        fn flush(&self, _: Disk) -> Result<(), kit_iface_block::BlockError> {
            Ok(())
        }
    }
    let disk = disk(FatKind::Fat16, 4096);
    let fs = mount(disk);
    let root = fs.root().unwrap();
    fs.write(&fs.create(&root, b"f", NodeKind::File, 0o644).unwrap(), 0, b"there").unwrap();
    fs.sync(&root).unwrap();
    let fs = Fat::new(Box::leak(Box::new(Only(disk))), Disk(0));
    let root = fs.root().unwrap();
    assert!(!fs.is_writable(&root));
    let file = fs.lookup(&root, b"f").unwrap();
    let mut buffer = [0; 5];
    assert_eq!((fs.read(&file, 0, &mut buffer), &buffer), (Ok(5), b"there"));
    assert_eq!(fs.write(&file, 0, b"x"), Err(FsError::ReadOnly));
    assert_eq!(fs.unlink(&root, b"f", false), Err(FsError::ReadOnly));
    assert_eq!(fs.create(&root, b"g", NodeKind::File, 0o644).err(), Some(FsError::ReadOnly));
}
