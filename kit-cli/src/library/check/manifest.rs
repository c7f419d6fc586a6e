//! The metadata of kit in `Cargo.toml`.

use kit_menu::kconfig::codes::{NO_METADATA, WRONG_METADATA};
use kit_menu::shelf::{Metadata, Provides};
use kit_menu::{Package, Shelf};

use super::report::{Read, Report};
use crate::tree::Tree;

const EXAMPLE: &str = "see libs/sched-coop/Cargo.toml of the kit tree";

/// Checks the metadata; the crate, if it can be told what it is.
pub fn check(report: &mut Report, tree: &Tree, shelf: &Shelf) -> Option<Package> {
    let Some(manifest) = report.read("Cargo.toml") else {
        report.absent(NO_METADATA, "Cargo.toml", EXAMPLE);
        return None;
    };
    let table: toml::Table = match manifest.text().parse() {
        Ok(table) => table,
        Err(error) => {
            let message = format!("this is not TOML: {}", error.message());
            report.complain(&manifest, NO_METADATA, "", message, EXAMPLE);
            return None;
        }
    };
    let package = table.get("package").and_then(toml::Value::as_table);
    let metadata = package.and_then(|package| package.get("metadata")?.get("kit")).cloned();
    let name = package.and_then(|package| package.get("name")?.as_str()).unwrap_or_default().to_string();
    let Some(metadata) = metadata else {
        let message = "there is no [package.metadata.kit]".to_string();
        report.complain(&manifest, NO_METADATA, "[package]", message, EXAMPLE);
        return None;
    };
    let metadata: Metadata = match metadata.try_into() {
        Ok(metadata) => metadata,
        Err(error) => {
            let message = error.message().to_string();
            report.complain(&manifest, WRONG_METADATA, "package.metadata.kit", message, EXAMPLE);
            return None;
        }
    };
    if metadata.provides.is_empty() && metadata.option.is_none() {
        let message = "the metadata names neither a slot (`provides`) nor an `option`".to_string();
        report.complain(&manifest, NO_METADATA, "package.metadata.kit", message, EXAMPLE);
        return None;
    }
    for provides in &metadata.provides {
        check_provides(report, &manifest, shelf, &name, provides);
    }
    let is_of_platform = metadata.platform.is_some();
    let folder = report.folder.clone();
    if !is_of_platform && folder.starts_with(tree.root.join("libs")) {
        check_folder_name(report, &manifest, &metadata);
    }
    Some(Package { name, folder, dependency: String::new(), metadata, uses: Vec::new() })
}

fn check_provides(report: &mut Report, manifest: &Read, shelf: &Shelf, name: &str, provides: &Provides) {
    let Provides { slot, option, r#type, .. } = provides;
    if !shelf.slots().any(|known| known.name == slot) {
        let names: Vec<&str> = shelf.slots().map(|slot| slot.name).collect();
        let near = kit_menu::did_you_mean(slot, names.iter().copied());
        let near = near.map_or(String::new(), |near| format!(", did you mean `{near}`?"));
        let message = format!("there is no slot `{slot}`{near}");
        let help = format!("slots: {}", names.join(", "));
        report.complain(manifest, WRONG_METADATA, &format!("{slot:?}"), message, &help);
        return;
    }
    // The symbols of a platform are named after the platform, which fills several slots.
    let prefixes = [format!("{}_", slot.to_uppercase()), "PLATFORM_".to_string()];
    if !prefixes.iter().any(|prefix| option.starts_with(prefix.as_str())) {
        let message = format!("{option} fills the slot {slot} and is not named after it");
        let help = format!("name it {}…", prefixes[0]);
        report.complain(manifest, WRONG_METADATA, &format!("{option:?}"), message, &help);
    }
    let own = name.replace('-', "_");
    if r#type.split("::").next() != Some(own.as_str()) {
        let message = format!("the type {type} is not of this crate", type = r#type);
        let help = format!("it begins with {own}::");
        report.complain(manifest, WRONG_METADATA, &format!("{:?}", r#type), message, &help);
    }
}

fn check_folder_name(report: &mut Report, manifest: &Read, metadata: &Metadata) {
    let folder = report.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some(provides) = metadata.provides.first() else { return };
    if !folder.starts_with(&format!("{}-", provides.slot)) {
        let message = format!("the folder {folder} is not found by the choice of its slot");
        let help = format!("call it {}-…", provides.slot);
        report.complain(manifest, WRONG_METADATA, &format!("{:?}", provides.slot), message, &help);
    }
}
