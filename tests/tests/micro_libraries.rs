//! Every micro-library's folder has what a reader, the menu and the suites need: `kit lib check` says so. What it
//! demands, and that it notices what is missing, is tested in `kit-cli/tests/library.rs`.

use std::fs;

use kit_tests::{kit, root};

#[test]
fn each_is_in_order() {
    let finished = kit::run(["lib", "check"]);
    finished.expect_code(0);
}

#[test]
fn each_slot_has_a_suite() {
    let slots = fs::read_dir(root().join("libs/iface")).unwrap().map(|entry| entry.unwrap().path());
    let without: Vec<_> = slots
        .filter(|slot| slot.join("Cargo.toml").exists())
        .filter(|slot| {
            let manifest = fs::read_to_string(slot.join("Cargo.toml")).unwrap();
            let is_slot = manifest.contains("[package.metadata.kit]") && manifest.contains("slot =");
            is_slot && !slot.join("src/conformance.rs").exists() && !slot.join("src/conformance").exists()
        })
        .collect();
    assert!(without.is_empty(), "no conformance suite: {without:?}");
}
