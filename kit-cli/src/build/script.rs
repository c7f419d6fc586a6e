//! The linker script of an image, from the platform's template.

use std::path::{Path, PathBuf};

use handlebars::Handlebars;
use kit_menu::{Package, Platform};

use crate::stamp::write_if_changed;
use crate::tree::Tree;
use crate::{Failure, Result};

/// The template: in the platform's folder, else in `templates/`.
pub fn template(tree: &Tree, package: &Package, platform: &Platform) -> PathBuf {
    let own = package.folder.join(&platform.script);
    if own.exists() { own } else { tree.root.join("templates").join(&platform.script) }
}

/// Writes the script into `output`. `os_object` is the file name of the OS object, which the script uses to lay the
/// text of the OS apart; empty for a native image, which is one unit.
pub fn write(template: &Path, os_object: &str, output: &Path) -> Result<PathBuf> {
    let text = std::fs::read_to_string(template).map_err(|error| Failure::file("read", template, error))?;
    let mut engine = Handlebars::new();
    engine.register_escape_fn(handlebars::no_escape);
    let script = engine.render_template(&text, &serde_json::json!({ "os_object": os_object }));
    let script = script.map_err(|error| Failure::failed(format!("{}: {error}", template.display())))?;
    let path = output.join("kit.ld");
    write_if_changed(&path, script.as_bytes())?;
    Ok(path)
}
