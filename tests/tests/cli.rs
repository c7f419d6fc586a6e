//! Bad input: one message that says what, where and what next; exit code 2 for wrong use, 1 for failure; no panic.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use kit_tests::image::{Machine, boot};
use kit_tests::process::{Finished, Running};
use kit_tests::{kit, process, root, scratch, turns};

/// Runs `kit` in `folder` and demands an exit code and words of the message, on standard error alone.
#[track_caller]
fn refuses(folder: &Path, arguments: &[&str], code: i32, words: &[&str]) -> Finished {
    let mut command = kit::command(arguments);
    command.current_dir(folder);
    let output = process::run(command, b"", Duration::from_secs(300)).expect_code(code);
    for word in words {
        assert!(output.stderr.contains(word), "the message lacks {word:?}\n{}", output.transcript());
    }
    assert!(!output.stderr.contains("panicked at"), "{}", output.transcript());
    assert_eq!(output.stdout, "", "a refusal says nothing on standard output");
    output
}

/// A fresh crate with this `src/main.rs` and `kit.toml`.
fn crate_with(name: &str, main: &str, kit_toml: Option<&str>) -> PathBuf {
    let folder = scratch().join("crates").join(name);
    let _ = fs::remove_dir_all(folder.join("src"));
    let _ = fs::remove_file(folder.join("kit.toml"));
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n");
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/main.rs"), main).unwrap();
    if let Some(text) = kit_toml {
        fs::write(folder.join("kit.toml"), text).unwrap();
    }
    folder
}

const EMPTY_MAIN: &str = "fn main() {}\n";

#[test]
fn no_such_path() {
    refuses(root(), &["build", "no/such/folder"], 2, &["no/such/folder"]);
    refuses(root(), &["run", "no/such/folder"], 2, &["no/such/folder"]);
}

#[test]
fn not_a_crate() {
    refuses(root(), &["build", "tests/tests"], 2, &["Cargo.toml"]);
}

#[test]
fn an_unknown_platform() {
    refuses(root(), &["build", "examples/hello", "--platform", "vax"], 2, &["vax", "kvm", "linux"]);
}

#[test]
fn an_unknown_flag_or_command() {
    refuses(root(), &["build", "examples/hello", "--plattform", "kvm"], 2, &["--plattform", "--platform"]);
    refuses(root(), &["biuld"], 2, &["biuld", "build"]);
}

#[test]
fn not_a_program() {
    let folder = crate_with("only-a-library", EMPTY_MAIN, None);
    fs::rename(folder.join("src/main.rs"), folder.join("src/lib.rs")).unwrap();
    refuses(&folder, &["build"], 2, &["only-a-library", "main"]);
}

#[test]
fn two_programs() {
    let folder = crate_with("two-programs", EMPTY_MAIN, None);
    fs::create_dir_all(folder.join("src/bin")).unwrap();
    fs::write(folder.join("src/bin/other.rs"), EMPTY_MAIN).unwrap();
    refuses(&folder, &["build"], 2, &["two-programs", "other", "--bin"]);
}

#[test]
fn a_crate_that_does_not_compile() {
    let folder = crate_with("broken", "fn main() { nothing() }\n", None);
    refuses(&folder, &["build", "--platform", "linux"], 1, &["nothing", "src/main.rs"]);
}

#[test]
fn a_wrong_key_in_kit_toml() {
    let folder = crate_with("wrong-key", EMPTY_MAIN, Some("[image]\nplatfrom = \"kvm\"\n"));
    refuses(&folder, &["build"], 2, &["kit.toml", "platfrom", "platform", "2", "^"]);
    let folder = crate_with("wrong-table", EMPTY_MAIN, Some("[imgae]\nplatform = \"kvm\"\n"));
    refuses(&folder, &["build"], 2, &["kit.toml", "imgae", "image", "^"]);
}

#[test]
fn a_wrong_value_in_kit_toml() {
    let folder = crate_with("wrong-value", EMPTY_MAIN, Some("[image]\nplatform = \"vax\"\n"));
    refuses(&folder, &["build"], 2, &["kit.toml", "vax", "kvm"]);
    let folder = crate_with("wrong-type", EMPTY_MAIN, Some("[image]\nplatform = 3\n"));
    refuses(&folder, &["build"], 2, &["kit.toml", "platform", "string"]);
    let folder = crate_with("wrong-option", EMPTY_MAIN, Some("[config]\nALLOC_BUDDDY = true\n"));
    refuses(&folder, &["build"], 2, &["kit.toml", "ALLOC_BUDDDY", "ALLOC_BUDDY"]);
}

#[test]
fn values_that_cannot_be_are_told_all_at_once_with_reason_and_way_out() {
    let config = "[config]\nNETDEV_NONE = true\nNET_SMOLTCP = true\nSCHED_SLICE_US = 7\nFRAMES_RUNS = 1\n";
    let folder = crate_with("wrong-values", EMPTY_MAIN, Some(config));
    let needs = "kit.toml:3:1: NET_SMOLTCP=y did not take: needs NETDEV != none (is none) \u{2014} set NETDEV_VIRTIO=y";
    let says = [
        needs,
        "3 | NET_SMOLTCP = true\n  | ^^^^^^^^^^^",
        "kit.toml:4:1: SCHED_SLICE_US must be 100 to 1000000, not 7",
        "kit.toml:5:1: FRAMES_RUNS must be true or false, not 1",
    ];
    refuses(&folder, &["build"], 2, &says);
    let elsewhere =
        "[config]\nNET_HOSTSOCKETS = true\nARCH_X86_64 = true\n\n[target.kvm.config]\nALLOC_BUDDY = 0.5\n";
    let folder = crate_with("wrong-places", EMPTY_MAIN, Some(elsewhere));
    let says = [
        "NET_HOSTSOCKETS=y did not take: needs HAS_HOST_KERNEL (is n) \u{2014} set [image] platform = \"linux\"",
        "ARCH_X86_64 has no place in [config]",
        "write `arch = \"x86_64\"` in [image]",
        "kit.toml:6:1: ALLOC_BUDDY must be true or false, not 0.5",
    ];
    refuses(&folder, &["build", "--platform", "kvm"], 2, &says);
}

#[test]
fn kit_toml_that_is_not_toml() {
    let folder = crate_with("not-toml", EMPTY_MAIN, Some("[image\nplatform = \"kvm\"\n"));
    refuses(&folder, &["build"], 2, &["kit.toml", "^"]);
}

#[test]
fn a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let forward = format!("{port}:8080");
    refuses(
        root(),
        &[
            "run",
            "examples/http-min",
            "--platform",
            "kvm",
            "--accel",
            "tcg",
            "-p",
            &forward,
            "--timeout",
            "30",
        ],
        1,
        &[&port],
    );
}

#[test]
fn a_malformed_port() {
    refuses(root(), &["run", "examples/http-min", "-p", "80:http"], 2, &["80:http"]);
    refuses(root(), &["run", "examples/http-min", "-p", "80:99999"], 2, &["99999"]);
}

#[test]
fn too_little_memory_is_said() {
    let output = boot("examples/hello", Machine::Microvm).options(["-m", "1088K", "--timeout", "30"]).run();
    assert_ne!(output.code(), 0, "{}", output.transcript());
    assert_ne!(output.code(), 124, "it must not hang\n{}", output.transcript());
    assert!(output.transcript().to_lowercase().contains("memory"), "{}", output.transcript());
    // Less than the image itself.
    let output = boot("examples/web", Machine::Microvm).options(["-m", "1M", "--timeout", "30"]).run();
    assert!(![0, 124].contains(&output.code()), "{}", output.transcript());
    assert!(output.transcript().to_lowercase().contains("memory"), "{}", output.transcript());
}

#[test]
fn qemu_missing_falls_back_to_linux() {
    kit::build("examples/hello", "linux");
    let mut command = kit::command(["run", "examples/hello", "--", "3"]);
    // A machine without QEMU and without the right to install it: only what Rust itself needs is found.
    command.env("PATH", path_without_qemu()).env("KIT_NO_INSTALL", "1");
    let output = process::run(command, b"", Duration::from_secs(300)).expect_code(3);
    assert!(output.stdout.contains("Hello, world!"), "{}", output.transcript());
    assert!(output.stderr.contains("qemu") || output.stderr.contains("QEMU"), "{}", output.transcript());
}

/// A folder with links to every program on the path but QEMU and the tools that install packages.
fn path_without_qemu() -> PathBuf {
    let folder = scratch().join("path-without-qemu");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for source in std::env::split_paths(&std::env::var_os("PATH").unwrap()) {
        for entry in fs::read_dir(source).into_iter().flatten().flatten() {
            let name = entry.file_name().into_string().unwrap();
            if !name.starts_with("qemu")
                && !["apt-get", "apt", "sudo", "dnf", "pacman"].contains(&name.as_str())
            {
                let _ = std::os::unix::fs::symlink(entry.path(), folder.join(name));
            }
        }
    }
    folder
}

#[test]
fn a_time_out_is_124() {
    for machine in [Machine::Linux, Machine::Microvm] {
        let server = boot("examples/http-min", machine).options(["--timeout", "2"]);
        let server = server.variable("PORT", &kit_tests::image::free_port().to_string());
        server.run().expect_code(124);
    }
}

#[test]
fn ctrl_c_stops_the_guest() {
    for machine in [Machine::Linux, Machine::Microvm] {
        let mut server = boot("examples/http-min", machine).serve();
        let children = children_of(server.process.id());
        assert!(!children.is_empty());
        server.process.interrupt();
        let deadline = Instant::now() + Duration::from_secs(5);
        while server.process.is_running() {
            assert!(Instant::now() < deadline, "kit has not ended after Ctrl-C");
            thread::sleep(Duration::from_millis(10));
        }
        let left: Vec<_> = children.into_iter().filter(|child| is_alive(*child)).collect();
        assert!(left.is_empty(), "the guest still runs: {left:?}");
    }
}

#[test]
fn ctrl_c_during_a_build_leaves_it_buildable() {
    let folder = crate_with("interrupted", EMPTY_MAIN, None);
    let folder = folder.to_str().unwrap();
    for delay in [50, 300, 900] {
        let building = Running::start(kit::command(["build", folder, "--platform", "linux"]), b"");
        thread::sleep(Duration::from_millis(delay));
        building.interrupt();
        let output = building.finish(Duration::from_secs(20));
        assert!(!output.stderr.contains("panicked at"), "{}", output.transcript());
    }
    let _turn = turns::build();
    kit::run(["run", folder, "--platform", "linux"]).expect_code(0);
}

/// The children of every thread of `process`: any of them may have started the guest.
fn children_of(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| numbers(&list)).collect()
}

fn numbers(text: &str) -> Vec<u32> {
    text.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

fn is_alive(process: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    state
        .rsplit(')')
        .next()
        .is_some_and(|rest| !rest.trim_start().starts_with(['Z', 'X']) && !rest.is_empty())
}

/// A symbol that nobody provides is named before the link, with who asks for it.
#[test]
fn a_missing_name_is_reported_with_its_crate() {
    let main = "unsafe extern \"C\" { fn getpwnam_kit_has_not() -> i32; }\nfn main() { println!(\"{}\", unsafe { getpwnam_kit_has_not() }) }\n";
    let folder = crate_with("asks-too-much", main, None);
    let words = ["getpwnam_kit_has_not", "asks"];
    refuses(&folder, &["build", "--platform", "linux"], 1, &words);
    let mut check = kit::command(["check"]);
    check.current_dir(&folder);
    let output = process::run(check, b"", Duration::from_secs(300));
    assert!(output.transcript().contains("getpwnam_kit_has_not"), "{}", output.transcript());
}

#[test]
fn new_crates_build_and_run() {
    let folder = scratch().join("crates/made");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for template in ["hello", "web", "native"] {
        let name = format!("made-{template}");
        let mut command = kit::command(["new", &name, "--template", template]);
        command.current_dir(&folder);
        process::run(command, b"", Duration::from_secs(60)).expect_code(0);
        let app = folder.join(name);
        // What is made stands alone: a workspace above it must not adopt it.
        kit::run(["build", app.to_str().unwrap(), "--platform", "linux"]).expect_code(0);
        if template != "web" {
            let output = kit::run(["run", app.to_str().unwrap(), "--platform", "linux"]).expect_code(0);
            assert!(output.stdout.contains("Hello"), "{}", output.transcript());
        }
    }
    refuses(&folder, &["new", "made-hello", "--template", "hello"], 1, &["made-hello", "exists"]);
    refuses(&folder, &["new", "no good!"], 2, &["no good!"]);
}

#[test]
fn nothing_changed_is_fresh() {
    kit::build("examples/hello", "linux");
    let output = kit::run(["build", "examples/hello", "--platform", "linux"]).expect_code(0);
    assert!(output.transcript().contains("fresh"), "{}", output.transcript());
}

/// `kit … | head -1`: the reader leaves, and kit ends without a panic.
#[test]
fn a_reader_that_leaves_is_no_error() {
    kit::build("examples/hello", "linux");
    for arguments in [&["check", "examples/hello", "--platform", "linux"][..], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = kit::command(arguments);
        let output = command.stdout(writer).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!complaint.contains("panicked at"), "{complaint}");
    }
}

#[test]
fn doctor_says_what_is_there() {
    let mut command = Command::new(kit::path());
    command.arg("doctor").current_dir("/");
    let output = process::run(command, b"", Duration::from_secs(60));
    for word in ["rust", "qemu"] {
        assert!(output.transcript().to_lowercase().contains(word), "{}", output.transcript());
    }
}
