//! Nothing acknowledged is lost: an image that keeps records on a disk is killed, or its power cut, hundreds of times.
//!
//! `tests/apps/records` says what it begins and what it has synced; the next boot says what it found, and refuses to
//! go on where that is not whole. Between two boots the disk is checked block by block. What was written and not
//! flushed is lost both times: `block-fault` still has it when the process is killed.

mod accident;
mod promises;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use accident::Template;
use kit_tests::image::{Machine, boot};
use kit_tests::process;
use kit_tests::{root, scratch};
use promises::Promises;

const RECORDS: &str = "tests/apps/records";
const LIMIT: Duration = Duration::from_secs(600);

#[test]
fn a_process_300_times() {
    reboots(Machine::Linux, 300, 1, Duration::from_millis(40));
}

#[test]
fn a_machine_16_times() {
    reboots(Machine::Microvm, 16, 2, Duration::from_millis(1000));
}

/// Boots `count` times; about half of the boots are killed within `longest` of being ready, the others lose power.
fn reboots(machine: Machine, count: u64, own_seed: u64, longest: Duration) {
    let seed = std::env::var("KIT_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(own_seed);
    println!("seed {seed} (KIT_SEED={seed} repeats the accidents, not the moments)");
    let mut random = accident::Random::new(seed);
    let checker = build_checker();
    let disk = blank_disk(&format!("power-cut-{}.img", machine.name()), 16);
    let template = Template::new(RECORDS, machine, &disk);
    let mut promises = Promises::default();
    let (mut kills, mut cuts) = (0, 0);
    for number in 0..count {
        let end = if random.below(2) == 0 {
            let end = template.run_and_kill(&mut random, longest);
            kills += 1;
            assert!(end.lines.iter().any(|line| line == "ready"), "boot {number}: {end}");
            end
        } else {
            let end = template.run_until_cut(&mut random);
            cuts += 1;
            assert!(end.others.contains("Os { code: 5,"), "boot {number} did not end by an error: {end}");
            end
        };
        assert!(!end.others.contains("panicked"), "boot {number}: {end}");
        if let Err(broken) = promises.hear(&end.lines) {
            panic!("boot {number}: {broken}\n{end}");
        }
        check(&checker, &disk, promises.acknowledged > 0);
    }
    println!("{kills} kills, {cuts} power cuts, {} acknowledged", promises.acknowledged);
    assert!(promises.acknowledged > count * 2, "too little was done between the accidents");
}

#[test]
fn a_full_disk_is_an_error_and_has_room_again() {
    for (mebibytes, machine) in [(1, Machine::Linux), (8, Machine::Linux), (4, Machine::Microvm)] {
        let disk = blank_disk(&format!("full-{mebibytes}.img"), mebibytes);
        let options = ["--disk", disk.to_str().expect("a path in UTF-8")];
        let filled =
            boot(RECORDS, machine).options(options).arguments(["/data", "fill"]).run().expect_code(0);
        assert!(filled.stdout.contains("round 2: full with") && filled.stdout.contains("emptied"));
        check(&build_checker(), &disk, true);
    }
}

#[test]
fn the_end_of_an_image_is_no_accident() {
    for machine in [Machine::Linux, Machine::Microvm] {
        let disk = blank_disk(&format!("kept-{}.img", machine.name()), 1);
        let options = ["--disk", disk.to_str().expect("a path in UTF-8")];
        for number in 0..3 {
            let told =
                boot(RECORDS, machine).options(options).arguments(["/data", "keep"]).run().expect_code(0);
            assert!(told.stdout.contains(&format!("kept {number}")), "{}", told.transcript());
        }
    }
}

#[test]
fn a_disk_that_cannot_be_used_says_why() {
    let disk = blank_disk("refused.img", 1);
    let path = disk.to_str().expect("a path in UTF-8");
    let run = |option: &str| {
        boot(RECORDS, Machine::Linux).options(["--disk", option]).arguments(["/data", "fill"]).run()
    };
    let read_only = format!("{path}:ro");
    let refused = run(&read_only).expect_code(1);
    assert!(refused.transcript().contains("there is nothing on the disk"), "{}", refused.transcript());
    run(path).expect_code(0);
    let refused = run(&read_only).expect_code(1);
    assert!(refused.transcript().contains("ReadOnlyFilesystem"), "{}", refused.transcript());
    // A partition table of somebody: the disk is not touched.
    let mut bytes = vec![0; 1 << 20];
    bytes[510..512].copy_from_slice(&[0x55, 0xaa]);
    std::fs::write(&disk, &bytes).expect("scratch is writable");
    let refused = run(path).expect_code(1);
    assert!(refused.transcript().contains("something else is on the disk"), "{}", refused.transcript());
    assert!(std::fs::read(&disk).expect("it is there") == bytes, "not a byte was written");
}

/// A file of zeroes.
fn blank_disk(name: &str, mebibytes: usize) -> PathBuf {
    let disk = scratch().join(name);
    std::fs::write(&disk, vec![0; mebibytes << 20]).expect("scratch is writable");
    disk
}

fn build_checker() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).args(["build", "--quiet", "--package", "kit-fs-cow", "--example", "check"]);
    cargo.arg("--message-format=json-render-diagnostics");
    let built = process::run(cargo, b"", LIMIT).expect_code(0);
    kit_tests::kit::executable(&built.stdout).expect("cargo names the program it built")
}

/// Checks the disk itself; before anything was acknowledged it may be blank still.
fn check(checker: &Path, disk: &Path, is_formatted: bool) {
    let mut command = Command::new(checker);
    command.arg(disk);
    let checked = process::run(command, b"", LIMIT);
    if is_formatted || !checked.transcript().contains("there is nothing on the disk") {
        checked.expect_code(0);
    }
}
