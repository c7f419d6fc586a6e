//! Opening: flags, positions, holes, files without a name, directories while they change.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, symlink};

use crate::{case, inside, list, shows, text, write};

pub fn all() {
    inside("open", flags);
    inside("positions", positions);
    inside("holes", holes);
    inside("unlinked but open", unlinked);
    inside("directories while they change", changing);
}

fn open(path: &str, flags: i32) -> std::io::Result<File> {
    let access = flags & libc::O_ACCMODE;
    let (read, write) = (access != libc::O_WRONLY, access != libc::O_RDONLY);
    // The options of std refuse what they think wrong; through `custom_flags` everything passes.
    OpenOptions::new().read(read).write(write).custom_flags(flags & !libc::O_ACCMODE).open(path)
}

fn flags() {
    write("f", "text");
    fs::create_dir("d").expect("new");
    symlink("f", "l").expect("new");
    symlink("none", "dangling").expect("new");
    case("nothing", open("none", libc::O_RDONLY));
    case("of nothing", open("", libc::O_RDONLY));
    case("a directory", open("d", libc::O_RDONLY));
    case("a directory for writing", open("d", libc::O_WRONLY));
    case("a directory with O_CREAT", open("d", libc::O_RDONLY | libc::O_CREAT));
    case("a file as a directory", open("f", libc::O_RDONLY | libc::O_DIRECTORY));
    case("a file with a slash", open("f/", libc::O_RDONLY));
    case("O_EXCL", OpenOptions::new().write(true).create_new(true).open("f").map(drop));
    case(
        "O_EXCL of a dangling link",
        OpenOptions::new().write(true).create_new(true).open("dangling").map(drop),
    );
    case("O_EXCL of something new", OpenOptions::new().write(true).create_new(true).open("new").map(drop));
    case("O_NOFOLLOW of a link", open("l", libc::O_RDONLY | libc::O_NOFOLLOW));
    case("O_NOFOLLOW of a file", open("f", libc::O_RDONLY | libc::O_NOFOLLOW));
    case("through a dangling link", open("dangling/x", libc::O_RDONLY));
    let mut reader = open("f", libc::O_RDONLY).expect("a file");
    case("write to what is open for reading", reader.write_all(b"x"));
    let mut writer = open("f", libc::O_WRONLY).expect("a file");
    case("read from what is open for writing", writer.read(&mut [0; 4]).map(drop));
    case("cut what is open for reading", reader.set_len(0));
    case("read a directory", open("d", libc::O_RDONLY).and_then(|mut file| file.read(&mut [0; 4])));
    drop(OpenOptions::new().write(true).truncate(true).open("f").expect("a file"));
    shows("truncated", fs::metadata("f").expect("a file").len());
    case("truncate a directory", OpenOptions::new().write(true).truncate(true).open("d").map(drop));
}

fn positions() {
    write("f", "0123456789");
    let mut file = OpenOptions::new().read(true).write(true).open("f").expect("a file");
    let mut buffer = [0; 4];
    file.seek(SeekFrom::Start(8)).expect("a position");
    shows("short at the end", file.read(&mut buffer).expect("readable"));
    shows("at the end", file.read(&mut buffer).expect("readable"));
    case("before the beginning", file.seek(SeekFrom::Current(-100)));
    shows("from the end", file.seek(SeekFrom::End(-3)).expect("a position"));
    file.read_at(&mut buffer, 2).expect("readable");
    shows(
        "read_at",
        (std::str::from_utf8(&buffer).expect("text"), file.stream_position().expect("a position")),
    );
    file.write_at(b"AB", 4).expect("writable");
    file.write_all(b"xyz!").expect("writable");
    shows("written", text("f"));
    let mut twin = file.try_clone().expect("a twin");
    twin.seek(SeekFrom::Start(1)).expect("a position");
    shows("a twin shares the position", file.stream_position().expect("a position"));
    let mut appender = OpenOptions::new().append(true).open("f").expect("a file");
    fs::write("f", "short").expect("writable");
    appender.write_all(b"+end").expect("writable");
    shows("appended", text("f"));
    shows("far behind the end", file.seek(SeekFrom::Start(1 << 40)).expect("a position"));
    shows("nothing is there", file.read(&mut buffer).expect("readable"));
}

fn holes() {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open("f").expect("new");
    file.write_at(b"end", 10_000_000).expect("writable");
    let metadata = file.metadata().expect("open");
    shows("size", metadata.len());
    shows("a hole takes no room", metadata.blocks() * 512 < 1_000_000);
    let mut buffer = [1; 8];
    file.read_at(&mut buffer, 5_000_000).expect("readable");
    shows("it reads as zeroes", buffer);
    file.set_len(3).expect("it can be cut");
    file.set_len(8).expect("it can be extended");
    file.read_at(&mut buffer, 0).expect("readable");
    shows("and again", (buffer, file.metadata().expect("open").len()));
    file.write_at(b"text", 0).expect("writable");
    file.set_len(2).expect("it can be cut");
    file.set_len(4).expect("it can be extended");
    shows("what was cut does not come back", text("f"));
}

fn unlinked() {
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open("f").expect("new");
    file.write_all(b"first").expect("writable");
    fs::remove_file("f").expect("a file");
    shows("no name", (file.metadata().expect("open").nlink(), list(".")));
    file.write_all(b" second").expect("writable");
    write("f", "another");
    let mut contents = String::new();
    file.seek(SeekFrom::Start(0)).expect("a position");
    file.read_to_string(&mut contents).expect("readable");
    shows("its contents", (contents, text("f")));
    let first = File::open("f").expect("a file").metadata().expect("open").ino();
    shows("another inode", first != file.metadata().expect("open").ino());
    fs::create_dir("d").expect("new");
    let directory = fs::read_dir("d").expect("a directory");
    fs::remove_dir("d").expect("it is empty");
    shows("a directory without a name is empty", directory.count());
}

fn changing() {
    for number in 0..200 {
        write(format!("f{number:03}"), "");
    }
    let mut seen = Vec::new();
    for entry in fs::read_dir(".").expect("a directory") {
        let name = entry.expect("an entry").file_name().into_string().expect("text");
        fs::remove_file(&name).expect("what was seen is there");
        seen.push(name);
    }
    seen.sort();
    let count = seen.len();
    seen.dedup();
    shows("each was seen once", (count, seen.len()));
    shows("none is left", list(".").len());
}
