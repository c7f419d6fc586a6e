//! The same app with other picks: a copy of it below the build directory, with a `kit.toml` of its own; and which picks
//! a slot has.

use std::fs;
use std::path::Path;

use kit_cli::{shelf, tree::Tree};
use kit_menu::shelf::Provider;

use crate::{root, scratch};

/// The micro-libraries of a slot that have this choice in the menu, by the ends of their names, with their options:
/// `("tlsf", "ALLOC_TLSF")`. Wrappers are not among them.
pub fn on_the_shelf(slot: &str) -> Vec<(String, String)> {
    implementations(slot, |_| true)
}

/// Those of [`on_the_shelf`] that do not lack a feature.
pub fn on_the_shelf_with(slot: &str, feature: &str) -> Vec<(String, String)> {
    implementations(slot, |one| !one.lacks(feature))
}

fn implementations(slot: &str, has: impl Fn(&Provider) -> bool) -> Vec<(String, String)> {
    let tree = Tree { root: root().to_path_buf() };
    let shelf = shelf::load(&tree, &Default::default(), Path::new("")).expect("the kit tree is in order");
    let prefix = format!("kit-{slot}-");
    let of_slot = |one: &Provider| one.provides.slot == slot && one.provides.wraps.is_none() && has(one);
    let name = |one: Provider| {
        Some((one.package.name.strip_prefix(&prefix)?.to_string(), one.provides.option.clone()))
    };
    shelf.providers().filter(of_slot).filter_map(name).collect()
}

/// A copy of `app` (a path from the tree's root) whose `kit.toml` is this text; its folder, as [`crate::image::boot`]
/// takes it. `name` tells the copies apart: each has a folder of its own, so that tests may run side by side.
#[track_caller]
pub fn of(app: &str, name: &str, kit_toml: &str) -> String {
    let (source, folder) = (root().join(app), scratch().join("variants").join(name));
    copy(&source, &folder, &source);
    write(&folder.join("kit.toml"), kit_toml);
    folder.to_str().expect("the build directory is text").to_string()
}

/// Copies a crate without what was built in it. Paths of its manifest keep what they lead to.
fn copy(from: &Path, to: &Path, app: &Path) {
    fs::create_dir_all(to).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
    let entries = fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    for entry in entries.map(|entry| entry.expect("a folder can be listed").path()) {
        let name = entry.file_name().expect("an entry has a name").to_string_lossy().into_owned();
        let target = to.join(&name);
        match name.as_str() {
            "target" | "kit.toml" => {}
            _ if entry.is_dir() => copy(&entry, &target, app),
            "Cargo.toml" => {
                let manifest = fs::read_to_string(&entry).expect("a manifest is text");
                let manifest = manifest.replace("path = \"../", &format!("path = \"{}/../", app.display()));
                let workspace = if manifest.contains("[workspace]") { "" } else { "\n[workspace]\n" };
                write(&target, &(manifest + workspace));
            }
            _ => {
                let text =
                    fs::read_to_string(&entry).unwrap_or_else(|error| panic!("{}: {error}", entry.display()));
                write(&target, &text);
            }
        }
    }
}

/// Writes what has changed, so that cargo sees what has not.
fn write(file: &Path, text: &str) {
    if fs::read_to_string(file).ok().as_deref() != Some(text) {
        fs::write(file, text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}
