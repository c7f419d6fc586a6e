//! A micro-library outside of the tree, from nothing to a booted image: `libs/WRITE_YOUR_OWN.md`, word for word.
//!
//! The blocks of that page are run in order, each from the folder where the page began. `sh` must succeed, `sh fails` must
//! fail; `text` is in the output of the block before it; `rust FILE` is written to that file.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use kit_tests::image::{Machine, boot};
use kit_tests::{kit, process, root, scratch};

/// A block of the page: what stands behind the three backticks, and what is in it.
struct Block {
    kind: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let inside = lines.by_ref().take_while(|line| *line != "```");
            let text = inside.map(|line| format!("{line}\n")).collect();
            blocks.push(Block { kind: kind.to_string(), text });
        }
    }
    blocks
}

/// A fresh folder of this test.
fn fresh(name: &str) -> PathBuf {
    let folder = scratch().join("out-of-tree").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the build directory can be written");
    folder
}

/// A shell in `folder`, in which `kit` is the command that was just built.
fn shell(folder: &Path, script: &str) -> process::Finished {
    let mut command = Command::new("sh");
    command.args(["-euc", script]).current_dir(folder);
    let programs = kit::path().parent().expect("the command is in a folder").as_os_str().to_owned();
    let path = env::join_paths(
        [programs.clone()]
            .iter()
            .map(PathBuf::from)
            .chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())),
    );
    command.env("PATH", path.expect("folders of the PATH have no separators")).env("KIT_ROOT", root());
    for name in ["CARGO_TARGET_DIR", "CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    process::run(command, b"", Duration::from_secs(600))
}

#[test]
fn the_page_about_your_own_allocator_is_true() {
    let page = fs::read_to_string(root().join("libs/WRITE_YOUR_OWN.md")).expect("the page is there");
    let folder = fresh("page");
    let blocks = blocks(&page);
    assert!(blocks.len() > 12, "the page has lost its blocks");
    let mut output = String::new();
    for Block { kind, text } in &blocks {
        match kind.split_once(' ').unwrap_or((kind, "")) {
            ("sh", "") => output = shell(&folder, text).expect_code(0).transcript(),
            ("sh", "fails") => {
                let finished = shell(&folder, text);
                assert_ne!(finished.code(), 0, "this has not failed: {text}\n{}", finished.transcript());
                output = finished.transcript();
            }
            ("text", "") => assert!(output.contains(text.trim_end()), "no {text:?} in\n{output}"),
            ("rust", file) => fs::write(folder.join(file), text).expect("the folder is there"),
            _ => panic!("the page has a block of an unknown kind: {kind:?}"),
        }
    }
    // What the page leaves out because it takes QEMU.
    let app = folder.join("app-mine");
    let app = app.to_str().expect("the build directory is text");
    let output = boot(app, Machine::Microvm).run().expect_code(0);
    assert!(output.stdout.contains("Hello, world!"), "{}", output.transcript());
}

#[test]
fn every_slot_has_something_to_begin_with() {
    let folder = fresh("slots");
    let refused = shell(&folder, "kit new lib mine --slot nonsense").expect_code(2);
    let list = refused.stderr.split_once("slots: ").unwrap_or_else(|| panic!("{}", refused.transcript())).1;
    let slots: Vec<&str> =
        list.trim().split(", ").map(|slot| slot.split(' ').next().unwrap_or(slot)).collect();
    for expected in ["alloc", "sched", "console", "entropy", "netdev", "frames"] {
        assert!(slots.contains(&expected), "no {expected} in {list}");
    }
    for slot in slots {
        let name = format!("{slot}-mine");
        shell(&folder, &format!("kit new lib {name} --slot {slot}")).expect_code(0);
        shell(&folder, &format!("kit lib check {name}")).expect_code(0);
    }
    // One of them by its tests, as what they are made of is the same; the page does it with a heap.
    shell(&folder, "cd sched-mine && cargo test --quiet").expect_code(0);
    // The other names of the same slots.
    shell(&folder, "kit new lib by-type --slot heap && kit new lib nic-mine --slot nic").expect_code(0);
    let chosen = shell(
        &folder,
        "kit new lib rr-mine --slot sched --from sched-rr && grep -h option rr-mine/Cargo.toml",
    );
    assert!(chosen.expect_code(0).stdout.contains("option = \"SCHED_RR_MINE\""));
    for (script, word) in [
        ("kit new lib mine", "slots:"),
        ("kit new lib mine --slot sched --from nothing", "sched-coop"),
        ("kit new lib 'no good' --slot sched", "no good"),
        ("kit new one two --slot sched", "kit new lib two"),
        ("kit new lib sched-coop --slot sched", "SCHED_COOP"),
    ] {
        let refused = shell(&folder, script).expect_code(2);
        assert!(refused.stderr.contains(word), "{script}: {}", refused.transcript());
    }
    shell(&folder, "kit new lib sched-mine --slot sched").expect_code(1);
}
