//! Disks: what images write is on them, in the order of `kit run`, for the host and for the next boot; and what cannot
//! be a disk is refused before anything starts.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use kit_tests::image::{Machine, boot};
use kit_tests::process::{self, Finished};
use kit_tests::system::need;
use kit_tests::{kit, on_machines, scratch, variant};

/// Works on disks as they are.
const DISK: &str = "tests/apps/disk";
/// Works on the files of a FAT volume, on a disk that has accidents when it is told to.
const FILES: &str = "tests/apps/files";

/// A place for the files of one test on one machine.
fn folder(test: &str, machine: Machine) -> PathBuf {
    let folder = scratch().join("disks").join(format!("{test}-{}", machine.name()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("scratch is writable");
    folder
}

fn text(path: &std::path::Path) -> &str {
    path.to_str().expect("the build directory is text")
}

/// Runs a program of the host; what is in `/usr/sbin` is not on everybody's path.
#[track_caller]
fn host(program: &str, arguments: &[&str]) -> Finished {
    need(program, &["dosfstools", "mtools"]);
    let mut command = Command::new(program);
    command.args(arguments);
    process::run(command, b"", Duration::from_secs(60))
}

/// A FAT disk of `mib`, as the host makes it: FAT12 below 16 MiB, FAT32 from 64 on.
fn fat(folder: &std::path::Path, mib: u32) -> PathBuf {
    let disk = folder.join("fat.img");
    kit::run(["disk", "create", text(&disk), &format!("{mib}M")]).expect_code(0);
    let kind = if mib >= 64 { "32" } else { "12" };
    host("mkfs.vfat", &["-F", kind, text(&disk)]).expect_code(0);
    disk
}

#[track_caller]
fn is_clean(disk: &std::path::Path) {
    host("fsck.vfat", &["-n", text(disk)]).expect_code(0);
}

on_machines!([Linux, Microvm, Q35] fn the_suite_of_the_slot_passes_inside(machine) {
    let folder = folder("suite", machine);
    let (one, other) = (folder.join("one.img"), folder.join("other, with a comma.img"));
    kit::run(["disk", "create", text(&one), "1M"]).expect_code(0);
    let made = format!("{},size=3M", text(&other));
    let both = ["--disk", text(&one), "--disk", &made];
    let run = boot(DISK, machine).options(both).arguments(["conform", "1"]).run().expect_code(0);
    assert_eq!(run.stdout, "6144 sectors, read-only false\n", "the second disk is the second file");
    assert!(fs::read(&one).unwrap().iter().all(|byte| *byte == 0), "the first one was not touched");
    assert_eq!(boot(DISK, machine).options(both).arguments(["", "2"]).run().expect_code(1).stdout, "Absent\n");

    let only_read = format!("{}:ro", text(&other));
    let run = boot(DISK, machine).options(["--disk", only_read.as_str()]).arguments(["readonly", "0"]).run();
    assert_eq!(run.expect_code(0).stdout, "6144 sectors, read-only true\n");
});

on_machines!([Linux, Microvm, Q35] fn what_was_flushed_is_there_at_the_next_boot(machine) {
    let disk = folder("flushed", machine).join("d.img");
    let option = format!("{},size=64K", text(&disk));
    boot(DISK, machine).options(["--disk", option.as_str()]).arguments(["write", "0", "7"]).run().expect_code(0);
    assert!(fs::read(&disk).unwrap()[..16 * 512].iter().all(|byte| *byte == 7));
    let read = |number| boot(DISK, machine).options(["--disk", text(&disk)]).arguments(["read", "0", number]).run();
    read("7").expect_code(0);
    read("8").expect_code(3);
});

on_machines!([Linux, Microvm, Q35] fn a_fat_disk_is_shared_with_the_host(machine) {
    // One machine has the small kind, the others the large one.
    let folder = folder("shared", machine);
    let disk = fat(&folder, if machine == Machine::Q35 { 8 } else { 66 });
    let (hello, back) = (folder.join("hello.txt"), folder.join("back.bin"));
    fs::write(&hello, "from the host\n").unwrap();
    host("mmd", &["-i", text(&disk), "::/docs"]).expect_code(0);
    host("mcopy", &["-i", text(&disk), text(&hello), "::/docs/A greeting from outside.txt"]).expect_code(0);

    let run = boot(FILES, machine).options(["--disk", text(&disk)]).arguments([
        "cat:/data/docs/A greeting from outside.txt",
        "write:/data/docs/new.bin:300000:5",
        "mkdir:/data/Übergabe",
        "rename:/data/docs/new.bin:/data/Übergabe/A longer name.bin",
        "write:/data/Übergabe/replaced:10:1",
        "rename:/data/Übergabe/replaced:/data/docs/a greeting from outside.txt",
        "held:/data/docs/held",
        "rename:/data/Übergabe:/data/docs/moved",
        "list:/data",
        "sync:/data",
    ]);
    let listed = "from the host\n/data/docs 0\n/data/docs/a greeting from outside.txt 10\n/data/docs/moved 0\n\
                  /data/docs/moved/A longer name.bin 300000\ndone\n";
    assert_eq!(run.run().expect_code(0).stdout, listed);

    is_clean(&disk);
    host("mcopy", &["-i", text(&disk), "::/docs/moved/A longer name.bin", text(&back)]).expect_code(0);
    let expected: Vec<u8> = (0..300_000usize).map(|at| ((at * 31) ^ (at >> 8) ^ (5 * 97)) as u8).collect();
    assert!(fs::read(&back).unwrap() == expected);
    let next = boot(FILES, machine).options(["--disk", text(&disk)]);
    next.arguments(["check:/data/docs/moved/a LONGER name.bin:300000:5"]).run().expect_code(0);
});

on_machines!([Linux, Microvm] fn names_are_on_a_fat_disk_when_the_image_has_ended(machine) {
    let disk = fat(&folder("ended", machine), 8);
    let run = boot(FILES, machine).options(["--disk", text(&disk)]);
    run.arguments(["mkdir:/data/before", "rename:/data/before:/data/after"]).run().expect_code(0);
    is_clean(&disk);
    let listed = host("mdir", &["-b", "-i", text(&disk), "::/"]).expect_code(0).stdout;
    assert_eq!(listed.trim(), "::/after/");
});

on_machines!([Linux, Microvm] fn a_full_fat_disk_is_an_error_and_no_harm(machine) {
    let disk = fat(&folder("full", machine), 2);
    let options = ["--disk", text(&disk)];
    let run = boot(FILES, machine).options(options).arguments(["write:/data/kept:5000:1", "fill:/data/full"]).run();
    let run = run.expect_code(0);
    assert!(run.stdout.starts_with("StorageFull after "), "{}", run.stdout);
    is_clean(&disk);
    let run = boot(FILES, machine).options(options).arguments(["write:/data/more:9000:2"]).run().expect_code(1);
    assert!(run.stdout.contains("No space left on device"), "{}", run.stdout);
    let run = ["check:/data/kept:5000:1", "remove:/data/full", "mkdir:/data/folder", "link:/data/kept:/data/second"];
    let run = boot(FILES, machine).options(options).arguments(run).run().expect_code(1);
    assert!(run.stdout.contains("link:/data/kept:/data/second: Operation not permitted"), "{}", run.stdout);
});

on_machines!([Linux, Microvm] fn a_cut_of_the_power_is_an_error_and_spares_what_was_flushed(machine) {
    let disk = fat(&folder("cut", machine), 8);
    let disk = text(&disk);
    boot(FILES, machine).options(["--disk", disk]).arguments(["write:/data/kept:50000:1"]).run().expect_code(0);
    let cuts: &[u32] = if machine == Machine::Linux { &[1, 2, 3, 5, 8, 13, 21, 34, 55] } else { &[4, 30] };
    for cut_after in cuts {
        let settings = [format!("block-fault.cut-after={cut_after}"), format!("block-fault.seed={}", cut_after * 7)];
        let run = boot(FILES, machine).options(["--disk", disk, "--set", &settings[0], "--set", &settings[1]]);
        let run = run.arguments(["write:/data/lost:100000:2", "remove:/data/lost", "write:/data/lost:300000:3"]).run();
        assert!(run.stdout.contains("block-fault cuts the power"), "cut {cut_after}\n{}", run.transcript());
        assert!(run.code() == 1 && run.stdout.contains("Input/output error"), "cut {cut_after}\n{}", run.transcript());
        // Repairs lost clusters and the mark of an unclean end; 0 and 1 are "clean" and "repaired".
        let repaired = host("fsck.vfat", &["-a", disk]);
        assert!(repaired.code() <= 1, "cut {cut_after}\n{}", repaired.transcript());
        is_clean(std::path::Path::new(disk));
        boot(FILES, machine).options(["--disk", disk]).arguments(["check:/data/kept:50000:1"]).run().expect_code(0);
    }
});

#[test]
fn what_is_no_disk_is_refused() {
    let folder = folder("refused", Machine::Linux);
    let odd = folder.join("odd.img");
    fs::write(&odd, [0; 700]).unwrap();
    let refused = |app: &str, arguments: &[&str], parts: &[&str]| {
        let line = [&["run", app, "--platform", "linux"], arguments].concat();
        let run = kit::run(line).expect_code(2);
        for part in parts {
            assert!(run.stderr.contains(part), "{part}\n{}", run.transcript());
        }
    };
    let missing = folder.join("missing.img");
    refused(DISK, &["--disk", text(&missing)], &["there is no disk", "kit disk create"]);
    refused(DISK, &["--disk", text(&odd)], &["700 bytes", "multiple of 512"]);
    refused(DISK, &["--disk", text(&folder)], &["is a folder"]);
    refused(DISK, &["--disk", "x,size=huge"], &["disk size `huge`"]);
    refused("examples/hello", &["--disk", text(&odd)], &["takes no disk", "BLOCK_FILE = true"]);
    assert!(!missing.exists(), "nothing was made");
    let again = kit::run(["disk", "create", text(&odd), "1M"]).expect_code(1);
    assert!(again.stderr.contains("is there already"), "{}", again.transcript());
}

#[test]
fn a_disk_of_kit_toml_is_found_beside_it() {
    let config = "[run]\ndisks = [\"data.img\"]\n[target.linux.config]\nBLOCK_FILE = true\n";
    let app = variant::of(DISK, "disk-of-kit-toml", config);
    let disk = PathBuf::from(&app).join("data.img");
    let _ = fs::remove_file(&disk);
    kit::run(["disk", "create", text(&disk), "64K"]).expect_code(0);
    let run = boot(&app, Machine::Linux).arguments(["write", "0", "9"]).run().expect_code(0);
    assert_eq!(run.stdout, "128 sectors, read-only false\n");
    assert!(fs::read(&disk).unwrap()[..16 * 512].iter().all(|byte| *byte == 9));
}
