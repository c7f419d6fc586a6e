//! Works on files below a folder, each operation an argument of its own: `write:PATH:BYTES:SEED`, `check:PATH:BYTES:SEED`,
//! `cat:PATH`, `list:PATH`, `mkdir:PATH`, `rename:FROM:TO`, `remove:PATH`, `fill:PATH`, `held:PATH`. The first that fails
//! says why and ends the program with 1.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

fn main() {
    for operation in std::env::args().skip(1) {
        if let Err(error) = run(&operation) {
            println!("{operation}: {error} ({:?})", error.kind());
            std::process::exit(1);
        }
    }
    println!("done");
}

fn run(operation: &str) -> io::Result<()> {
    let words: Vec<&str> = operation.split(':').collect();
    match words[..] {
        ["write", path, bytes, seed] => {
            let mut file = File::create(path)?;
            file.write_all(&contents(number(bytes), number(seed)))?;
            file.sync_all()
        }
        ["check", path, bytes, seed] => {
            let found = fs::read(path)?;
            if found != contents(number(bytes), number(seed)) {
                return Err(io::Error::other(format!("wrong contents, {} bytes", found.len())));
            }
            Ok(())
        }
        ["cat", path] => {
            print!("{}", fs::read_to_string(path)?);
            Ok(())
        }
        ["list", path] => list(Path::new(path)),
        ["mkdir", path] => fs::create_dir(path),
        ["rename", from, to] => fs::rename(from, to),
        ["remove", path] if Path::new(path).is_dir() => fs::remove_dir(path),
        ["remove", path] => fs::remove_file(path),
        ["sync", path] => File::open(path)?.sync_all(),
        ["link", from, to] => fs::hard_link(from, to),
        ["fill", path] => fill(path),
        ["held", path] => held(path),
        _ => Err(io::Error::other("no such operation")),
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

/// Bytes that depend on their place and on the seed.
fn contents(bytes: usize, seed: usize) -> Vec<u8> {
    (0..bytes).map(|at| ((at * 31) ^ (at >> 8) ^ (seed * 97)) as u8).collect()
}

fn list(path: &Path) -> io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(path)?.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let metadata = entry.metadata()?;
        println!("{} {}", entry.path().display(), metadata.len());
        if metadata.is_dir() {
            list(&entry.path())?;
        }
    }
    Ok(())
}

/// Writes until there is no room, checks what was stored, and leaves the file.
fn fill(path: &str) -> io::Result<()> {
    let mut file = File::options().read(true).append(true).create(true).open(path)?;
    let piece = contents(8192, 1);
    let mut stored = 0;
    let error = loop {
        match file.write(&piece) {
            Ok(count) if count == piece.len() => stored += count,
            Ok(count) => return Err(io::Error::other(format!("a write of {count} bytes"))),
            Err(error) => break error,
        }
    };
    println!("{:?} after {stored}", error.kind());
    assert_eq!(file.metadata()?.len(), stored as u64);
    file.seek(SeekFrom::Start(0))?;
    let mut found = vec![0; piece.len()];
    for _ in 0..stored / piece.len() {
        file.read_exact(&mut found)?;
        assert!(found == piece);
    }
    file.sync_all()
}

/// A file whose name is taken away while it is open.
fn held(path: &str) -> io::Result<()> {
    let mut file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
    file.write_all(b"still here")?;
    fs::remove_file(path)?;
    assert!(!Path::new(path).exists());
    file.write_all(b", and more")?;
    file.seek(SeekFrom::Start(0))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    assert_eq!(text, "still here, and more");
    Ok(())
}
