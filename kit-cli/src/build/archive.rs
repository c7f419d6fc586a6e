//! Archives: folders of the host as `cpio` archives (`newc`), and archives as objects that the image is linked with.
//!
//! The same files give the same bytes, whoever packs them where: names are sorted, owners are root, permissions are
//! 755 or 644 as the owner may execute a file or not, and all times are `SOURCE_DATE_EPOCH`, or 1970.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use kit_menu::composition::Mount;
use kit_menu::shelf::Source;

use super::os_object;
use super::plan::Plan;
use crate::stamp;
use crate::toolchain::Toolchain;
use crate::{Failure, Result};

/// An archive, as an object to link with.
pub struct Linked {
    /// The object. Its name changes with its contents, so that cargo links anew.
    pub object: PathBuf,
    /// Every file and folder that it is made from.
    pub inputs: Vec<PathBuf>,
}

/// What an archive is made of.
#[derive(Default)]
struct Packed {
    bytes: Vec<u8>,
    inputs: Vec<PathBuf>,
}

/// The Rust that stands for the archive of this number: the symbols that the linker makes of [`name`].
pub fn source(number: usize) -> String {
    let name = name(number);
    format!("kit_iface_fs::linked!(_binary_{name}_start, _binary_{name}_end)")
}

fn name(number: usize) -> String {
    format!("kit_archive{number}")
}

/// Packs what the image of `plan` mounts from folders, and makes objects of it.
pub fn link(plan: &Plan, tools: &Toolchain) -> Result<Vec<Linked>> {
    let of_folder = |mount: &&Mount| {
        let provider = plan.shelf.providers().find(|one| one.provides.option == mount.option);
        provider.is_some_and(|provider| provider.provides.source == Some(Source::Folder))
    };
    let mounts = plan.mounts.iter().filter(of_folder);
    let linked: Vec<Linked> = mounts
        .enumerate()
        .filter_map(|(number, mount)| Some((number, mount, mount.host.as_deref()?)))
        .map(|(number, mount, host)| {
            let Packed { bytes, inputs } = pack(host, &points_in(plan, mount))?;
            Ok(Linked { object: object(plan, tools, number, &bytes)?, inputs })
        })
        .collect::<Result<_>>()?;
    forget_others(&plan.output, &linked);
    Ok(linked)
}

/// The folders, from the root of a mount, on which something else is mounted.
fn points_in(plan: &Plan, mount: &Mount) -> Vec<String> {
    let inside = |outer: &str, at: &str| {
        let rest = at.strip_prefix(outer.trim_end_matches('/'))?.strip_prefix('/')?;
        (!rest.is_empty()).then(|| rest.to_string())
    };
    let innermost = |at: &str| {
        let outer = plan.mounts.iter().filter(|other| inside(&other.at, at).is_some());
        outer.max_by_key(|other| other.at.len()).map(|other| other.at.clone())
    };
    let others = plan.mounts.iter().filter(|other| innermost(&other.at).as_ref() == Some(&mount.at));
    others.filter_map(|other| inside(&mount.at, &other.at)).collect()
}

/// The bytes of the archive that `source` is, or is packed into, with folders of these names in it.
fn pack(source: &Path, points: &[String]) -> Result<Packed> {
    let metadata = fs::metadata(source).map_err(|error| Failure::file("read", source, error))?;
    if !metadata.is_dir() {
        let bytes = fs::read(source).map_err(|error| Failure::file("read", source, error))?;
        if !bytes.starts_with(b"07070") {
            return Err(Failure::usage(format!(
                "{} is no cpio archive (newc): name a folder, which kit packs, or make one by `cpio -o -H newc`; a \
                 compressed one is to be unpacked first",
                source.display()
            )));
        }
        return Ok(Packed { bytes, inputs: vec![source.to_path_buf()] });
    }
    let mut found = BTreeMap::new();
    let mut inputs = vec![source.to_path_buf()];
    walk(source, Path::new(""), &mut found, &mut inputs)?;
    for point in points {
        for folder in Path::new(point).ancestors().filter(|folder| !folder.as_os_str().is_empty()) {
            found.entry(folder.as_os_str().as_bytes().to_vec()).or_insert(None);
        }
    }
    let mut archive = Archive::new(time());
    archive.entry(b".", 0o040_755, 0, 2, &[])?;
    for (path, file) in found {
        archive.add(&path, file.as_deref())?;
    }
    archive.entry(b"TRAILER!!!", 0, 0, 1, &[])?;
    Ok(Packed { bytes: archive.bytes, inputs })
}

/// Everything below `folder`, sorted by path. A folder that is only a mount point has no file of the host.
fn walk(
    folder: &Path,
    below: &Path,
    found: &mut BTreeMap<Vec<u8>, Option<PathBuf>>,
    inputs: &mut Vec<PathBuf>,
) -> Result<()> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::file("list", folder, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| Failure::file("list", folder, error))?;
        let (path, name) = (entry.path(), below.join(entry.file_name()));
        inputs.push(path.clone());
        let kind = entry.file_type().map_err(|error| Failure::file("read", &path, error))?;
        found.insert(name.as_os_str().as_bytes().to_vec(), Some(path.clone()));
        if kind.is_dir() {
            walk(&path, &name, found, inputs)?;
        }
    }
    Ok(())
}

/// The time of everything in an archive.
fn time() -> u32 {
    std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

struct Archive {
    bytes: Vec<u8>,
    time: u32,
    last_inode: u32,
    /// Inodes of files with several names, by the host's device and inode.
    shared: BTreeMap<(u64, u64), u32>,
}

impl Archive {
    fn new(time: u32) -> Self {
        Self { bytes: Vec::new(), time, last_inode: 0, shared: BTreeMap::new() }
    }

    fn add(&mut self, path: &[u8], file: Option<&Path>) -> Result<()> {
        self.last_inode += 1;
        let inode = self.last_inode;
        let Some(file) = file else { return self.entry(path, 0o040_755, inode, 2, &[]) };
        let read = |error| Failure::file("read", file, error);
        let metadata = fs::symlink_metadata(file).map_err(read)?;
        let kind = metadata.file_type();
        if kind.is_dir() {
            return self.entry(path, 0o040_755, inode, 2, &[]);
        }
        if kind.is_symlink() {
            let target = fs::read_link(file).map_err(read)?.into_os_string().into_vec();
            return self.entry(path, 0o120_777, inode, 1, &target);
        }
        if !kind.is_file() {
            let what = match () {
                () if kind.is_socket() => "a socket",
                () if kind.is_fifo() => "a pipe",
                () => "a device",
            };
            return Err(Failure::usage(format!(
                "{} is {what}, which cannot be packed: remove it, or mount a filesystem of type \"dev\"",
                file.display()
            )));
        }
        let mode = if metadata.mode() & 0o100 != 0 { 0o100_755 } else { 0o100_644 };
        if metadata.nlink() > 1 {
            let first = *self.shared.entry((metadata.dev(), metadata.ino())).or_insert(inode);
            // The bytes are with one of the names, and a reader takes them from whichever has them.
            let data = if first == inode { fs::read(file).map_err(read)? } else { Vec::new() };
            return self.entry(path, mode, first, 2, &data);
        }
        self.entry(path, mode, inode, 1, &fs::read(file).map_err(read)?)
    }

    fn entry(&mut self, path: &[u8], mode: u32, inode: u32, links: u32, data: &[u8]) -> Result<()> {
        let size = u32::try_from(data.len()).map_err(|_| {
            let path = String::from_utf8_lossy(path);
            Failure::usage(format!("{path} has more than 4 GiB, which a cpio archive cannot hold"))
        })?;
        let name = path.len() as u32 + 1;
        self.bytes.extend(b"070701");
        for field in [inode, mode, 0, 0, links, self.time, size, 0, 0, 0, 0, name, 0] {
            self.bytes.extend(format!("{field:08x}").bytes());
        }
        self.bytes.extend(path.iter().chain(&[0]));
        self.pad();
        self.bytes.extend(data);
        self.pad();
        Ok(())
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

/// An object with the bytes as constants between two symbols.
fn object(plan: &Plan, tools: &Toolchain, number: usize, bytes: &[u8]) -> Result<PathBuf> {
    let file = plan.output.join(format!("archive{number}-{:016x}.o", stamp::hash(bytes)));
    if file.is_file() {
        return Ok(file);
    }
    let write = |path: &Path, error| Failure::file("write", path, error);
    fs::create_dir_all(&plan.output).map_err(|error| write(&plan.output, error))?;
    // The linker makes the symbols of the name as it is given.
    let raw = plan.output.join(name(number));
    fs::write(&raw, bytes).map_err(|error| write(&raw, error))?;
    let scratch = raw.with_extension("o");
    let mut linker = Command::new(tools.linker());
    linker.current_dir(&plan.output).args(["-flavor", "gnu", "-r", "-m", "elf_x86_64", "-b", "binary"]);
    os_object::run(linker.arg(name(number)).arg("-o").arg(&scratch), "rust-lld")?;
    let mut objcopy = tools.objcopy();
    objcopy.arg("--rename-section=.data=.rodata.kit_archive,alloc,load,readonly,data,contents");
    os_object::run(objcopy.arg(&scratch).arg(&file), "rust-objcopy")?;
    let _ = fs::remove_file(&scratch);
    let _ = fs::remove_file(&raw);
    Ok(file)
}

/// Removes the objects of archives that were.
fn forget_others(folder: &Path, linked: &[Linked]) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_one = name.starts_with("archive") && name.ends_with(".o");
        if is_one && linked.iter().all(|linked| linked.object != entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("kit-archive-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("b/c")).unwrap();
        fs::write(folder.join("b/c/f"), "contents").unwrap();
        fs::write(folder.join("a"), "").unwrap();
        fs::hard_link(folder.join("b/c/f"), folder.join("z")).unwrap();
        std::os::unix::fs::symlink("b/c", folder.join("l")).unwrap();
        folder
    }

    fn paths(bytes: &[u8]) -> Vec<String> {
        let mut paths = Vec::new();
        let mut at = 0;
        let number =
            |at: usize| usize::from_str_radix(std::str::from_utf8(&bytes[at..at + 8]).unwrap(), 16).unwrap();
        while at < bytes.len() {
            let (size, name) = (number(at + 6 + 48), number(at + 6 + 88));
            paths.push(String::from_utf8_lossy(&bytes[at + 110..at + 110 + name - 1]).into_owned());
            at = ((at + 110 + name).next_multiple_of(4) + size).next_multiple_of(4);
        }
        paths
    }

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let (one, other) = (folder("one"), folder("other"));
        let now = std::time::SystemTime::now() - std::time::Duration::from_secs(1000);
        fs::File::open(other.join("a")).unwrap().set_modified(now).unwrap();
        let (one, other) = (pack(&one, &[]).unwrap(), pack(&other, &[]).unwrap());
        assert_eq!(one.bytes, other.bytes);
        assert_eq!(paths(&one.bytes), [".", "a", "b", "b/c", "b/c/f", "l", "z", "TRAILER!!!"]);
        assert_eq!(one.inputs.len(), 7);
        let contents = one.bytes.windows(8).filter(|window| window == b"contents").count();
        assert_eq!(contents, 1, "hard links have their bytes once");
    }

    #[test]
    fn mount_points_are_folders_of_the_archive() {
        let packed = pack(&folder("points"), &["dev".into(), "b/c/deep/er".into()]).unwrap();
        let expected =
            [".", "a", "b", "b/c", "b/c/deep", "b/c/deep/er", "b/c/f", "dev", "l", "z", "TRAILER!!!"];
        assert_eq!(paths(&packed.bytes), expected);
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        let folder = folder("refused");
        assert!(pack(&folder.join("z"), &[]).err().unwrap().message.contains("is no cpio archive (newc)"));
        assert!(pack(&folder.join("none"), &[]).err().unwrap().message.contains("none"));
    }
}
