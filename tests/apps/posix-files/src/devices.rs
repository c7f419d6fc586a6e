//! What is in `/dev` of every image with files.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};

use crate::{case, shows};

pub fn all() {
    for name in ["null", "zero", "full", "random", "urandom"] {
        let metadata = fs::metadata(format!("/dev/{name}")).expect("every Linux has it");
        shows(name, (metadata.file_type().is_char_device(), metadata.rdev(), metadata.len()));
    }
    let open = |name: &str| OpenOptions::new().read(true).write(true).open(name).expect("it can be opened");
    let mut buffer = [1; 64];
    shows("null is empty", open("/dev/null").read(&mut buffer).expect("readable"));
    case("and takes everything", open("/dev/null").write_all(&[1; 100_000]));
    case("from everybody", fs::write("/dev/null", "x"));
    shows(
        "zero is full of them",
        (open("/dev/zero").read(&mut buffer).expect("readable"), buffer == [0; 64]),
    );
    case("and takes everything", open("/dev/zero").write_all(b"x"));
    case("full has no room", open("/dev/full").write_all(b"x"));
    shows("but zeroes", open("/dev/full").read(&mut buffer).expect("readable"));
    for name in ["/dev/random", "/dev/urandom"] {
        let mut other = [0; 64];
        File::open(name).expect("readable").read_exact(&mut buffer).expect("readable");
        File::open(name).expect("readable").read_exact(&mut other).expect("readable");
        shows(name, buffer != other && buffer != [0; 64]);
    }
    shows("a position", open("/dev/null").seek(SeekFrom::Start(7)).expect("a position") <= 7);
    case("cut", open("/dev/null").set_len(0));
    case("below a device", File::open("/dev/null/x").map(drop));
    case("a device with a slash", File::open("/dev/null/").map(drop));
    case("a device as a directory", fs::read_dir("/dev/null").map(drop));
    case("what is not there", File::open("/dev/none").map(drop));
    case("make what is there", fs::create_dir("/dev/null"));
    let metadata = open("/dev/zero").metadata().expect("open");
    shows("open and by name", metadata.ino() == fs::metadata("/dev/zero").expect("there").ino());
}
