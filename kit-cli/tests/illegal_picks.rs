//! Picks that do not go together are refused before anything is compiled: what, where, why, and what to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate with this `kit.toml`, in a folder of its own.
fn app(name: &str, kit_toml: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("illegal_picks").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("kit.toml"), kit_toml).unwrap();
    folder
}

/// What `kit build` says of a choice, without the lines that show the place.
#[track_caller]
fn refused(name: &str, kit_toml: &str, expected: &str) {
    let folder = app(name, kit_toml);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut kit = Command::new(env!("CARGO_BIN_EXE_kit"));
    kit.current_dir(&folder).arg("build").env("KIT_ROOT", root).env_remove("CARGO_TARGET_DIR");
    let output = kit.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let line = said.lines().find_map(|line| line.strip_prefix("kit: kit.toml:"));
    assert_eq!(line, Some(expected), "{said}");
    let outputs = fs::read_dir(folder.join("target/kit")).into_iter().flatten().flatten();
    let images: Vec<_> =
        outputs.map(|entry| entry.path().join("app.elf")).filter(|image| image.exists()).collect();
    assert!(images.is_empty(), "{images:?} was built");
}

const LINUX: &str = "[image]\nplatform = \"linux\"\n";

#[test]
fn a_stack_without_a_card() {
    refused(
        "card",
        "[config]\nNET_SMOLTCP = true\nNETDEV_NONE = true\n",
        "2:1: NET_SMOLTCP=y did not take: needs NETDEV != none (is none) \u{2014} set NETDEV_VIRTIO=y",
    );
}

#[test]
fn a_stack_with_a_worker_and_no_threads() {
    refused(
        "threads",
        "[config]\nNET_SMOLTCP = true\nSCHED_SINGLE = true\n",
        "2:1: NET_SMOLTCP=y did not take: needs THREADS != none (is none) \u{2014} set SCHED_RR=y",
    );
}

#[test]
fn what_draws_random_bytes_and_no_source() {
    for (option, name) in
        [("NET_SMOLTCP", "smoltcp"), ("NET_UDP_MINI", "udpmini"), ("ENTROPY_CHACHA", "chacha")]
    {
        refused(
            name,
            &format!("[config]\n{option} = true\nENTROPY_NONE = true\n"),
            &format!(
                "2:1: {option}=y did not take: needs ENTROPY != none (is none) \u{2014} set ENTROPY_RDRAND=y"
            ),
        );
    }
}

#[test]
fn the_sockets_of_a_host_that_is_not_there() {
    refused(
        "sockets",
        "[config]\nNET_HOSTSOCKETS = true\n",
        "2:1: NET_HOSTSOCKETS=y did not take: needs HAS_HOST_KERNEL (is n) \u{2014} set [image] platform = \"linux\"",
    );
}

#[test]
fn a_tap_in_a_virtual_machine() {
    refused(
        "tap",
        "[config]\nNETDEV_TAP = true\n",
        "2:1: NETDEV_TAP=y did not take: needs HAS_HOST_KERNEL (is n) \u{2014} set [image] platform = \"linux\"",
    );
}

#[test]
fn a_recording_of_no_card() {
    refused(
        "pcap",
        "[config]\nNETDEV_PCAP = true\nNETDEV_NONE = true\n",
        "2:1: NETDEV_PCAP=y did not take: needs NETDEV != none (is none) \u{2014} set NETDEV_VIRTIO=y",
    );
}

#[test]
fn virtual_devices_in_a_process() {
    for (option, name) in
        [("ENTROPY_VIRTIO", "entropy"), ("BLOCK_VIRTIO", "block"), ("NETDEV_VIRTIO", "netdev")]
    {
        refused(
            name,
            &format!("{LINUX}[config]\n{option} = true\n"),
            &format!(
                "4:1: {option}=y did not take: needs HAS_VIRTIO (is n) \u{2014} set [image] platform = \"kvm\""
            ),
        );
    }
}

#[test]
fn a_serial_port_in_a_process() {
    refused(
        "serial",
        &format!("{LINUX}[config]\nCONSOLE_SERIAL = true\n"),
        "4:1: CONSOLE_SERIAL=y did not take: needs HAS_SERIAL_PORT (is n) \u{2014} set [image] platform = \"kvm\"",
    );
}

#[test]
fn a_filesystem_on_a_disk_that_is_not_there() {
    refused(
        "disk",
        "[[mount]]\nat = \"/data\"\ntype = \"cow\"\nsource = \"disk0\"\n",
        "3:8: FS_COW=y did not take: needs BLOCK != none (is none) \u{2014} set BLOCK_VIRTIO=y",
    );
    refused(
        "disk-of-process",
        &format!("{LINUX}[[mount]]\nat = \"/data\"\ntype = \"fat\"\nsource = \"disk0\"\n"),
        "5:8: FS_FAT=y did not take: needs BLOCK != none (is none) \u{2014} set BLOCK_FILE=y",
    );
}

#[test]
fn a_folder_of_the_host_by_the_other_platforms_way() {
    refused(
        "share",
        &format!("{LINUX}[[mount]]\nat = \"/data\"\ntype = \"9p\"\nsource = \"data\"\n"),
        "5:8: FS_9P=y did not take: needs HAS_VIRTIO (is n) \u{2014} set [image] platform = \"kvm\"",
    );
}

#[test]
fn faults_around_no_disk() {
    refused(
        "fault",
        "[config]\nBLOCK_FAULT = true\n",
        "2:1: BLOCK_FAULT=y did not take: needs BLOCK != none (is none) \u{2014} set BLOCK_VIRTIO=y",
    );
}

#[test]
fn two_members_of_one_choice() {
    refused(
        "two",
        "[config]\nALLOC_TLSF = true\nALLOC_BUDDY = true\n",
        "2:1: ALLOC_TLSF=y did not take: ALLOC_BUDDY was set later in the same choice",
    );
}

#[test]
fn a_number_of_what_is_not_picked_and_one_out_of_range() {
    refused(
        "number",
        "[config]\nSCHED_COOP = true\nSCHED_SLICE_US = 5000\n",
        "3:1: SCHED_SLICE_US=5000 did not take: needs SCHED_RR (is n) \u{2014} set SCHED_RR=y",
    );
    refused("range", "[config]\nSCHED_SLICE_US = 50\n", "2:1: SCHED_SLICE_US must be 100 to 1000000, not 50");
}
