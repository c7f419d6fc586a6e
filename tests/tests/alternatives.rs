//! Other picks than the defaults: the same program runs on each micro-library that a slot offers.

use std::fs;

use kit_tests::image::{Machine, boot};
use kit_tests::{root, scratch, variant};

const PROBE: &str = "tests/apps/probe";

fn runs_on(machine: Machine, name: &str, config: &str) {
    let app = variant::of(PROBE, name, &format!("[config]\n{config}"));
    for part in ["many", "files", "network"] {
        boot(&app, machine).arguments([part]).run().expect_code(0);
    }
}

#[test]
fn buddy_heap_bitmap_frames_and_the_virtio_entropy_device() {
    runs_on(
        Machine::Microvm,
        "buddy",
        "ALLOC_BUDDY = true\nFRAMES_BITMAP = true\nENTROPY_VIRTIO = true\nMAIN_STACK_KIB = 512\n",
    );
}

#[test]
fn a_generator_around_the_entropy_device() {
    runs_on(Machine::Microvm, "entropy-chacha", "ENTROPY_VIRTIO = true\nENTROPY_CHACHA = true\n");
}

#[test]
fn the_entropy_device_over_pci() {
    runs_on(Machine::Q35, "pci", "ENTROPY_VIRTIO = true\n");
}

#[test]
fn the_cooperative_scheduler_in_a_process() {
    runs_on(Machine::Linux, "coop", "SCHED_COOP = true\nFRAMES_BITMAP = true\n");
}

#[test]
fn a_micro_library_from_elsewhere() {
    let folder = scratch().join("alternatives/sched-mine");
    let iface = root().join("libs/sched-coop");
    let write = |file: &str, text: &str| {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("scratch is writable");
        fs::write(path, text).expect("the scratch folder is writable");
    };
    write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"sched-mine\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nkit-sched-coop = {{ path = {iface:?} }}\n\n\
             [[package.metadata.kit.provides]]\nslot = \"sched\"\noption = \"SCHED_MINE\"\n\
             type = \"sched_mine::Mine\"\ninit = \"new()\"\n"
        ),
    );
    write(
        "Kconfig",
        "config SCHED_MINE\n\tbool \"Mine\"\n\thelp\n\t  Choose it here. Costs nothing. Needs nothing.\n",
    );
    write(
        "src/lib.rs",
        "//! A scheduler from elsewhere.\n#![no_std]\npub use kit_sched_coop::Coop as Mine;\n",
    );

    let kit_toml = format!("[config]\nSCHED_MINE = true\n[libs]\nsched-mine = {{ path = {folder:?} }}\n");
    let app = &variant::of(PROBE, "elsewhere", &kit_toml);
    boot(app, Machine::Linux).arguments(["many"]).run().expect_code(0);
    let built = kit_tests::kit::run(["build", app, "--platform", "linux", "--json"]).expect_code(0);
    let built: kit_tests::kit::Built = serde_json::from_str(&built.stdout).expect("it is JSON");
    let source = built.image.with_file_name("root").join("root.rs");
    let source = fs::read_to_string(source).expect("the root is beside the image");
    assert!(source.contains("type Sched = sched_mine::Mine;"), "{source}");
}
