//! `kit new` and `kit init`: a first app from `templates/new/<template>/`, a micro-library from one of the tree
//! ([`library`]), and a `kit.toml` for a crate that exists.

mod library;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use handlebars::Handlebars;

use crate::stamp::write_if_changed;
use crate::tree::Tree;
use crate::{Failure, Result};

/// Arguments of `kit new`.
#[derive(Args)]
pub struct NewArgs {
    /// Name of the app and of its folder; `lib` for a micro-library, whose name comes next
    pub name: String,
    /// Name of the micro-library and of its folder: `kit new lib NAME --slot SLOT`
    #[arg(value_name = "LIBRARY", conflicts_with = "template")]
    pub library: Option<String>,
    /// The slot that the micro-library fills, such as heap
    #[arg(long, value_name = "SLOT", requires = "library")]
    pub slot: Option<String>,
    /// The micro-library of the tree that it begins as [default: the smallest of the slot]
    #[arg(long, value_name = "LIBRARY", requires = "library")]
    pub from: Option<String>,
    /// What the app starts as
    #[arg(long, default_value = "hello", value_name = "TEMPLATE")]
    pub template: String,
}

/// Arguments of `kit init`.
#[derive(Args)]
pub struct InitArgs {
    /// Folder of the crate
    pub path: Option<PathBuf>,
}

/// `kit new NAME --template TEMPLATE`, `kit new lib NAME --slot SLOT`.
pub fn new(arguments: &NewArgs) -> Result<u8> {
    let NewArgs { name, template, slot, from, .. } = arguments;
    match &arguments.library {
        Some(library) if name == "lib" => return library::new(library, slot.as_deref(), from.as_deref()),
        Some(library) => {
            let message = format!(
                "two names, `{name}` and `{library}`: for a micro-library say `kit new lib {library}`"
            );
            return Err(Failure::usage(message));
        }
        None => check_name(name, "an app")?,
    }
    let tree = Tree::find()?;
    let templates = tree.root.join("templates/new");
    let source = templates.join(template);
    if !source.is_dir() || template.contains('/') || template.starts_with('.') {
        let mut known: Vec<_> = fs::read_dir(&templates)
            .map_err(|error| Failure::file("read", &templates, error))?
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| !name.contains('.'))
            .collect();
        known.sort();
        return Err(Failure::usage(format!(
            "there is no template `{template}`; templates: {}",
            known.join(", ")
        )));
    }
    make_whole(Path::new(name), &format!("`kit init {name}`"), |folder| {
        render(&tree, &source, folder, name)
    })?;
    println!("made {name}/: `kit run {name}` boots it, `cargo run` in it runs it here");
    Ok(0)
}

/// `kit init [PATH]`.
pub fn init(arguments: &InitArgs) -> Result<u8> {
    let folder = arguments.path.as_deref().unwrap_or(Path::new("."));
    if !folder.join("Cargo.toml").is_file() {
        return Err(Failure::usage(format!(
            "{} has no Cargo.toml: run `kit init` in the folder of a crate, or make one by `kit new NAME`",
            folder.display()
        )));
    }
    let file = folder.join("kit.toml");
    if file.exists() {
        return Err(Failure::failed(format!("{} exists already", file.display())));
    }
    let text = Tree::find()?.template("kit.toml")?;
    write_if_changed(&file, text.as_bytes())?;
    println!("made {}: `kit run` boots the crate", file.display());
    Ok(0)
}

/// Makes a folder that is not there yet, all or nothing: it gets its name when it is complete. `instead` is what else
/// one might have meant.
fn make_whole(folder: &Path, instead: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let name = folder.display();
    if folder.exists() {
        return Err(Failure::failed(format!("{name} exists already: choose another name, or {instead}")));
    }
    let scratch = PathBuf::from(format!(".{name}.{}.new", std::process::id()));
    let made = make(&scratch)
        .and_then(|()| fs::rename(&scratch, folder).map_err(|error| Failure::file("make", folder, error)));
    made.inspect_err(|_| {
        let _ = fs::remove_dir_all(&scratch);
    })
}

fn check_name(name: &str, what: &str) -> Result<()> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(Failure::usage(format!("`{name}` cannot name {what}: a letter, then letters, digits, `-` and `_`")))
}

/// Renders every file below `source` into `target`; `.hbs` falls off its name.
fn render(tree: &Tree, source: &Path, target: &Path, name: &str) -> Result<()> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(handlebars::no_escape);
    let data = serde_json::json!({
        "name": name, "library": name.replace('-', "_"), "tree": tree.root.to_string_lossy(),
    });
    for entry in fs::read_dir(source).map_err(|error| Failure::file("read", source, error))?.flatten() {
        let path = entry.path();
        let file_name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            render(tree, &path, &target.join(&file_name), name)?;
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, error))?;
        let text = match file_name.ends_with(".hbs") {
            true => engine
                .render_template(&text, &data)
                .map_err(|error| Failure::failed(format!("{}: {error}", path.display())))?,
            false => text,
        };
        write_if_changed(&target.join(file_name.trim_end_matches(".hbs")), text.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        for good in ["app", "my-app", "a1_b"] {
            assert_eq!(check_name(good, "an app"), Ok(()));
        }
        for bad in ["", "1a", "no good!", "../x", "-x"] {
            assert_eq!(check_name(bad, "an app").unwrap_err().code, 2, "{bad}");
        }
    }
}
