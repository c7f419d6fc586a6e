//! Whether an image is up to date, found out without starting cargo: by the stamp of everything that went into it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Built;
use super::exports::LIST;
use super::plan::Plan;
use crate::stamp::{Stamp, write_if_changed};
use crate::toolchain::Toolchain;

/// Variables of the environment that change what cargo builds.
const VARIABLES: [&str; 8] = [
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
    "RUSTC",
    "RUSTC_WRAPPER",
    // The time of what kit packs.
    "SOURCE_DATE_EPOCH",
];

#[derive(Serialize, Deserialize)]
struct Memory {
    key: String,
    stamp: Stamp,
    built: Built,
}

fn key(plan: &Plan) -> String {
    let variables = VARIABLES.map(|name| std::env::var(name).unwrap_or_default());
    let profile: Vec<_> = std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PROFILE_")).collect();
    // Crates that share a target folder (CARGO_TARGET_DIR) may have programs of one name.
    let (app, kind) = (plan.project.folder.display(), &plan.project.kind);
    let (tree, output) = (plan.tree.root.display(), plan.output.display());
    // The command line may mount more than kit.toml does.
    let mounts = &plan.mounts;
    format!(
        "{} {kind:?} {app} {tree} {output} {mounts:?} {variables:?} {profile:?}",
        env!("CARGO_PKG_VERSION")
    )
}

fn file(plan: &Plan) -> PathBuf {
    plan.output.join("build.json")
}

/// The image, if nothing has changed since it was built.
pub fn find(plan: &Plan) -> Option<Built> {
    // A build script may read any file, and only cargo knows which.
    if plan.project.has_build_script {
        return None;
    }
    let memory: Memory = serde_json::from_slice(&std::fs::read(file(plan)).ok()?).ok()?;
    let is_it = memory.key == key(plan) && memory.stamp.is_current();
    is_it.then(|| Built { fresh: true, stages: Vec::new(), ..memory.built })
}

/// Remembers a finished build. `sources` are the files that the compilers read.
pub fn remember(plan: &Plan, built: &Built, sources: Vec<PathBuf>, tools: &Toolchain) {
    let root = &plan.tree.root;
    let mut files = sources;
    files.extend(plan.project.manifests.iter().cloned());
    files.extend([
        plan.project.kit_toml.path().to_path_buf(),
        plan.script(),
        plan.dot_config(),
        root.join("Cargo.lock"),
        root.join(LIST),
    ]);
    files.extend(
        std::fs::read_dir(root.join("templates")).into_iter().flatten().flatten().map(|entry| entry.path()),
    );
    for package in &plan.shelf.packages {
        files.extend([package.folder.join("Cargo.toml"), package.folder.join(package.leaf())]);
        files.extend(package.folder.parent().map(PathBuf::from));
    }
    files.extend([tools.libraries(), built.image.clone(), built.symbols.clone()]);
    files.extend(std::env::current_exe().ok());
    files.extend(std::env::home_dir().map(|home| home.join(".rustup/settings.toml")));
    let memory = Memory { key: key(plan), stamp: Stamp::of(files), built: built.clone() };
    // Without it, the next build only takes longer.
    if let Ok(text) = serde_json::to_vec(&memory) {
        let _ = write_if_changed(&file(plan), &text);
    }
}
