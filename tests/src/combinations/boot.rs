//! One combination as an image: built, booted, and looked at.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use kit_menu::shelf::Source;

use super::{MOUNT_POINT, Row, Space};
use crate::image::Machine;
use crate::process::{self, Finished};
use crate::turns::{self, Turn};
use crate::{image, kit, network, root, scratch, system};

/// The program that checks the image it is in.
const APP: &str = "tests/apps/selfcheck";
/// What it exits with when all is right.
pub const ALL_RIGHT: i32 = 42;
/// The folders beside `kit.toml` that a row may share or pack.
const SHARED: &str = "shared";
const PACKED: &str = "packed";
/// The filesystem that does not make itself on an empty disk.
const FORMATTED: &str = "FS_FAT";
/// The card that needs an interface of the host.
const TAP: &str = "NETDEV_TAP";
/// A heap that never takes anything back needs more than others.
const MEMORY: &str = "64M";
const DISK_BYTES: u64 = 16 << 20;
/// For a build and a boot, on a busy machine.
const LIMIT: Duration = Duration::from_secs(300);

/// Builds and boots rows, one after the other, in a folder that it has to itself.
pub struct Workshop {
    name: String,
}

impl Workshop {
    /// The workshop of this name. Two with different names may work at the same time.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_string() }
    }

    /// Waits until nobody else works here, in this process or another.
    pub fn turn(&self) -> Turn {
        turns::named(&format!("combinations-{}", self.name))
    }

    /// The folder of the app that checks what the image of `row` offers.
    pub fn app(&self, space: &Space, row: &Row) -> PathBuf {
        let features = features(space, row);
        let name = if features.is_empty() { "nothing".to_string() } else { features.join("-") };
        let folder = scratch().join("combinations").join(&self.name).join(name);
        let source = root().join(APP);
        write(&folder.join("src"), None);
        for file in fs::read_dir(source.join("src")).expect("the app has sources").flatten() {
            let text = fs::read_to_string(file.path()).expect("a source can be read");
            write(&folder.join("src").join(file.file_name()), Some(&text));
        }
        let manifest = fs::read_to_string(source.join("Cargo.toml")).expect("the app has a manifest");
        let lines = manifest.lines().map(|line| match line.starts_with("default = ") {
            true => format!("default = {features:?}\n"),
            false => format!("{line}\n"),
        });
        write(&folder.join("Cargo.toml"), Some(&lines.collect::<String>()));
        let wishes = space.wishes(row);
        let lines = wishes.iter().map(|wish| format!("{} = {}\n", wish.option, wish.value));
        let source = space.source(row).map(|source| match source {
            Source::Disk => "disk0",
            Source::Share => SHARED,
            Source::Folder => PACKED,
        });
        for name in [SHARED, PACKED] {
            write(&folder.join(name), None);
        }
        write(&folder.join(PACKED).join("file"), Some("packed into the image\n"));
        let mounts = space.mount_lines(row, source);
        write(&folder.join("kit.toml"), Some(&format!("{mounts}[config]\n{}", lines.collect::<String>())));
        folder
    }

    /// A disk for the image of `row`, if it takes one; made anew.
    fn disk(&self, space: &Space, row: &Row) -> Option<PathBuf> {
        let in_image = space.options_in_image(row);
        let takes_disks = space.shelf().providers().any(|one| {
            in_image.contains(&one.provides.option) && one.provides.takes.iter().any(|what| what == "disks")
        });
        let disk = scratch().join("combinations").join(&self.name).join("disk.img");
        let _ = fs::remove_file(&disk);
        let file = fs::File::create(&disk).expect("the scratch folder is writable");
        file.set_len(DISK_BYTES).expect("a sparse file takes no room");
        if space.filesystem(row) == FORMATTED {
            system::need("mkfs.vfat", &["dosfstools"]);
            let mut format = Command::new("mkfs.vfat");
            format.arg(&disk);
            process::run(format, b"", LIMIT).expect_code(0);
        }
        takes_disks.then_some(disk)
    }

    /// Builds the image of `row`.
    pub fn build(&self, space: &Space, row: &Row) -> Result<kit::Built, Finished> {
        let app = self.app(space, row);
        let line = ["build", path(&app), "--platform", space.machine(row).platform(), "--json"];
        let output = process::run(self.command(&line), b"", LIMIT);
        match serde_json::from_str(output.stdout.trim()) {
            Ok(built) if output.status.success() => Ok(built),
            _ => Err(output),
        }
    }

    /// Boots the image of `row`, which was built.
    pub fn boot(&self, space: &Space, row: &Row) -> Finished {
        let app = self.app(space, row);
        let machine = space.machine(row);
        let mut line =
            vec!["run", path(&app), "--platform", machine.platform(), "--timeout", "100", "-m", MEMORY];
        let disk = self.disk(space, row);
        line.extend(disk.iter().flat_map(|disk| ["--disk", path(disk)]));
        let work = format!("TMPDIR={MOUNT_POINT}");
        let can_write = match space.source(row) {
            Some(Source::Disk) => disk.is_some() || space.filesystem(row) != FORMATTED,
            Some(Source::Share) => true,
            Some(Source::Folder) | None => false,
        };
        if can_write {
            line.extend(["-e", &work]);
        }
        if machine != Machine::Linux {
            image::need_qemu();
            line.extend(["--machine", machine.name(), "--accel", "tcg"]);
        }
        let _turn = (machine != Machine::Linux).then(turns::machine);
        // A card that is an interface of the host is given one, in a network of its own.
        let command = self.command(&line);
        match space.options_in_image(row).iter().any(|option| option == TAP) {
            true => network::with_tap(|| process::run(command, b"", LIMIT)),
            false => process::run(command, b"", LIMIT),
        }
    }

    /// kit with a folder for what cargo compiles that is this workshop's, so that two can compile at once.
    fn command(&self, line: &[&str]) -> std::process::Command {
        let mut command = kit::command(line);
        command.env("CARGO_TARGET_DIR", scratch().join("combinations").join(&self.name).join("target"));
        command
    }
}

/// The features of the app: what the image of `row` offers.
fn features(space: &Space, row: &Row) -> Vec<&'static str> {
    let names = space.names(row);
    let has = |name: &str| names.contains(&name);
    let mut features = Vec::new();
    if !has("ENTROPY_NONE") {
        features.push("random");
    }
    if !has("FS_NONE") {
        features.push("files");
    }
    if !has("SCHED_SINGLE") {
        features.push("threads");
    }
    if !has("NET_NONE") {
        features.push("datagrams");
    }
    if !has("NET_NONE") && !has("NET_UDP_MINI") {
        features.push("streams");
    }
    features.sort();
    features
}

fn path(folder: &std::path::Path) -> &str {
    folder.to_str().expect("the path is text")
}

/// Writes a file unless it is so already, or makes a folder.
fn write(path: &std::path::Path, text: Option<&str>) {
    let Some(text) = text else {
        return fs::create_dir_all(path).expect("the scratch folder is writable");
    };
    if fs::read_to_string(path).ok().as_deref() != Some(text) {
        fs::write(path, text).expect("the scratch folder is writable");
    }
}
