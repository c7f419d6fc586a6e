//! `stat`: permission bits, times, links; and `chmod`, `utimensat`, `umask`, `access`.

use std::fs::{self, File, FileTimes, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::time::{Duration, SystemTime};

use crate::{case, inside, shows, write};

pub fn all() {
    inside("modes", modes);
    inside("times", times);
    inside("links", links);
}

fn mode(path: &str) -> String {
    format!("{:o}", fs::metadata(path).expect("it is there").mode())
}

fn modes() {
    write("f", "");
    fs::create_dir("d").expect("new");
    // SAFETY: changes a number of the process.
    let before = unsafe { libc::umask(0o027) };
    write("g", "");
    fs::create_dir("e").expect("new");
    // SAFETY: as above.
    shows("the mask that was set", format!("{:o}", unsafe { libc::umask(before) }));
    shows("fresh", (mode("f"), mode("d"), mode("g"), mode("e")));
    case("chmod", fs::set_permissions("f", Permissions::from_mode(0o4751)));
    shows("changed", mode("f"));
    case("chmod nothing", fs::set_permissions("none", Permissions::from_mode(0o600)));
    case("fchmod", File::open("f").expect("a file").set_permissions(Permissions::from_mode(0o600)));
    shows("changed again", mode("f"));
    symlink("f", "l").expect("new");
    case("chmod through a link", fs::set_permissions("l", Permissions::from_mode(0o640)));
    shows("the file's", (mode("f"), format!("{:o}", fs::symlink_metadata("l").expect("a link").mode())));
    for (path, ask) in
        [("f", libc::F_OK), ("f", libc::R_OK | libc::W_OK), ("f", libc::X_OK), ("d", libc::X_OK)]
    {
        let path = std::ffi::CString::new(path).expect("no NUL");
        // SAFETY: the path ends with a NUL.
        let result = unsafe { libc::access(path.as_ptr(), ask) };
        let result = if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) };
        case(&format!("access {ask}"), result);
    }
}

fn times() {
    write("f", "x");
    let at = |seconds, ns| SystemTime::UNIX_EPOCH + Duration::new(seconds, ns);
    let file = File::options().write(true).open("f").expect("a file");
    let set =
        FileTimes::new().set_accessed(at(1_000_000_000, 1)).set_modified(at(1_500_000_000, 123_456_789));
    case("utimens", file.set_times(set));
    let read = |path| {
        let metadata = fs::metadata(path).expect("it is there");
        (metadata.atime(), metadata.atime_nsec(), metadata.mtime(), metadata.mtime_nsec())
    };
    shows("times", read("f"));
    fs::set_permissions("f", Permissions::from_mode(0o600)).expect("a file");
    fs::rename("f", "g").expect("a file");
    shows("chmod and rename change neither", read("g"));
    let before = fs::metadata("g").expect("a file").modified().expect("a time");
    write("g", "more");
    shows("a write changes the one", fs::metadata("g").expect("a file").modified().expect("a time") > before);
    file.set_times(FileTimes::new().set_modified(at(5, 0))).expect("a file");
    shows("one can be left alone", read("g").2);
    let directory = fs::metadata(".").expect("a directory").modified().expect("a time");
    std::thread::sleep(Duration::from_millis(20));
    write("new", "");
    shows(
        "a new name changes a directory",
        fs::metadata(".").expect("a directory").modified().expect("a time") > directory,
    );
}

fn links() {
    for name in ["a", "b"] {
        fs::create_dir(name).expect("new");
    }
    write("f", "");
    shows("of a directory", fs::metadata(".").expect("a directory").nlink());
    fs::remove_dir("a").expect("it is empty");
    shows("after one went", fs::metadata(".").expect("a directory").nlink());
    shows("of a file", fs::metadata("f").expect("a file").nlink());
}
