//! Fills the shelf: the crates of the kit tree, and those that the app's `[libs]` adds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand};
use kit_menu::shelf::Metadata;
use kit_menu::{Package, Shelf};
use serde::{Deserialize, Serialize};

use crate::stamp::{self, write_if_changed};
use crate::tree::Tree;
use crate::{Failure, Result};

/// The shelf of the tree, with `libs` (name and dependency, as in a manifest) from outside. `scratch` is a folder in
/// which cargo can be asked about them.
pub fn load(tree: &Tree, libs: &BTreeMap<String, String>, scratch: &Path) -> Result<Shelf> {
    let Contents { mut shelf, .. } = contents(tree)?;
    if !libs.is_empty() {
        let manifest = probe(libs);
        let file = scratch.join("libs").join("Cargo.toml");
        write_if_changed(&file, manifest.as_bytes())?;
        write_if_changed(&file.with_file_name("lib.rs"), b"")?;
        let more: Shelf = stamp::cached("libs", &manifest, || of_libs(&file, libs))?;
        shelf.packages.extend(more.packages);
    }
    shelf.packages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(shelf)
}

/// Cargo's target folder of the tree, in which the OS is compiled: what images have in common is compiled once.
pub fn target_folder(tree: &Tree) -> Result<PathBuf> {
    Ok(contents(tree)?.target_folder)
}

#[derive(Serialize, Deserialize)]
struct Contents {
    shelf: Shelf,
    target_folder: PathBuf,
}

fn contents(tree: &Tree) -> Result<Contents> {
    let elsewhere = std::env::var("CARGO_TARGET_DIR").unwrap_or_default();
    stamp::cached("shelf", &format!("{}\n{elsewhere}", tree.root.display()), || of_the_tree(tree))
}

fn of_the_tree(tree: &Tree) -> Result<(Contents, Vec<PathBuf>)> {
    let manifest = tree.root.join("Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(&manifest).current_dir(&tree.root).no_deps().exec();
    let metadata =
        metadata.map_err(|error| Failure::failed(format!("cargo metadata of the kit tree: {error}")))?;
    // Members are globs: a new folder changes the one above it, and nothing else.
    let mut inputs = vec![manifest];
    let mut shelf = Shelf::default();
    for package in &metadata.packages {
        let manifest = package.manifest_path.as_std_path();
        let folder = manifest.parent().unwrap_or(manifest);
        inputs.push(manifest.to_path_buf());
        inputs.extend(folder.parent().map(Path::to_path_buf));
        shelf.packages.push(Package {
            name: package.name.to_string(),
            folder: folder.to_path_buf(),
            dependency: format!("{{ path = {:?} }}", folder.to_string_lossy()),
            metadata: kit_metadata(package)?,
            uses: uses(package),
        });
    }
    let target_folder = metadata.target_directory.into_std_path_buf();
    Ok((Contents { shelf, target_folder }, inputs))
}

fn kit_metadata(package: &cargo_metadata::Package) -> Result<Metadata> {
    let Some(kit) = package.metadata.get("kit") else { return Ok(Metadata::default()) };
    serde_json::from_value(kit.clone()).map_err(|error| {
        Failure::failed(format!("{}: [package.metadata.kit]: {error}", package.manifest_path))
    })
}

fn uses(package: &cargo_metadata::Package) -> Vec<String> {
    let own = package.dependencies.iter().filter(|one| one.kind == DependencyKind::Normal);
    own.map(|dependency| dependency.name.clone()).collect()
}

/// A package that depends on all of `libs`, for `cargo metadata` to find them wherever they are.
fn probe(libs: &BTreeMap<String, String>) -> String {
    let mut text = String::from(
        "[package]\nname = \"libs\"\nedition = \"2024\"\n\n[lib]\npath = \"lib.rs\"\n\n[workspace]\n\n",
    );
    text.push_str("[dependencies]\n");
    for (name, dependency) in libs {
        text.push_str(&format!("{name} = {dependency}\n"));
    }
    text
}

fn of_libs(manifest: &Path, libs: &BTreeMap<String, String>) -> Result<(Shelf, Vec<PathBuf>)> {
    let metadata = MetadataCommand::new().manifest_path(manifest).exec();
    let metadata = metadata.map_err(|error| Failure::failed(format!("[libs] of kit.toml: {error}")))?;
    let mut shelf = Shelf::default();
    let mut inputs = vec![manifest.to_path_buf()];
    for (name, dependency) in libs {
        let package = metadata.packages.iter().find(|package| package.name.as_str() == name);
        let Some(package) = package else {
            return Err(Failure::usage(format!("[libs] {name}: no crate of that name is there")));
        };
        if package.metadata.get("kit").is_none() {
            return Err(Failure::usage(format!(
                "[libs] {name}: {} has no [package.metadata.kit], so it fills no slot",
                package.manifest_path
            )));
        }
        let file = package.manifest_path.as_std_path();
        inputs.push(file.to_path_buf());
        shelf.packages.push(Package {
            name: name.clone(),
            folder: file.parent().unwrap_or(file).to_path_buf(),
            dependency: dependency.clone(),
            metadata: kit_metadata(package)?,
            uses: uses(package),
        });
    }
    Ok((shelf, inputs))
}
