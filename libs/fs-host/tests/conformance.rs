//! The filesystem slot's suite on a folder of this machine.

use std::path::{Path, PathBuf};

use kit_fs_host::HostFolder;
use kit_iface_fs::{FileSystem, FsError, NodeKind, conformance};
use kit_iface_platform::fake::FakePlatform;

kit_util_host_test::bind!();

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fs-host").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the folder of this test is writable");
    folder
}

fn shared(folder: &Path) -> HostFolder<FakePlatform> {
    let line = format!("kit.share=other=/nowhere:rw kit.share=data={}:rw", folder.display());
    HostFolder::new(Box::leak(Box::new(FakePlatform::new(line.leak().as_bytes()))), "data")
}

#[test]
fn keeps_the_slots_promises() {
    conformance::all(&shared(&folder("suite")));
}

#[test]
fn a_path_does_not_leave_the_folder() {
    let folder = folder("inside");
    std::os::unix::fs::symlink("/", folder.join("out")).expect("the folder is writable");
    let fs = shared(&folder);
    let root = fs.root().expect("it is shared");
    let link = fs.lookup(&root, b"out").expect("the link itself");
    assert_eq!(fs.metadata(&link).kind, NodeKind::Symlink);
    assert_eq!(fs.lookup(&link, b"etc").err(), Some(FsError::NotADirectory));
    assert!(fs.is_same(&root, &fs.parent(&root).expect("the root is in itself")));
}

#[test]
fn what_is_not_shared_is_no_device() {
    let fs = HostFolder::new(Box::leak(Box::new(FakePlatform::new(b"kit.share=other=/:rw"))), "data");
    assert_eq!(fs.root().err(), Some(FsError::NoDevice));
}
