//! Stamps: whether files are as they were, by modification time and length; and values cached under them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The state of a set of files and folders. What does not exist is part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp(BTreeMap<PathBuf, Option<(i64, i64, u64)>>);

impl Stamp {
    /// The present state of `paths`.
    pub fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(paths.into_iter().map(|path| (path.clone(), state(&path))).collect())
    }

    /// Whether nothing of it has changed since.
    pub fn is_current(&self) -> bool {
        self.0.iter().all(|(path, then)| state(path) == *then)
    }
}

fn state(path: &Path) -> Option<(i64, i64, u64)> {
    let metadata = fs::metadata(path).ok()?;
    // A folder changes when an entry comes or goes; its length means nothing.
    Some((metadata.mtime(), metadata.mtime_nsec(), if metadata.is_dir() { 0 } else { metadata.len() }))
}

#[derive(Serialize, Deserialize)]
struct Entry<T> {
    key: String,
    stamp: Stamp,
    value: T,
}

/// The value that is cached in the user's cache folder under `name` and `key`, if its inputs are unchanged; else
/// what `make` gives, with the files that it depends on. `kit` itself is one of them.
pub fn cached<T, E>(
    name: &str,
    key: &str,
    make: impl FnOnce() -> Result<(T, Vec<PathBuf>), E>,
) -> Result<T, E>
where
    T: Serialize + DeserializeOwned,
{
    let file = cache_folder().map(|folder| folder.join(format!("{name}-{:016x}.json", hash(key.as_bytes()))));
    let text = file.as_ref().and_then(|file| fs::read(file).ok());
    let entry = text.and_then(|text| serde_json::from_slice::<Entry<T>>(&text).ok());
    if let Some(entry) = entry
        && entry.key == key
        && entry.stamp.is_current()
    {
        return Ok(entry.value);
    }
    let (value, mut inputs) = make()?;
    inputs.extend(std::env::current_exe().ok());
    let entry = Entry { key: key.to_string(), stamp: Stamp::of(inputs), value };
    // A cache that cannot be written costs time and nothing else.
    if let (Some(file), Ok(text)) = (file, serde_json::to_vec(&entry)) {
        let _ = write_if_changed(&file, &text);
    }
    Ok(entry.value)
}

/// The user's cache folder for `kit`.
pub fn cache_folder() -> Option<PathBuf> {
    let given = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = given.or_else(|| std::env::home_dir().map(|home| home.join(".cache")))?;
    Some(base.join("kit"))
}

/// Writes a file as a whole or not at all, and leaves one alone that has these contents already.
pub fn write_if_changed(path: &Path, contents: &[u8]) -> crate::Result<()> {
    if fs::read(path).is_ok_and(|present| present == contents) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| crate::Failure::file("create", folder, error))?;
    let scratch = path.with_extension(format!("{}.new", std::process::id()));
    let written = fs::write(&scratch, contents).and_then(|()| fs::rename(&scratch, path));
    written.map_err(|error| crate::Failure::file("write", path, error))
}

/// A short name for contents: FNV-1a in 64 bits. It tells versions of one file apart; nobody attacks it.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_notices_change_and_creation() {
        let folder = std::env::temp_dir().join(format!("kit-stamp-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (old, new) = (folder.join("old"), folder.join("new"));
        fs::write(&old, "1").unwrap();
        let stamp = Stamp::of([old.clone(), new.clone()]);
        assert!(stamp.is_current());
        fs::write(&new, "").unwrap();
        assert!(!stamp.is_current());
        fs::remove_file(&new).unwrap();
        assert!(stamp.is_current());
        fs::write(&old, "12").unwrap();
        assert!(!stamp.is_current());
        fs::remove_dir_all(&folder).unwrap();
    }
}
