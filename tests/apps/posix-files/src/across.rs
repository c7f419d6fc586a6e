//! Between filesystems, at mount points, and where nothing can be changed.

use std::fs::{self, File, FileTimes, OpenOptions, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::SystemTime;

use crate::{case, list, shows, text, write};

pub fn all(here: &Path, there: &Path) {
    let (file, other) = (here.join("f"), there.join("f"));
    write(&file, "here");
    write(&other, "there");
    case("rename a file", fs::rename(&file, there.join("g")));
    case("rename over a file", fs::rename(&file, &other));
    case("hard link", fs::hard_link(&file, there.join("g")));
    case("symbolic link", symlink(&file, there.join("l")));
    shows("through it", text(there.join("l")));
    fs::create_dir(here.join("d")).expect("new");
    case("rename a directory", fs::rename(here.join("d"), there.join("d")));
    case("copy", fs::copy(&file, &other).map(drop));
    shows("copied", text(&other));
    let device = |path: &Path| fs::metadata(path).expect("it is there").dev();
    shows(
        "devices",
        (
            device(here) == device(&file),
            device(here) == device(there),
            device(here) == device(Path::new("/")),
        ),
    );
    // Which is the mount point, and whose is `..`?
    for place in [here, there] {
        let parent = place.parent().expect("it is in something");
        shows("out of it", fs::canonicalize(place.join("..")).expect("its parent") == parent);
        std::env::set_current_dir(place).expect("a directory");
        shows("its path", std::env::current_dir().expect("it has one") == place);
        shows("from inside", fs::canonicalize("..").expect("its parent") == parent);
        let name = place.file_name().expect("a name").to_string_lossy().into_owned();
        shows("it is listed", list("..").contains(&name));
        case("rmdir of it", fs::remove_dir(place));
        case("unlink of it", fs::remove_file(place));
        case("rename of it", fs::rename(place, parent.join("moved")));
        std::env::set_current_dir("/").expect("the root");
    }
    for path in [file, other, there.join("l")] {
        fs::remove_file(path).expect("it was made");
    }
    fs::remove_dir(here.join("d")).expect("it was made");
}

/// Whether a filesystem is only read, and how long its names may be: by path, and by descriptor.
fn room(what: &str, place: &Path) {
    let path = std::ffi::CString::new(place.to_str().expect("text")).expect("no NUL");
    let file = File::open(place).expect("it can be read");
    // SAFETY: structures of integers; the path ends with a NUL, the descriptor is open.
    let (by_path, by_file) = unsafe {
        let (mut one, mut other): (libc::statvfs64, libc::statfs64) = std::mem::zeroed();
        assert_eq!(libc::statvfs64(path.as_ptr(), &mut one), 0);
        assert_eq!(libc::fstatfs64(std::os::fd::AsRawFd::as_raw_fd(&file), &mut other), 0);
        (one, other)
    };
    shows(
        what,
        (by_path.f_flag & libc::ST_RDONLY != 0, by_path.f_namemax, by_file.f_namelen, by_file.f_bsize),
    );
}

pub fn fixed(place: &Path, here: &Path) {
    room("statvfs here", here);
    room("statvfs", place);
    let (file, new) = (place.join("f"), place.join("new"));
    shows("read", text(&file));
    case("open for writing", OpenOptions::new().write(true).open(&file).map(drop));
    case("open for both", OpenOptions::new().read(true).write(true).open(&file).map(drop));
    case("truncate", OpenOptions::new().write(true).truncate(true).open(&file).map(drop));
    case("append", OpenOptions::new().append(true).open(&file).map(drop));
    case("make a file", File::create(&new).map(drop));
    case("make what is there", OpenOptions::new().write(true).create_new(true).open(&file).map(drop));
    case("mkdir", fs::create_dir(&new));
    case("mkdir of what is there", fs::create_dir(&file));
    case("unlink", fs::remove_file(&file));
    case("symlink", symlink("x", &new));
    case("hard link", fs::hard_link(&file, &new));
    case("rename", fs::rename(&file, &new));
    case("chmod", fs::set_permissions(&file, Permissions::from_mode(0o600)));
    let reader = File::open(&file).expect("it can be read");
    case("utimens", reader.set_times(FileTimes::new().set_modified(SystemTime::now())));
    case("fchmod", reader.set_permissions(Permissions::from_mode(0o600)));
    let path = std::ffi::CString::new(file.to_str().expect("text")).expect("no NUL");
    for ask in [libc::R_OK, libc::W_OK] {
        // SAFETY: the path ends with a NUL.
        let result = unsafe { libc::access(path.as_ptr(), ask) };
        let result = if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) };
        case(&format!("access {ask}"), result);
    }
    case("rename out", fs::rename(&file, here.join("f")));
    case("hard link out", fs::hard_link(&file, here.join("f")));
    case("copy out", fs::copy(&file, here.join("f")).map(drop));
    shows("copied", text(here.join("f")));
    fs::remove_file(here.join("f")).expect("it was made");
    shows("still", (text(&file), list(place)));
}
