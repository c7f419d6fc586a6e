//! Every filesystem of the shelf that keeps a program's files, side by side, each mounted at `/data`: those in memory,
//! those on a disk, an archive, and a folder of the host.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kit_tests::image::{Boot, Machine, boot};
use kit_tests::measure::figures::instructions_between;
use kit_tests::{process, system, variant};

use crate::side_by_side::{Comparison, INSTRUCTIONS, NANOSECONDS, on_the_shelf, reported};

const APP: &str = "tests/apps/file-workloads";
/// The argument of the app, what the table says, how many rounds are timed, and whether it writes.
const WORKLOADS: [(&str, &str, &str, bool); 7] = [
    ("churn", "a file of 100 bytes, made and removed", "10", true),
    ("write", "a KiB of a mebibyte, written and synced", "10", true),
    ("read", "a KiB of a mebibyte, read", "20", false),
    ("random-write", "4 KiB at a random place, written", "10", true),
    ("random-read", "4 KiB at a random place, read", "20", false),
    ("records", "100 bytes appended and synced", "4", true),
    ("lookup", "a file below 16 folders, looked up", "20", false),
];
/// Those that have no files of a program: nothing at all, devices, and what the image says of itself.
const WITHOUT_FILES: [&str; 3] = ["none", "dev", "proc"];
/// Runs on the platform linux; the fastest counts, as what is slower was disturbed.
const RUNS: usize = 3;
/// Bytes of a disk; FAT32 from 64 MiB on.
const DISK_BYTES: u64 = 66 << 20;
const FOLDER: &str = "folder";

/// Prints the section and draws the plot.
pub fn report() {
    let names = on_the_shelf("fs").into_iter().map(|one| one.0);
    let filesystems: Vec<String> = names.filter(|name| !WITHOUT_FILES.contains(&name.as_str())).collect();
    let mut comparison = Comparison::new("Filesystems side by side", &filesystems);
    for (workload, title, rounds, writes) in WORKLOADS {
        // A round is as many operations everywhere.
        let round =
            prepared("ram", Machine::Linux, &[workload, "1"], writes).expect("memory can do everything");
        let operations = figure(&round.run().expect_code(0).stdout, "counted");
        comparison.measure(title, INSTRUCTIONS, |name| {
            let boot = prepared(name, Machine::Microvm, &[workload, "1"], writes)?;
            let counted = instructions_between(&boot, "bench_begin", "bench_end");
            Some(counted.unwrap_or_else(|output| panic!("{name}: {workload}\n{output}")) as f64 / operations)
        });
        comparison.measure(title, NANOSECONDS, |name| {
            let once = || {
                let boot = prepared(name, Machine::Linux, &[workload, rounds], writes)?;
                let output = boot.run().expect_code(0).stdout;
                Some(figure(&output, "ns") / figure(&output, "counted"))
            };
            (0..RUNS).map(|_| once()).reduce(|one, other| Some(one?.min(other?)))?
        });
    }
    comparison.publish("fs");
}

fn figure(output: &str, name: &str) -> f64 {
    reported(output, name).expect("the app prints its figures")
}

/// A boot with this filesystem, and a disk or folder that is as new; `None` where there is no such boot.
fn prepared(name: &str, machine: Machine, arguments: &[&str], writes: bool) -> Option<Boot> {
    let (source, can_write) = match name {
        "ram" => ("", true),
        "cow" | "fat" => ("disk0", true),
        "initrd" => (FOLDER, false),
        // A folder of the host is behind a device of the machine, or behind the host's system calls.
        "9p" if machine != Machine::Linux => (FOLDER, true),
        "host" if machine == Machine::Linux => (FOLDER, true),
        "9p" | "host" => return None,
        _ => panic!("bench fs: say what {name} is mounted from"),
    };
    if writes && !can_write {
        return None;
    }
    let source_line = if source.is_empty() { String::new() } else { format!("source = \"{source}\"\n") };
    let mut text = format!("[[mount]]\nat = \"/data\"\ntype = \"{name}\"\n{source_line}");
    if source == "disk0" {
        text += "[target.kvm.config]\nBLOCK_VIRTIO = true\n[target.linux.config]\nBLOCK_FILE = true\n";
    }
    let app = variant::of(APP, &format!("bench-fs-{name}"), &text);
    let folder = Path::new(&app);
    let mut boot = boot(&app, machine).arguments(arguments.iter().copied()).options(["-m", "64M"]);
    boot = boot.limit(Duration::from_secs(300));
    match source {
        "disk0" => {
            let disk = folder.join("disk.img");
            make_disk(&disk, name == "fat");
            boot = boot.options(["--disk", disk.to_str().expect("the build directory is text")]);
        }
        FOLDER if can_write => empty(&folder.join(FOLDER)),
        FOLDER => pack(&folder.join(FOLDER)),
        _ => {}
    }
    Some(boot)
}

/// A disk of zeros, on which `cow` makes itself; or a FAT that is the same on every run.
fn make_disk(disk: &Path, is_fat: bool) {
    let file = fs::File::create(disk).expect("the build directory can be written");
    file.set_len(DISK_BYTES).expect("the disk has holes");
    if is_fat {
        system::need("mkfs.vfat", &["dosfstools"]);
        let mut format = Command::new("mkfs.vfat");
        format.args(["--invariant", "-F", "32"]).arg(disk);
        process::run(format, b"", Duration::from_secs(60)).expect_code(0);
    }
}

fn empty(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("the build directory can be written");
}

/// What the app would make, for a filesystem that is only read. It is written once, as the image is built from it.
fn pack(folder: &Path) {
    let mut path = folder.to_path_buf();
    path.extend((0..16).map(|level| format!("level-{level}")));
    if !path.join("leaf").exists() {
        fs::create_dir_all(&path)
            .and_then(|()| fs::write(folder.join("big"), vec![7; 1 << 20]))
            .and_then(|()| fs::write(path.join("leaf"), "leaf"))
            .expect("the build directory can be written");
    }
}
