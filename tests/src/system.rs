//! Programs of the host that tests need, installed where they are missing. A test that cannot run fails; none is
//! skipped.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::{process, turns};

/// How long the system's package manager may take.
const LIMIT: Duration = Duration::from_secs(500);

/// Makes sure that `program` is on the path, from Debian's `packages`.
#[track_caller]
pub fn need(program: &str, packages: &[&str]) {
    if is_on_path(program) {
        return;
    }
    // One at a time on this machine: the package manager locks, and a second one gives up.
    let _turn = turns::build();
    if is_on_path(program) {
        return;
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        process::run(command, b"", LIMIT)
    };
    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    let mut output = apt(&install);
    if output.code() != 0 {
        // A fresh Debian has no package lists at all.
        apt(&["update"]);
        output = apt(&install);
    }
    assert!(is_on_path(program), "{program} is missing, and so is {packages:?}\n{}", output.transcript());
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
}
