//! `kit new lib`: a micro-library in a folder of its own, which begins as a copy of one of the tree.
//!
//! A copy and not a template, because a micro-library of the tree is known to work: what a slot asks for today is in it,
//! with its menu entry, its README and its tests. Which one is copied is not written anywhere; it is the smallest of its
//! slot, unless `--from` names another.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kit_menu::shelf::{Provider, Slot};
use kit_menu::{Package, Shelf};
use toml_edit::{DocumentMut, InlineTable, Item, Table, Value, value};

use super::make_whole;
use crate::stamp::write_if_changed;
use crate::tree::Tree;
use crate::{Failure, Result, shelf};

/// Makes the micro-library `name` for the slot that `slot` means, as a copy of `from`.
pub fn new(name: &str, slot: Option<&str>, from: Option<&str>) -> Result<u8> {
    super::check_name(name, "a micro-library")?;
    let tree = Tree::find()?;
    let shelf = shelf::load(&tree, &BTreeMap::new(), Path::new(""))?;
    let slot = find_slot(&shelf, slot)?;
    let model = match from {
        Some(wanted) => named(&shelf, slot, wanted)?,
        None => smallest(&shelf, slot).ok_or_else(|| no_model(&shelf, slot.name))?,
    };
    let copy = Copy::new(&shelf, name, slot, model)?;
    make_whole(Path::new(name), &format!("`kit lib check {name}`"), |folder| copy.write(&tree, folder))?;
    let like = model.package.folder.file_name().unwrap_or_default().to_string_lossy();
    println!(
        "made {name}/, which is {like} under another name so far: `cargo test` in it runs the suite of the slot,\n\
         `kit add --path {name}` in the folder of an app chooses {}",
        copy.option
    );
    Ok(0)
}

/// The slot whose name or type the word is: `alloc` and `heap` are one.
fn find_slot<'a>(shelf: &'a Shelf, word: Option<&str>) -> Result<Slot<'a>> {
    let Some(word) = word else {
        return Err(Failure::usage(format!(
            "for which slot? `kit new lib NAME --slot SLOT`; slots: {}",
            known_slots(shelf)
        )));
    };
    let means = |slot: &Slot| slot.name == word || slot.alias.eq_ignore_ascii_case(word);
    let found = shelf.slots().find(means).filter(|slot| smallest(shelf, *slot).is_some());
    found.ok_or_else(|| no_model(shelf, word))
}

fn no_model(shelf: &Shelf, word: &str) -> Failure {
    Failure::usage(format!(
        "there is no slot `{word}` that a micro-library can fill; slots: {}",
        known_slots(shelf)
    ))
}

/// The slots that have a model, with their types' names where those say more.
fn known_slots(shelf: &Shelf) -> String {
    let named = |slot: Slot| {
        let alias = slot.alias.to_lowercase();
        if alias == slot.name { slot.name.to_string() } else { format!("{} ({alias})", slot.name) }
    };
    let slots = shelf.slots().filter(|slot| smallest(shelf, *slot).is_some());
    slots.map(named).collect::<Vec<_>>().join(", ")
}

/// What can be copied: micro-libraries with a suite, that do something.
fn models<'a>(shelf: &'a Shelf, slot: Slot<'a>) -> impl Iterator<Item = Provider<'a>> {
    shelf.providers().filter(move |one| {
        one.provides.slot == slot.name
            && one.provides.wraps.is_none()
            && one.package.metadata.platform.is_none()
            && !one.package.name.ends_with("-none")
            && one.package.folder.join("tests/conformance.rs").is_file()
    })
}

/// The model with the least source. One that is a shell around a published crate teaches nothing, so it comes last.
fn smallest<'a>(shelf: &'a Shelf, slot: Slot<'a>) -> Option<Provider<'a>> {
    models(shelf, slot)
        .min_by_key(|model| (leans_on_others(model.package), source_bytes(&model.package.folder.join("src"))))
}

fn named<'a>(shelf: &'a Shelf, slot: Slot<'a>, wanted: &str) -> Result<Provider<'a>> {
    let is_it = |model: &Provider| {
        let name = &model.package.name;
        name == wanted || name.strip_prefix("kit-") == Some(wanted) || model.provides.option == wanted
    };
    models(shelf, slot).find(is_it).ok_or_else(|| {
        let names =
            models(shelf, slot).map(|model| model.package.name.trim_start_matches("kit-").to_string());
        let names = names.collect::<Vec<_>>().join(", ");
        Failure::usage(format!("there is no `{wanted}` of slot {} to copy; there are: {names}", slot.name))
    })
}

/// Whether the crate depends on one of the registry.
fn leans_on_others(package: &Package) -> bool {
    let manifest = fs::read_to_string(package.folder.join("Cargo.toml")).unwrap_or_default();
    let Ok(manifest) = manifest.parse::<DocumentMut>() else { return true };
    let dependencies = manifest.get("dependencies").and_then(Item::as_table_like);
    dependencies.is_some_and(|table| table.iter().any(|(_, dependency)| dependency.get("path").is_none()))
}

fn source_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let bytes = |path: PathBuf| match path.is_dir() {
        true => source_bytes(&path),
        false => fs::metadata(&path).map_or(0, |metadata| metadata.len()),
    };
    entries.map(bytes).sum()
}

/// A copy to be: what stands in the model, and what stands in its place.
struct Copy<'a> {
    name: &'a str,
    option: String,
    model: Provider<'a>,
    words: [(String, String); 4],
}

impl<'a> Copy<'a> {
    fn new(shelf: &Shelf, name: &'a str, slot: Slot, model: Provider<'a>) -> Result<Self> {
        let theirs = model.package.name.as_str();
        let (prefix, upper) =
            (format!("{}_", slot.name.to_uppercase()), |text: &str| text.replace('-', "_").to_uppercase());
        // `heap-mine` and `alloc-mine` are both ALLOC_MINE.
        let alias = format!("{}_", slot.alias.to_uppercase());
        let own = upper(name);
        let own = own.strip_prefix(&prefix).or(own.strip_prefix(&alias)).unwrap_or(&own);
        let option = format!("{prefix}{own}");
        if own.is_empty() || shelf.providers().any(|other| other.provides.option == option) {
            return Err(Failure::usage(format!(
                "`{name}` would be {option}, as one of the kit tree is: choose another name"
            )));
        }
        let folder = theirs.trim_start_matches("kit-");
        let words = [
            (model.provides.option.clone(), option.clone()),
            (theirs.replace('-', "_"), name.replace('-', "_")),
            (theirs.to_string(), name.to_string()),
            (folder.to_string(), name.to_string()),
        ];
        Ok(Self { name, option, model, words })
    }

    fn write(&self, tree: &Tree, folder: &Path) -> Result<()> {
        let source = &self.model.package.folder;
        for part in ["src", "tests"] {
            self.copy_folder(&source.join(part), &folder.join(part))?;
        }
        let like = self.words[3].0.clone();
        let leaf = self.renamed(&source.join(self.model.package.leaf()))?;
        write(
            &folder.join(self.model.package.leaf()),
            &with_prompt(&leaf, &self.option, &format!("{} (a copy of {like} so far)", self.name)),
        )?;
        let readme = read(&source.join("README.md"))?;
        let body = readme.split_once('\n').map_or("", |(_, body)| body);
        write(&folder.join("README.md"), &format!("# {}: a copy of {like} so far\n{body}", self.name))?;
        write(&folder.join("Cargo.toml"), &self.manifest(tree)?)?;
        write(&folder.join(".gitignore"), "/target\n")?;
        // The versions that the tree is known to work with.
        match fs::read(tree.root.join("Cargo.lock")) {
            Ok(lock) => write_if_changed(&folder.join("Cargo.lock"), &lock),
            Err(_) => Ok(()),
        }
    }

    fn copy_folder(&self, from: &Path, to: &Path) -> Result<()> {
        for entry in fs::read_dir(from).map_err(|error| Failure::file("read", from, error))?.flatten() {
            let (path, target) = (entry.path(), to.join(entry.file_name()));
            match path.is_dir() {
                true => self.copy_folder(&path, &target)?,
                false => write(&target, &self.renamed(&path)?)?,
            }
        }
        Ok(())
    }

    /// A file of the model with the new names.
    fn renamed(&self, file: &Path) -> Result<String> {
        let text = read(file)?;
        Ok(self.words.iter().fold(text, |text, (old, new)| text.replace(old, new)))
    }

    /// The model's manifest for a crate that stands alone: nothing comes from a workspace, and paths lead into the tree.
    fn manifest(&self, tree: &Tree) -> Result<String> {
        let file = self.model.package.folder.join("Cargo.toml");
        let broken = |error: toml_edit::TomlError| Failure::failed(format!("{}: {error}", file.display()));
        let mut manifest: DocumentMut = self.renamed(&file)?.parse().map_err(broken)?;
        let edition = read(&tree.root.join("Cargo.toml"))?.parse::<DocumentMut>().map_err(broken)?;
        let edition = edition["workspace"]["package"]["edition"].as_str().unwrap_or("2024").to_string();
        let package = &mut manifest["package"];
        if let Some(package) = package.as_table_mut() {
            package.retain(|_, item| item.get("workspace").is_none());
        }
        package["version"] = value("0.1.0");
        package["edition"] = value(edition);
        manifest.remove("lints");
        for table in ["dependencies", "dev-dependencies"] {
            let Some(dependencies) = manifest.get_mut(table).and_then(Item::as_table_mut) else { continue };
            for (_, dependency) in dependencies.iter_mut() {
                if let Some(dependency) = dependency.as_inline_table_mut() {
                    lead_into_the_tree(dependency, &self.model.package.folder);
                }
            }
        }
        // Stands alone, whatever is around it.
        manifest["workspace"] = Item::Table(Table::new());
        Ok(manifest.to_string())
    }
}

/// Makes the path of a dependency, relative to `folder`, absolute.
fn lead_into_the_tree(dependency: &mut InlineTable, folder: &Path) {
    let Some(path) = dependency.get("path").and_then(Value::as_str) else { return };
    let place = folder.join(path);
    let place = place.canonicalize().unwrap_or(place);
    dependency.insert("path", place.to_string_lossy().into_owned().into());
}

/// The leaf with another prompt for `option`: two entries of the menu that read alike could not be told apart.
fn with_prompt(leaf: &str, option: &str, prompt: &str) -> String {
    let mut is_its = false;
    let mut line = |line: &str| {
        match line.strip_prefix("config ").or(line.strip_prefix("menuconfig ")) {
            Some(name) => is_its = name.trim() == option,
            None if is_its && line.trim_start().starts_with("bool ") => {
                // What is below in the help is text.
                is_its = false;
                return format!("\tbool \"{prompt}\"\n");
            }
            None => {}
        }
        format!("{line}\n")
    };
    leaf.lines().map(&mut line).collect()
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| Failure::file("read", file, error))
}

fn write(file: &Path, text: &str) -> Result<()> {
    write_if_changed(file, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_replaced_where_it_is_the_options() {
        let leaf = "config A_B\n\tbool \"Old\"\n\thelp\n\t  bool stays\n\nconfig A_B_SIZE\n\tint \"Size\"\n";
        let new = "config A_B\n\tbool \"New\"\n\thelp\n\t  bool stays\n\nconfig A_B_SIZE\n\tint \"Size\"\n";
        assert_eq!(with_prompt(leaf, "A_B", "New"), new);
    }
}
