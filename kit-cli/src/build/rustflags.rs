//! Flags of every crate of a ported app: those of its author, then ours.
//!
//! Cargo takes flags from the first of four places that has any, and ignores the others: the environment's
//! `CARGO_ENCODED_RUSTFLAGS`, its `RUSTFLAGS`, `target.*.rustflags`, `build.rustflags` (The Cargo Book, Configuration,
//! `build.rustflags`). So ours join them in the place that counts.

use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};

use crate::toolchain::TARGET;

/// Our own: no relocation at run time, no shared library.
const OURS: [&str; 2] = ["-Crelocation-model=static", "-Ctarget-feature=+crt-static"];

/// Flags in an encoding that keeps blanks.
const ENCODED: &str = "CARGO_ENCODED_RUSTFLAGS";

/// Adds the flags to a compilation in `folder`; the command must be before its `--`.
pub fn add(command: &mut Command, folder: &Path) {
    let variable = |name: &str| std::env::var(name).ok().filter(|flags| !flags.trim().is_empty());
    let of_target = format!("CARGO_TARGET_{}_RUSTFLAGS", TARGET.to_uppercase().replace('-', "_"));
    let configs: Vec<Table> = config_files(folder).iter().filter_map(|file| read(file)).collect();
    let flags = if let Some(flags) = variable(ENCODED) {
        flags.split('\x1f').map(String::from).collect()
    } else if let Some(flags) = variable("RUSTFLAGS") {
        words(&flags)
    } else if variable(&of_target).is_some() || configs.iter().any(has_target_flags) {
        // Only cargo knows which of them apply; lists join.
        command.arg("--config").arg(format!("target.{TARGET}.rustflags={OURS:?}"));
        return;
    } else {
        let of_files = configs.iter().rev().flat_map(build_flags);
        of_files.chain(variable("CARGO_BUILD_RUSTFLAGS").iter().flat_map(|flags| words(flags))).collect()
    };
    let all: Vec<&str> = flags.iter().map(String::as_str).chain(OURS).collect();
    command.env_remove("RUSTFLAGS").env(ENCODED, all.join("\x1f"));
}

/// The files that configure cargo in `folder`, the nearest first.
pub fn config_files(folder: &Path) -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let mut files: Vec<PathBuf> = folder
        .ancestors()
        .map(|above| above.join(".cargo/config.toml"))
        .chain(home.map(|home| home.join("config.toml")))
        .collect();
    // The user's own folder may be above the app's.
    let mut seen = Vec::new();
    files.retain(|file| {
        !seen.contains(file) && {
            seen.push(file.clone());
            true
        }
    });
    files
}

/// A file that cargo would refuse is left to cargo.
fn read(file: &Path) -> Option<Table> {
    std::fs::read_to_string(file).ok()?.parse().ok()
}

fn has_target_flags(config: &Table) -> bool {
    let targets = config.get("target").and_then(Value::as_table).into_iter().flatten();
    targets
        .filter(|(name, _)| *name == TARGET || name.starts_with("cfg("))
        .any(|(_, target)| target.get("rustflags").is_some())
}

fn build_flags(config: &Table) -> Vec<String> {
    match config.get("build").and_then(|build| build.get("rustflags")) {
        Some(Value::String(flags)) => words(flags),
        Some(Value::Array(flags)) => flags.iter().filter_map(Value::as_str).map(String::from).collect(),
        _ => Vec::new(),
    }
}

fn words(flags: &str) -> Vec<String> {
    flags.split_whitespace().map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_flags_are_read() {
        let flags = |text: &str| build_flags(&text.parse().unwrap());
        assert_eq!(flags("[build]\nrustflags = '--cfg a  -Cx'"), ["--cfg", "a", "-Cx"]);
        assert_eq!(flags("[build]\nrustflags = ['--cfg', 'a=\"b c\"']"), ["--cfg", "a=\"b c\""]);
        assert!(flags("[build]\njobs = 1").is_empty());
    }

    #[test]
    fn flags_of_targets_are_noticed() {
        let has = |text: &str| has_target_flags(&text.parse().unwrap());
        assert!(has("[target.x86_64-unknown-linux-gnu]\nrustflags = ['-Cx']"));
        assert!(has("[target.'cfg(unix)']\nrustflags = ['-Cx']"));
        assert!(!has("[target.aarch64-unknown-linux-gnu]\nrustflags = ['-Cx']"));
        assert!(!has("[target.x86_64-unknown-linux-gnu]\nlinker = 'clang'"));
    }
}
