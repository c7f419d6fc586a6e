//! The examples stand alone: each is a package as a user has it.

use std::fs;
use std::process::Command;

use kit_tests::root;

fn apps() -> Vec<std::path::PathBuf> {
    let folders = ["examples", "tests/apps"].map(|folder| fs::read_dir(root().join(folder)).unwrap());
    folders.into_iter().flatten().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
}

#[test]
fn each_is_a_package_with_its_own_lock_file() {
    for app in apps() {
        for file in ["Cargo.toml", "Cargo.lock"] {
            assert!(app.join(file).exists(), "{} has no {file}", app.display());
        }
        // A native app is a library: its `main` belongs to the image.
        let is_app = ["src/main.rs", "src/lib.rs"].iter().any(|file| app.join(file).exists());
        assert!(is_app, "{} has no program", app.display());
    }
}

/// They are not members of the workspace, so `cargo fmt --check` at the root passes them by.
#[test]
fn each_is_formatted() {
    for app in apps() {
        let mut cargo = Command::new(env!("CARGO"));
        let output = cargo.current_dir(&app).args(["fmt", "--check"]).output().unwrap();
        assert!(output.status.success(), "{}\n{}", app.display(), String::from_utf8_lossy(&output.stdout));
    }
}
