//! Changing `kit.toml` in place: what a person wrote, comments and order included, stays as it is.

use std::path::{Path, PathBuf};

use kit_menu::Setting;
use toml_edit::{DocumentMut, InlineTable, Item, Table, Value};

use crate::stamp::write_if_changed;
use crate::{Failure, Result};

/// A `kit.toml` that is being changed. Nothing is on the disk before [`save`](Self::save).
#[derive(Clone, Debug)]
pub struct Edit {
    path: PathBuf,
    document: DocumentMut,
}

impl Edit {
    /// Opens the file; one that does not exist yet is empty.
    pub fn open(path: &Path) -> Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Failure::file("read", path, error)),
        };
        let document = text.parse::<DocumentMut>();
        let document =
            document.map_err(|error| Failure::usage(format!("{}: {error}", path.display()).trim_end()))?;
        Ok(Self { path: path.to_path_buf(), document })
    }

    /// Gives an option a value: in the overlay of `platform` if that has one for it, else in `[config]`.
    pub fn set(&mut self, option: &str, value: &Setting, platform: &str) -> Result<()> {
        let value = match value {
            Setting::Bool(value) => Value::from(*value),
            Setting::Int(value) => Value::from(*value),
            Setting::Text(value) => Value::from(value.as_str()),
        };
        let overlay = overlay(&mut self.document, platform, "config");
        if let Some(key) = overlay.as_ref().and_then(|table| key_of(*table, option))
            && let Some(table) = overlay
        {
            replace(table, &key, value);
            return Ok(());
        }
        let table = section(&mut self.document, &self.path, "config")?;
        let key = key_of(table, option).unwrap_or_else(|| option.to_string());
        replace(table, &key, value);
        Ok(())
    }

    /// Removes an option, from `[config]` and from the overlay of `platform`.
    pub fn unset(&mut self, option: &str, platform: &str) {
        let overlay_has = overlay(&mut self.document, platform, "config");
        if let Some(table) = overlay_has
            && let Some(key) = key_of(table, option)
        {
            table.remove(&key);
        }
        if let Some(table) = self.document.get_mut("config").and_then(Item::as_table_like_mut)
            && let Some(key) = key_of(table, option)
        {
            table.remove(&key);
        }
    }

    /// Sets a key of `[image]`.
    pub fn set_image(&mut self, key: &str, value: &str) -> Result<()> {
        replace(section(&mut self.document, &self.path, "image")?, key, Value::from(value));
        Ok(())
    }

    /// Names a micro-library in `[libs]`, with a dependency as in a manifest: keys and values in order.
    pub fn set_library(&mut self, name: &str, dependency: &[(String, Value)]) -> Result<()> {
        let value = match dependency {
            [(key, version)] if key == "version" => version.clone(),
            _ => Value::InlineTable(dependency.iter().cloned().collect::<InlineTable>()),
        };
        replace(section(&mut self.document, &self.path, "libs")?, name, value);
        Ok(())
    }

    /// Removes a micro-library from `[libs]` and from every overlay. Returns whether it was there.
    pub fn remove_library(&mut self, name: &str) -> bool {
        let mut tables: Vec<&mut dyn toml_edit::TableLike> = Vec::new();
        for (key, item) in self.document.iter_mut() {
            match (key.get(), item) {
                ("libs", libs) => tables.extend(libs.as_table_like_mut()),
                ("target", targets) => {
                    for (_, platform) in
                        targets.as_table_like_mut().into_iter().flat_map(|all| all.iter_mut())
                    {
                        tables.extend(platform.get_mut("libs").and_then(Item::as_table_like_mut));
                    }
                }
                _ => {}
            }
        }
        let mut was_there = false;
        for table in tables {
            was_there |= table.remove(name).is_some();
        }
        was_there
    }

    /// The text as it would be saved.
    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// Writes the file as a whole, or leaves it alone if nothing is different.
    pub fn save(&self) -> Result<()> {
        write_if_changed(&self.path, self.text().as_bytes())
    }
}

/// A table of the document, made if it is missing.
fn section<'a>(
    document: &'a mut DocumentMut,
    path: &Path,
    name: &str,
) -> Result<&'a mut dyn toml_edit::TableLike> {
    if !document.contains_key(name) {
        let mut table = Table::new();
        // Comments at the end of the file stay where they are: above the new table.
        let comments = document.trailing().as_str().unwrap_or_default().trim_end().to_string();
        if !comments.is_empty() {
            document.set_trailing("");
            let gap = if document.is_empty() { "\n" } else { "\n\n" };
            table.decor_mut().set_prefix(format!("{comments}{gap}"));
        }
        document.insert(name, Item::Table(table));
    }
    let item = document.get_mut(name);
    item.and_then(Item::as_table_like_mut)
        .ok_or_else(|| Failure::usage(format!("{}: `{name}` must be a table: [{name}]", path.display())))
}

/// `[target.<platform>.<name>]`, if it is there.
fn overlay<'a>(
    document: &'a mut DocumentMut,
    platform: &str,
    name: &str,
) -> Option<&'a mut dyn toml_edit::TableLike> {
    document.get_mut("target")?.get_mut(platform)?.get_mut(name)?.as_table_like_mut()
}

/// The key that stands for an option: its name, or the name as `.config` has it.
fn key_of(table: &(impl toml_edit::TableLike + ?Sized), option: &str) -> Option<String> {
    [option.to_string(), format!("CONFIG_{option}")].into_iter().find(|key| table.contains_key(key))
}

/// Replaces a value and keeps what stands around it: spaces, and a comment at the end of the line.
fn replace(table: &mut (impl toml_edit::TableLike + ?Sized), key: &str, mut value: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(present) => {
            *value.decor_mut() = present.decor().clone();
            *present = value;
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str) -> Edit {
        Edit { path: "kit.toml".into(), document: text.parse().unwrap() }
    }

    #[test]
    fn what_a_person_wrote_stays() {
        let mut edit = edit(
            "# My shop.\n[image]\nplatform = \"kvm\" # for now\n\n[config]\n# Many clients.\nNET_SOCKETS = 100   # enough\nALLOC_TLSF = true\n",
        );
        edit.set("NET_SOCKETS", &Setting::Int(200), "kvm").unwrap();
        edit.set("NET_IP", &Setting::Text("10.0.0.2/24".into()), "kvm").unwrap();
        edit.unset("ALLOC_TLSF", "kvm");
        edit.set_image("platform", "linux").unwrap();
        assert_eq!(
            edit.text(),
            "# My shop.\n[image]\nplatform = \"linux\" # for now\n\n[config]\n# Many clients.\nNET_SOCKETS = 200   # enough\nNET_IP = \"10.0.0.2/24\"\n"
        );
    }

    #[test]
    fn an_empty_file_gets_its_tables() {
        let mut edit = edit("");
        edit.set("SCHED_COOP", &Setting::Bool(true), "kvm").unwrap();
        edit.set_library("mine", &[("path".to_string(), Value::from("../mine"))]).unwrap();
        edit.set_library("theirs", &[("version".to_string(), Value::from("1.2"))]).unwrap();
        assert_eq!(
            edit.text(),
            "[config]\nSCHED_COOP = true\n\n[libs]\nmine = { path = \"../mine\" }\ntheirs = \"1.2\"\n"
        );
        assert!(edit.remove_library("mine"));
        assert!(!edit.remove_library("mine"));
        assert!(edit.text().ends_with("[libs]\ntheirs = \"1.2\"\n"));
    }

    #[test]
    fn comments_at_the_end_stay_above_what_is_new() {
        let mut of_comments = edit("# Mine.\n");
        of_comments.set("SCHED_COOP", &Setting::Bool(true), "kvm").unwrap();
        assert_eq!(of_comments.text(), "# Mine.\n[config]\nSCHED_COOP = true\n");
        let mut template = edit("[config]\n# A = true\n\n[run]\n# memory = \"16M\"\n");
        template.set("SCHED_COOP", &Setting::Bool(true), "kvm").unwrap();
        template.set_image("platform", "linux").unwrap();
        assert_eq!(
            template.text(),
            "[config]\nSCHED_COOP = true\n# A = true\n\n[run]\n# memory = \"16M\"\n\n[image]\nplatform = \"linux\"\n"
        );
    }

    #[test]
    fn an_overlay_is_changed_where_it_is() {
        let text = "[config]\nSCHED_COOP = true\n\n[target.linux.config]\nCONFIG_SCHED_COOP = false\n";
        let mut on_linux = edit(text);
        on_linux.set("SCHED_COOP", &Setting::Bool(true), "linux").unwrap();
        assert!(on_linux.text().ends_with("CONFIG_SCHED_COOP = true\n"));
        let mut on_kvm = edit(text);
        on_kvm.set("SCHED_COOP", &Setting::Bool(false), "kvm").unwrap();
        assert!(on_kvm.text().starts_with("[config]\nSCHED_COOP = false\n"));
        let mut gone = edit(text);
        gone.unset("SCHED_COOP", "linux");
        assert_eq!(gone.text(), "[config]\n\n[target.linux.config]\n");
    }

    #[test]
    fn a_section_that_is_no_table_is_refused() {
        let failure = edit("config = 3\n").set("A", &Setting::Bool(true), "kvm").unwrap_err();
        assert_eq!(failure.message, "kit.toml: `config` must be a table: [config]");
    }
}
