//! What POSIX says of files, as a table: a line for each case, with what came of it. Linux prints the same.
//!
//! `posix-files HERE THERE FIXED`: two folders in different filesystems that can be written, and one in a filesystem
//! that cannot, with a file `f`. Each of them is where a filesystem is mounted. `posix-files cat FILE…` prints files.

mod across;
mod devices;
mod names;
mod open;
mod renames;
mod status;

use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};

fn main() {
    let arguments: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    if let Some((first, paths)) = arguments.split_first()
        && first == Path::new("cat")
    {
        return paths.iter().for_each(|path| println!("{}: {}", path.display(), text(path).trim_end()));
    }
    let [here, there, fixed] = &arguments[..] else { panic!("posix-files HERE THERE FIXED") };
    for (folder, name) in [(here, "here"), (there, "there")] {
        println!("# {name}");
        let scratch = folder.join("t");
        std::fs::create_dir(&scratch).expect("HERE and THERE can be written");
        std::env::set_current_dir(&scratch).expect("it was made");
        names::all();
        renames::all();
        open::all();
        status::all();
        std::env::set_current_dir("/").expect("there is a root");
        std::fs::remove_dir_all(&scratch).expect("what was made can be removed");
    }
    println!("# devices");
    devices::all();
    println!("# across");
    across::all(here, there);
    println!("# fixed");
    across::fixed(fixed, here);
}

/// Prints what came of a case: `Ok`, or the error by its POSIX name.
fn case<T>(what: &str, result: io::Result<T>) -> Option<T> {
    match result {
        Ok(value) => {
            println!("{what}: ok");
            Some(value)
        }
        Err(error) => {
            println!("{what}: {}", error_name(&error));
            None
        }
    }
}

/// Prints a value.
fn shows(what: &str, value: impl Debug) {
    println!("{what}: {value:?}");
}

fn error_name(error: &io::Error) -> String {
    let name = match error.raw_os_error() {
        Some(libc::ENOENT) => "ENOENT",
        Some(libc::EEXIST) => "EEXIST",
        Some(libc::ENOTDIR) => "ENOTDIR",
        Some(libc::EISDIR) => "EISDIR",
        Some(libc::ENOTEMPTY) => "ENOTEMPTY",
        Some(libc::EINVAL) => "EINVAL",
        Some(libc::ENAMETOOLONG) => "ENAMETOOLONG",
        Some(libc::ENOSPC) => "ENOSPC",
        Some(libc::EFBIG) => "EFBIG",
        Some(libc::EROFS) => "EROFS",
        Some(libc::EPERM) => "EPERM",
        Some(libc::EXDEV) => "EXDEV",
        Some(libc::EBUSY) => "EBUSY",
        Some(libc::ELOOP) => "ELOOP",
        Some(libc::EBADF) => "EBADF",
        Some(libc::EACCES) => "EACCES",
        Some(libc::ESPIPE) => "ESPIPE",
        Some(libc::EIO) => "EIO",
        Some(libc::EUCLEAN) => "EUCLEAN",
        _ => return format!("{error:?}"),
    };
    name.to_string()
}

fn write(path: impl AsRef<Path>, text: &str) {
    std::fs::write(path, text).expect("it can be written");
}

fn text(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| error_name(&error))
}

/// The names in a directory, sorted.
fn list(path: impl AsRef<Path>) -> Vec<String> {
    let entries = std::fs::read_dir(path).expect("a directory can be listed");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Calls `run` in a fresh folder.
fn inside(name: &str, run: impl FnOnce()) {
    println!("## {name}");
    let before = std::env::current_dir().expect("there is a working directory");
    std::fs::create_dir(name).expect("the name is free");
    std::env::set_current_dir(name).expect("it was made");
    run();
    std::env::set_current_dir(before).expect("it is still there");
    std::fs::remove_dir_all(name).expect("what was made can be removed");
}
