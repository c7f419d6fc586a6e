//! Other picks than the defaults: the same program runs on each micro-library that a slot offers.

use std::fs;
use std::path::PathBuf;

use kit_tests::image::{Machine, boot};
use kit_tests::{root, scratch};

/// A copy of an example with this `[config]`. Each has a folder of its own, so that tests may run side by side.
fn app_with(name: &str, config: &str) -> PathBuf {
    let folder = scratch().join("alternatives").join(name);
    let source = root().join("tests/apps/probe");
    fs::create_dir_all(folder.join("src")).expect("the scratch folder is writable");
    for file in fs::read_dir(source.join("src")).expect("the app has sources") {
        let file = file.expect("a folder can be listed").path();
        let to = folder.join("src").join(file.file_name().expect("a file has a name"));
        fs::copy(&file, to).expect("the scratch folder is writable");
    }
    let manifest = fs::read_to_string(source.join("Cargo.toml")).expect("the app has a manifest");
    let workspace = if manifest.contains("[workspace]") { "" } else { "\n[workspace]\n" };
    fs::write(folder.join("Cargo.toml"), manifest + workspace).expect("the scratch folder is writable");
    fs::copy(source.join("Cargo.lock"), folder.join("Cargo.lock")).expect("the scratch folder is writable");
    fs::write(folder.join("kit.toml"), format!("[config]\n{config}"))
        .expect("the scratch folder is writable");
    folder
}

fn runs_on(machine: Machine, name: &str, config: &str) {
    let app = app_with(name, config);
    let app = app.to_str().expect("the path is text");
    for part in ["many", "files", "network"] {
        boot(app, machine).arguments([part]).run().expect_code(0);
    }
}

#[test]
fn buddy_heap_bitmap_frames_and_the_virtio_entropy_device() {
    runs_on(Machine::Microvm, "buddy", "ALLOC_BUDDY = true\nFRAMES_BITMAP = true\nENTROPY_VIRTIO = true\n");
}

#[test]
fn the_entropy_device_over_pci() {
    runs_on(Machine::Q35, "pci", "ENTROPY_VIRTIO = true\n");
}

#[test]
fn the_cooperative_scheduler_in_a_process() {
    runs_on(Machine::Linux, "coop", "SCHED_COOP = true\nFRAMES_BITMAP = true\n");
}
