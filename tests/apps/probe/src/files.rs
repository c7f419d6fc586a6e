//! Files and directories, as `std::fs` uses them.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Works below `/tmp/kit-probe` and leaves nothing there.
pub fn all() {
    let folder = Path::new("/tmp/kit-probe");
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder.join("a/b")).unwrap();
    let path = folder.join("a/b/lines.txt");

    fs::write(&path, "line one\nline two\n").unwrap();
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"line three\n").unwrap();
    let file = File::open(&path).unwrap();
    println!("length: {}", file.metadata().unwrap().len());
    println!("lines: {:?}", BufReader::new(file).lines().map(Result::unwrap).collect::<Vec<_>>());

    let mut file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(5)).unwrap();
    file.write_all(b"ONE").unwrap();
    file.set_len(8).unwrap();
    file.rewind().unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    println!("changed: {text:?}");

    fs::rename(&path, folder.join("moved.txt")).unwrap();
    fs::copy(folder.join("moved.txt"), folder.join("copy.txt")).unwrap();
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.file_type().unwrap().is_dir()))
        .collect();
    names.sort();
    println!("entries: {names:?}");
    println!("missing: {:?}", fs::read(folder.join("nothing")).unwrap_err().kind());
    println!("exists: {:?}", File::create_new(folder.join("copy.txt")).unwrap_err().kind());
    println!("not empty: {:?}", fs::remove_dir(folder).unwrap_err().kind());
    println!("a directory: {:?}", fs::read(folder).unwrap_err().kind());
    println!("canonical: {:?}", fs::canonicalize(folder.join("a/../copy.txt")).unwrap());

    fs::remove_dir_all(folder).unwrap();
    println!("gone: {}", !folder.exists());
}
