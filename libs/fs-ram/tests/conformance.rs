//! The filesystem slot's suite, and what is this implementation's own.

use kit_fs_ram::RamFs;
use kit_iface_fs::{FileSystem, FsError, NodeKind, conformance};

kit_util_host_test::bind!();

#[test]
fn keeps_the_slots_promises() {
    conformance::all(&RamFs::new());
}

#[test]
fn random_work_is_done_as_by_the_model() {
    for seed in 1..=8u64 {
        println!("seed {seed}");
        let fs = RamFs::empty();
        conformance::random_work(
            &fs,
            &fs.root().expect("a root"),
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            4000,
        );
    }
}

#[test]
fn boots_with_what_programs_expect() {
    let fs = RamFs::new();
    let root = fs.root().expect("a root");
    for name in ["tmp", "dev", "etc"] {
        let node = fs.lookup(&root, name.as_bytes()).expect(name);
        assert_eq!(fs.metadata(&node).kind, NodeKind::Directory);
    }
    let dev = fs.lookup(&root, b"dev").expect("dev");
    let null = fs.lookup(&dev, b"null").expect("null");
    assert_eq!(fs.metadata(&null).kind, NodeKind::Device(0x103));
    let etc = fs.lookup(&root, b"etc").expect("etc");
    let hosts = fs.lookup(&etc, b"hosts").expect("hosts");
    let mut buffer = [0; 256];
    let length = fs.read(&hosts, 0, &mut buffer).expect("readable");
    assert!(buffer[..length].starts_with(b"127.0.0.1\tlocalhost\n"));
}

#[test]
fn memory_comes_back() {
    let fs = RamFs::new();
    let root = fs.root().expect("a root");
    let file = fs.create(&root, b"f", NodeKind::File, 0o644).expect("a file");
    fs.write(&file, 0, &[1; 100_000]).expect("room");
    assert!(fs.metadata(&file).stored_bytes >= 100_000);
    fs.truncate(&file, 5000).expect("a cut");
    assert_eq!(fs.metadata(&file).stored_bytes, 8192);
    fs.truncate(&file, 0).expect("a cut");
    assert_eq!(fs.metadata(&file).stored_bytes, 0);
}

/// Threads that create, move and remove across two directories: nothing may be lost, doubled or locked up.
#[test]
fn survives_many_hands() {
    let fs = RamFs::new();
    let root = fs.root().expect("a root");
    let one = fs.create(&root, b"one", NodeKind::Directory, 0o755).expect("a directory");
    let two = fs.create(&root, b"two", NodeKind::Directory, 0o755).expect("a directory");
    std::thread::scope(|scope| {
        for thread in 0..4u32 {
            let (fs, one, two) = (&fs, &one, &two);
            scope.spawn(move || {
                for round in 0..500u32 {
                    let name = format!("{thread}-{}", round % 7);
                    let name = name.as_bytes();
                    let (from, to) = if round % 2 == 0 { (one, two) } else { (two, one) };
                    let kind = if round % 3 == 0 { NodeKind::Directory } else { NodeKind::File };
                    fs.create(from, name, kind, 0o755).expect("only this thread uses the name");
                    let _ = fs.rename(from, b"shared", to, b"shared");
                    fs.rename(from, name, to, name).expect("the name is there");
                    match fs.rename(to, name, from, b"shared") {
                        Ok(()) => {}
                        Err(FsError::IsADirectory | FsError::NotADirectory) => {
                            fs.unlink(to, name, kind == NodeKind::Directory).expect("the name is there");
                        }
                        Err(other) => panic!("{other:?}"),
                    }
                }
            });
        }
    });
    for directory in [&one, &two] {
        let mut left = 0;
        fs.read_directory(directory, 0, &mut |_, name, _, _| {
            assert_eq!(name, b"shared");
            left += 1;
            true
        })
        .expect("a directory can be read");
        assert!(left <= 1);
    }
}
