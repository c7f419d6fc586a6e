//! Several filesystems in one image: what POSIX says of files, across mounts, as on Linux; archives; refusals.
//!
//! `tests/apps/posix-files` prints a table of some 450 cases. `linux.txt` beside it is what Linux prints, and a test
//! runs it there to see that it still does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use kit_tests::image::{Machine, boot};
use kit_tests::native::comparable;
use kit_tests::{kit, native, on_machines, process, root, scratch, variant};

const APP: &str = "tests/apps/posix-files";
const PLACES: [&str; 3] = ["/mnt/here", "/mnt/here/there", "/fixed"];

/// The mounts of the app, which other roots have as well.
fn mounts() -> String {
    let text = fs::read_to_string(root().join(APP).join("kit.toml")).expect("the app has a kit.toml");
    text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect()
}

fn expected() -> String {
    fs::read_to_string(root().join(APP).join("linux.txt")).unwrap_or_default()
}

#[track_caller]
fn same(printed: &str, expected: &str) {
    let (printed, expected): (Vec<_>, Vec<_>) = (printed.lines().collect(), expected.lines().collect());
    for (number, (is, must_be)) in printed.iter().zip(&expected).enumerate() {
        let section = expected[..number].iter().rev().find(|line| line.starts_with("##"));
        assert_eq!(is, must_be, "line {}, {}", number + 1, section.unwrap_or(&""));
    }
    assert_eq!(printed.len(), expected.len());
}

/// On Linux itself, with three filesystems in memory; `KIT_BLESS=1` keeps what it prints.
#[test]
fn linux_prints_the_table() {
    let program = native::build(APP);
    let folder = scratch().join("mounts-native");
    let [here, there, fixed] = ["here", "here/there", "fixed"].map(|name| folder.join(name));
    for place in [&here, &fixed] {
        fs::create_dir_all(place).expect("scratch is writable");
    }
    let script = "mount -t tmpfs none \"$1\" && mkdir \"$2\" && mount -t tmpfs none \"$2\" && \
                  mount -t tmpfs none \"$3\" && echo fixed > \"$3/f\" && mount -o remount,ro \"$3\" && \
                  exec \"$0\" \"$1\" \"$2\" \"$3\"";
    // A mount table of its own; as root of a namespace of its own where we are not root.
    let mut command = Command::new("unshare");
    if process::run(unshare(&["--mount", "true"]), b"", Duration::from_secs(10)).status.success() {
        command.arg("--mount");
    } else {
        command.args(["--map-root-user", "--mount"]);
    }
    command.args(["sh", "-c", script]).arg(program).args([here, there, fixed]);
    let printed = process::run(command, b"", Duration::from_secs(60)).expect_code(0).stdout;
    if std::env::var_os("KIT_BLESS").is_some() {
        fs::write(root().join(APP).join("linux.txt"), &printed).expect("the tree is writable");
    }
    same(&printed, &expected());
}

fn unshare(arguments: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.args(arguments);
    command
}

on_machines!([Linux, Microvm] fn an_image_prints_the_same(machine) {
    let image = boot(APP, machine).arguments(PLACES).options(["-m", "16M"]).run().expect_code(0);
    same(&comparable(&image.stdout), &expected());
});

/// The root is an archive; what is mounted on it is where it was, on folders that kit puts into the archive.
#[test]
fn an_archive_as_the_root() {
    let more = "[rootfs]\ntype = \"initrd\"\nsource = \"fixed\"\n[[mount]]\nat = \"/dev\"\ntype = \"dev\"\n\
                [[mount]]\nat = \"/proc\"\ntype = \"proc\"\n";
    let app = variant::of(APP, "mounts-root", &format!("{more}{}", mounts()));
    assert_eq!(
        cat(&app, Machine::Linux, &["/proc/mounts", "/proc/self/cgroup"]),
        "/proc/mounts: none / initrd ro 0 0\nnone /dev dev ro 0 0\nnone /proc proc ro 0 0\n\
         none /fixed initrd ro 0 0\nnone /mnt/here ram rw 0 0\nnone /mnt/here/there ram rw 0 0\n\
         /proc/self/cgroup: 0::/\n"
    );
    let image = boot(&app, Machine::Linux).arguments(PLACES).run().expect_code(0);
    // The folder that the first of them is in cannot be changed, which Linux says before anything else, too.
    let errors = [
        ("rmdir of it: EBUSY", "EROFS"),
        ("unlink of it: EISDIR", "EROFS"),
        ("rename of it: EBUSY", "EROFS"),
    ];
    let expected = errors.iter().fold(expected(), |text, (line, error)| {
        let (what, _) = line.split_once(": ").expect("a case and its error");
        text.replacen(line, &format!("{what}: {error}"), 1)
    });
    same(&comparable(&image.stdout), &expected);
}

fn cat(app: &str, machine: Machine, paths: &[&str]) -> String {
    let arguments = ["cat"].iter().chain(paths).copied();
    let image = boot(app, machine).arguments(arguments).run().expect_code(0);
    image.stdout.replace('\r', "")
}

#[test]
fn what_changes_in_the_folder_changes_the_image() {
    let toml = "[rootfs]\ntype = \"initrd\"\nsource = \"pages\"\n";
    let app = variant::of(APP, "mounts-stale", toml);
    let pages = Path::new(&app).join("pages/deep");
    let _ = fs::remove_dir_all(&pages);
    fs::create_dir_all(&pages).expect("scratch is writable");
    let write = |name: &str, text: &str| fs::write(pages.join(name), text).expect("scratch is writable");
    write("one", "first");
    let show = || cat(&app, Machine::Linux, &["/deep/one", "/deep/two"]);
    assert_eq!(show(), "/deep/one: first\n/deep/two: ENOENT\n");
    write("two", "new");
    assert_eq!(show(), "/deep/one: first\n/deep/two: new\n");
    write("one", "other");
    assert_eq!(show(), "/deep/one: other\n/deep/two: new\n");
    let build = || kit::run(["build", &app, "--platform", "linux"]).expect_code(0).stdout;
    assert!(build().contains("fresh"));
    fs::remove_file(pages.join("two")).expect("it was written");
    assert!(!build().contains("fresh"));
    assert_eq!(show(), "/deep/one: other\n/deep/two: ENOENT\n");
}

/// A damaged archive is told on the console when files are first used, with the place; the program gets an error.
#[test]
fn a_damaged_archive_is_told() {
    let toml = "[rootfs]\ntype = \"initrd\"\nsource = \"bad.cpio\"\n";
    let app = variant::of(APP, "mounts-bad", toml);
    fs::write(Path::new(&app).join("bad.cpio"), [b"070701".as_slice(), &[b'z'; 500]].concat())
        .expect("scratch is writable");
    let said = boot(&app, Machine::Linux).arguments(["cat", "/f"]).run().expect_code(0);
    let console = format!("{}{}", said.stdout, said.stderr);
    assert!(console.contains("/f: EUCLEAN"), "{console}");
    assert_eq!(console.matches("kit: the archive cannot be read: at byte 6: a field of a header").count(), 1);
}

#[test]
fn an_image_without_files() {
    let app = variant::of(APP, "mounts-none", "[rootfs]\ntype = \"none\"\n");
    assert_eq!(cat(&app, Machine::Linux, &["/", "/etc/hosts"]), "/: EISDIR\n/etc/hosts: ENOENT\n");
}

#[track_caller]
fn refusal(name: &str, toml: &str, platform: &str) -> String {
    let app = variant::of(APP, name, toml);
    let refused = kit::run(["build", &app, "--platform", platform]);
    refused.expect_code(2).stderr
}

#[test]
fn what_cannot_be_mounted_is_refused_with_the_reason() {
    let share = "[[mount]]\nat = \"/share\"\ntype = \"9p\"\nsource = \"data\"\n";
    let message = refusal("mounts-refused", share, "linux");
    assert!(message.contains("kit.toml:3:8: FS_9P=y did not take: needs "), "{message}");
    assert!(message.contains("3 | type = \"9p\"\n  |        ^^^^"), "{message}");
    let off = "[rootfs]\ntype = \"ram\"\n[config]\nFS_RAM = false\n";
    let message = refusal("mounts-off", off, "linux");
    assert!(message.contains("FS_RAM is mounted, and [config] turns it off"), "{message}");
    let missing = "[rootfs]\ntype = \"initrd\"\nsource = \"nowhere\"\n";
    let message = refusal("mounts-nowhere", missing, "linux");
    assert!(message.contains("kit.toml:3:10: there is no `nowhere`"), "{message}");
}

#[test]
fn an_image_with_one_filesystem_carries_nothing_of_mounts() {
    let app = variant::of(APP, "mounts-one", "");
    kit::build(&app, "linux");
    let built = PathBuf::from(&app).join("target/kit/posix-files-linux-x86_64");
    let source = fs::read_to_string(built.join("root/root.rs")).expect("the root is there");
    assert!(
        source.contains("type Fs = kit_fs_ram::RamFs;") && !source.contains("kit_util_mounts"),
        "{source}"
    );
    let symbols = fs::read(built.join("posix-files.debug")).expect("the symbols are there");
    assert!(!symbols.windows(15).any(|bytes| bytes == b"kit_util_mounts"));
}
