//! The size database: `menu/sizes.toml`, and what the last image of an application says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kit_menu::sizes::{Measured, Sizes};

use super::parts;
use crate::build::plan::Plan;
use crate::stamp::write_if_changed;
use crate::tree::Tree;
use crate::{Failure, Result};

const HEAD: &str = "\
# Bytes of image by option and platform, of the example images: written by `kit size --update`, shown by the menu,
# `kit lib info` and predictions. `ported` and `native` are what an image has besides its options.
";

fn file(tree: &Tree) -> PathBuf {
    tree.root.join("menu/sizes.toml")
}

/// Reads the database. A tree without one has measured nothing.
pub fn load(tree: &Tree) -> Result<Sizes> {
    let path = file(tree);
    match std::fs::read_to_string(&path) {
        Ok(text) => toml::from_str(&text).map_err(|error| Failure::file("read", &path, error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Sizes::default()),
        Err(error) => Err(Failure::file("read", &path, error)),
    }
}

/// Writes the database.
pub fn store(tree: &Tree, sizes: &Sizes) -> Result<PathBuf> {
    let text = toml::to_string(sizes).map_err(|error| Failure::failed(error.to_string()))?;
    let path = file(tree);
    write_if_changed(&path, format!("{HEAD}\n{text}").as_bytes())?;
    Ok(path)
}

/// What the last image of `plan` says about its application; none if there is no complete one.
pub fn of_last_image(plan: &Plan) -> Option<Measured> {
    let image = std::fs::metadata(plan.output.join(format!("{}.elf", plan.project.name))).ok()?.len();
    let on = options_of_last_image(plan)?;
    let options = parts::of_image(plan, &on).ok()?;
    Some(Measured { platform: plan.platform.name.clone(), image, options })
}

/// The options that were `y` in it.
fn options_of_last_image(plan: &Plan) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(plan.dot_config()).ok()?;
    let option = |line: &str| Some(line.strip_prefix("CONFIG_")?.strip_suffix("=y")?.to_string());
    Some(text.lines().filter_map(option).collect())
}

/// The bytes of image that are no option's.
pub fn rest(measured: &Measured) -> u64 {
    measured.image.saturating_sub(measured.options.values().sum())
}

/// Joins measurements: of each option the most that an application had of it.
pub fn most(measurements: &[Measured]) -> BTreeMap<String, u64> {
    let mut most: BTreeMap<String, u64> = BTreeMap::new();
    for (option, bytes) in measurements.iter().flat_map(|measured| &measured.options) {
        let entry = most.entry(option.clone()).or_default();
        *entry = (*entry).max(*bytes);
    }
    most
}
