//! Puts text on the disk so that no reader ever sees half of it, whatever ends the process.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What [`replace`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// The file had this content already and was left alone.
    Unchanged,
    /// The file is new or replaced.
    Written,
}

/// Makes `text` the content of `path`, unless it is already. The old file stays as `path.old`.
///
/// At every moment `path` is the whole old or the whole new file. The new file has the old one's permissions;
/// folders that are missing are made. On an error the old file is as it was.
pub fn replace(path: &Path, text: &str) -> io::Result<Saved> {
    if is_special(fs::metadata(path)) {
        return overwrite(path, text).map(|()| Saved::Written);
    }
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(Saved::Unchanged);
    }
    let temporary = with_suffix(path, &format!(".{}.tmp", std::process::id()));
    write_aside(path, &temporary, text)?;
    keep_old(path);
    rename(&temporary, path)?;
    Ok(Saved::Written)
}

/// Makes `text` the content of `path` in one step without a backup. Through a link, and into a pipe or device
/// (`/dev/stdout` is both), it is written as it comes.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    if is_special(fs::symlink_metadata(path)) { overwrite(path, text) } else { renew(path, text) }
}

/// Like [`replace`] without a backup, and also when the content is the same: the time of the file is new.
pub fn renew(path: &Path, text: &str) -> io::Result<()> {
    let temporary = with_suffix(path, ".tmp");
    write_aside(path, &temporary, text)?;
    rename(&temporary, path)
}

/// Writes into the file that is there, so that links to it stay links; a reader may see half of it.
pub fn overwrite(path: &Path, text: &str) -> io::Result<()> {
    make_folder(path)?;
    fs::write(path, text)
}

/// Empties a file or makes an empty one: its time is what matters.
pub fn touch(path: &Path) -> io::Result<()> {
    fs::File::create(path).map(drop)
}

/// `path` with `suffix` after its last letter.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Whether there is something that a rename must not take away.
fn is_special(found: io::Result<fs::Metadata>) -> bool {
    found.is_ok_and(|found| !found.is_file())
}

fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if folder != Path::new("") => fs::create_dir_all(folder),
        _ => Ok(()),
    }
}

fn write_aside(path: &Path, temporary: &Path, text: &str) -> io::Result<()> {
    make_folder(path)?;
    let result = fs::File::create(temporary).and_then(|mut file| {
        if let Ok(old) = fs::metadata(path) {
            file.set_permissions(old.permissions())?;
        }
        file.write_all(text.as_bytes())
    });
    if result.is_err() {
        let _ = fs::remove_file(temporary);
    }
    result
}

/// A second name for the old file, so that `path` never lacks one. A file system without hard links has a copy;
/// no backup is no reason not to save.
fn keep_old(path: &Path) {
    let old = with_suffix(path, ".old");
    let link = with_suffix(path, ".old.tmp");
    let _ = fs::remove_file(&link);
    if fs::hard_link(path, &link).is_ok() {
        let _ = fs::rename(&link, &old);
        let _ = fs::remove_file(&link); // still there if both names were the same file
    } else if path.exists() {
        let _ = fs::copy(path, &old);
    }
}

fn rename(temporary: &Path, path: &Path) -> io::Result<()> {
    fs::rename(temporary, path).inspect_err(|_| {
        let _ = fs::remove_file(temporary);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("kit-save-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).expect("a folder in the temporary one");
            Self(path)
        }

        fn names(&self) -> Vec<OsString> {
            let entries = fs::read_dir(&self.0).expect("the folder");
            let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name()).collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_old_file_is_kept_once() {
        let folder = Folder::new("old");
        let path = folder.0.join("a/.config");
        assert_eq!(replace(&path, "1").ok(), Some(Saved::Written));
        assert_eq!(replace(&path, "1").ok(), Some(Saved::Unchanged));
        for text in ["2", "3"] {
            assert_eq!(replace(&path, text).ok(), Some(Saved::Written));
        }
        assert_eq!(fs::read_to_string(&path).ok().as_deref(), Some("3"));
        assert_eq!(fs::read_to_string(with_suffix(&path, ".old")).ok().as_deref(), Some("2"));
        assert_eq!(fs::read_dir(folder.0.join("a")).expect("the folder").count(), 2);
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let folder = Folder::new("failure");
        let target = folder.0.join("file");
        fs::create_dir_all(target.join("in the way")).expect("a folder");
        assert!(renew(&target, "text").is_err());
        assert!(write(&target, "text").is_err());
        assert_eq!(folder.names(), ["file"]);
    }

    #[test]
    fn links_are_written_through() {
        let folder = Folder::new("link");
        fs::write(folder.0.join("real"), "").expect("a file");
        std::os::unix::fs::symlink("real", folder.0.join("link")).expect("a link");
        assert!(write(&folder.0.join("link"), "text").is_ok());
        assert_eq!(fs::read_to_string(folder.0.join("real")).ok().as_deref(), Some("text"));
        assert!(replace(Path::new("/dev/null"), "text").is_ok());
        assert!(Path::new("/dev/null").exists());
    }
}
