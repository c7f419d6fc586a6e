//! What was not picked is not there: no symbol and no byte of it in the image.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use kit_menu::Package;
use object::{Object, ObjectSymbol};

use super::{Row, Space};
use crate::kit::Built;
use crate::root;

/// The crates that tell which micro-libraries an image has, by micro-library.
pub struct Traces {
    /// The options of each micro-library, and the crates that only it brings along, itself included.
    libraries: Vec<(Vec<String>, BTreeSet<String>)>,
}

impl Traces {
    /// Of the micro-libraries of this tree, with the crates below them as the lock file has them.
    pub fn of(space: &Space) -> Self {
        let dependencies = dependencies();
        let libraries: Vec<&Package> = space.shelf().packages.iter().filter(|one| is_library(one)).collect();
        // What the program or the rest of the OS can reach as well is no trace.
        let others = space.shelf().packages.iter().filter(|one| !is_library(one));
        let shared: BTreeSet<String> = others.flat_map(|one| reached(&dependencies, &one.name)).collect();
        let below = |package: &Package| reached(&dependencies, &package.name);
        let trace = |package: &&Package| {
            let rivals = libraries.iter().filter(|other| other.name != package.name);
            let of_rivals: BTreeSet<String> = rivals.flat_map(|other| below(other)).collect();
            let own = below(package).into_iter();
            let own = own
                .filter(|name| !shared.contains(name) && !of_rivals.contains(name))
                .chain([package.name.clone()]);
            let options = package.metadata.provides.iter().map(|provides| provides.option.clone()).collect();
            (options, own.map(|name| name.replace('-', "_")).collect())
        };
        Self { libraries: libraries.iter().map(trace).collect() }
    }

    /// What of the micro-libraries that `row` does not pick is in its image, a line each. Also how many of the crates
    /// of those that it does pick were found, so that a reader that sees nothing is noticed.
    pub fn of_others(&self, space: &Space, row: &Row, built: &Built) -> (Vec<String>, usize) {
        let picked = space.options_in_image(row);
        let is_picked = |options: &[String]| options.iter().any(|option| picked.contains(option));
        let crates = crates_with_symbols(built);
        let image = fs::read(&built.image).expect("the image can be read");
        let mut found = Vec::new();
        let mut seen = 0;
        for (options, own) in &self.libraries {
            if is_picked(options) {
                seen += own.iter().filter(|name| crates.contains_key(*name)).count();
                continue;
            }
            for name in own {
                let symbols = crates.get(name).into_iter().flatten().take(3);
                found.extend(symbols.map(|symbol| format!("{}: the symbol {symbol}", options.join(" "))));
                // Texts of a crate name it: the place of a panic, the name of a type.
                let texts = [format!("{name}::"), format!("/{}/src/", name.replace('_', "-"))];
                let is_there =
                    |text: &&String| image.windows(text.len()).any(|window| window == text.as_bytes());
                let texts = texts.iter().filter(is_there);
                found.extend(texts.map(|text| format!("{}: the text {text:?}", options.join(" "))));
            }
        }
        (found, seen)
    }
}

/// A folder of the shelf that a person can leave out.
fn is_library(package: &Package) -> bool {
    !package.metadata.provides.is_empty() && package.metadata.platform.is_none()
}

/// The crates whose names occur in symbols of the image, with those symbols.
fn crates_with_symbols(built: &Built) -> BTreeMap<String, Vec<String>> {
    let bytes = fs::read(built.with_symbols()).expect("the symbols can be read");
    let file = object::File::parse(&*bytes).expect("the symbols are an ELF file");
    let mut crates: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for symbol in file.symbols().filter(|symbol| symbol.is_definition()) {
        let Ok(name) = rustc_demangle::try_demangle(symbol.name().unwrap_or_default()) else { continue };
        let name = format!("{name:#}");
        // A crate may also be an argument of somebody else's generic function.
        for start in paths(&name) {
            crates.entry(start.to_string()).or_default().push(name.clone());
        }
    }
    crates
}

/// The first words of all paths in a demangled name.
fn paths(name: &str) -> impl Iterator<Item = &str> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    name.match_indices("::").filter_map(move |(end, _)| {
        let head = &name[..end];
        let start = head.rfind(|letter| !is_word(letter)).map_or(0, |index| index + 1);
        let is_first = !head[..start].ends_with("::");
        (is_first && start < end).then_some(&head[start..])
    })
}

/// Which crate names which, by the tree's lock file.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(root().join("Cargo.lock")).expect("the tree has a lock file");
    let lock: toml::Table = toml::from_str(&text).expect("the lock file is TOML");
    let packages = lock["package"].as_array().expect("it lists packages");
    let text = |value: &toml::Value| {
        value.as_str().unwrap_or_default().split(' ').next().unwrap_or_default().to_string()
    };
    let entry = |package: &toml::Value| {
        let below = package.get("dependencies").and_then(|list| list.as_array());
        (text(&package["name"]), below.into_iter().flatten().map(text).collect())
    };
    packages.iter().map(entry).collect()
}

fn reached(dependencies: &BTreeMap<String, Vec<String>>, from: &str) -> BTreeSet<String> {
    let (mut stack, mut seen) = (vec![from.to_string()], BTreeSet::new());
    while let Some(name) = stack.pop() {
        if seen.insert(name.clone()) {
            stack.extend(dependencies.get(&name).into_iter().flatten().cloned());
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_of_paths() {
        let name = "<kit_net::Stack<kit_nic::virtio::Card> as core::fmt::Debug>::fmt";
        assert_eq!(paths(name).collect::<Vec<_>>(), ["kit_net", "kit_nic", "core"]);
    }
}
