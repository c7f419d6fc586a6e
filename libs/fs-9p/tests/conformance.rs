//! The filesystem slot's suite against the 9P server of crosvm, which serves a folder of this machine.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use kit_fs_9p::Client;
use kit_fs_9p::channel::{Channel, Open};
use kit_iface_fs::{Features, FileSystem, FsError, NodeKind, conformance};

kit_util_host_test::bind!();

/// A server in this process.
struct Served(PathBuf);

struct Wire(Mutex<p9::Server>);

impl Open for Served {
    type Channel = Wire;

    // It makes no symbolic links, and its names are UTF-8.
    const FEATURES: Features =
        Features { devices: false, sparse: false, symlinks: false, any_name: false, ..Features::POSIX };

    fn open(&self) -> Result<Wire, FsError> {
        let server = p9::Server::new(self.0.as_path(), Default::default(), Default::default());
        Ok(Wire(Mutex::new(server.map_err(|_| FsError::NoDevice)?)))
    }
}

impl Channel for Wire {
    fn message_bytes(&self) -> usize {
        8192
    }

    fn exchange<R>(
        &self,
        write: impl FnOnce(&mut [u8]) -> Result<usize, FsError>,
        read: impl FnOnce(&[u8]) -> Result<R, FsError>,
    ) -> Result<R, FsError> {
        let mut request = [0; 8192];
        let length = write(&mut request)?;
        let mut reply = Vec::new();
        let mut server = self.0.lock().expect("the server does not panic");
        server.handle_message(&mut &request[..length], &mut reply).map_err(|_| FsError::Device)?;
        drop(server);
        read(&reply)
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fs-9p").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the folder of this test is writable");
    folder
}

#[test]
fn keeps_the_slots_promises() {
    conformance::all(&Client::over(Served(folder("suite"))));
}

#[test]
fn both_sides_see_each_other() {
    let folder = folder("both");
    let fs = Client::over(Served(folder.clone()));
    let root = fs.root().expect("it is served");
    std::fs::write(folder.join("theirs"), "from the host").expect("the folder is writable");
    let theirs = fs.lookup(&root, b"theirs").expect("it is there");
    let mut buffer = [0; 64];
    let length = fs.read(&theirs, 0, &mut buffer).expect("it can be read");
    assert_eq!(&buffer[..length], b"from the host");
    let ours = fs.create(&root, b"ours", NodeKind::File, 0o640).expect("there is room");
    let bytes: Vec<u8> = (0..100_000_u32).map(|number| number as u8).collect();
    assert_eq!(fs.write(&ours, 0, &bytes), Ok(bytes.len()), "many messages");
    assert!(std::fs::read(folder.join("ours")).expect("it is there") == bytes);
    std::fs::write(folder.join("theirs"), "changed").expect("the folder is writable");
    assert_eq!(fs.metadata(&theirs).size, 7, "nothing is cached");
}

#[test]
fn fids_come_back() {
    let folder = folder("fids");
    std::fs::write(folder.join("file"), "text").expect("the folder is writable");
    let fs = Client::over(Served(folder));
    let root = fs.root().expect("it is served");
    // More than a server takes at a time, were they not given back.
    for _ in 0..3000 {
        let file = fs.lookup(&root, b"file").expect("it is there");
        assert_eq!(fs.read(&file, 0, &mut [0; 4]), Ok(4));
    }
}
