//! The linker script of an image, from the platform's template.

use std::path::{Path, PathBuf};

use handlebars::Handlebars;
use kit_menu::{Package, Platform};

use crate::stamp::{self, write_if_changed};
use crate::tree::Tree;
use crate::{Failure, Result};

/// The template: in the platform's folder, else in `templates/`.
pub fn template(tree: &Tree, package: &Package, platform: &Platform) -> PathBuf {
    let own = package.folder.join(&platform.script);
    if own.exists() { own } else { tree.root.join("templates").join(&platform.script) }
}

/// Writes the script into `output`. `os_object` is the file name of the OS object, which the script uses to lay the
/// text of the OS apart; empty for a native image, which is one unit. The script's name
/// changes with its contents, so that cargo links anew.
pub fn write(template: &Path, os_object: &str, output: &Path) -> Result<PathBuf> {
    let text = std::fs::read_to_string(template).map_err(|error| Failure::file("read", template, error))?;
    let mut engine = Handlebars::new();
    engine.register_escape_fn(handlebars::no_escape);
    let script = engine.render_template(&text, &serde_json::json!({ "os_object": os_object }));
    let script = script.map_err(|error| Failure::failed(format!("{}: {error}", template.display())))?;
    let name = format!("kit-{:016x}.ld", stamp::hash(script.as_bytes()));
    let path = output.join(&name);
    write_if_changed(&path, script.as_bytes())?;
    for entry in std::fs::read_dir(output).into_iter().flatten().flatten() {
        let other = entry.file_name().to_string_lossy().into_owned();
        if other.starts_with("kit-") && other.ends_with(".ld") && other != name {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(path)
}
