//! `exports.toml` lists exactly the names that the macros define.
//!
//! Both are text, so both are read as text: the file is written anew from the macros' source and compared. After
//! a change of the exports, `KIT_BLESS=1 cargo test -p kit-posix-shim --test exports` writes the new file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const HEADER: &str = "\
# The C names that the POSIX shim provides, by group. A group is one macro `export_<group>!` of the composed root;
# one with a `slot` exists only in images that fill that slot, and one with a `feature` only where the filler has that.
# `data` are variables; `stubs` link, and answer ENOSYS.
# Written by `KIT_BLESS=1 cargo test -p kit-posix-shim --test exports`; the same test keeps it true.
";

/// Groups that the root exports only where a slot is filled, by something with a feature.
const SLOTS: [(&str, &str, Option<&str>); 3] =
    [("random", "entropy", None), ("sockets", "net", None), ("spawning", "sched", Some("threads"))];

#[derive(Default)]
struct Group {
    names: BTreeSet<String>,
    data: BTreeSet<String>,
    stubs: BTreeSet<String>,
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources are readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The identifier at the front of `text`.
fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn read_macro(body: &str, group: &mut Group) {
    let mut in_stubs = false;
    for line in body.lines().map(str::trim) {
        if line == "$crate::c_stubs! {" {
            in_stubs = true;
        } else if line == "}" {
            in_stubs = false;
        } else if in_stubs {
            group.stubs.extend(line.split_whitespace().map(str::to_owned));
        } else if let Some(rest) = line.strip_prefix("fn ") {
            group.names.insert(identifier(rest));
        } else if let Some(rest) = line.strip_prefix("static ") {
            group.data.insert(identifier(rest));
        } else if let Some((names, _)) = line.strip_prefix("asm ").and_then(|rest| rest.split_once(" =")) {
            group.names.extend(names.split(", ").map(str::to_owned));
        }
    }
}

fn groups() -> BTreeMap<String, Group> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut groups = BTreeMap::<String, Group>::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("the sources are readable");
        for part in text.split("macro_rules! export_").skip(1) {
            // Macros are items, so their closing brace is the first one at the start of a line.
            let body = part.split("\n}").next().expect("split yields at least one part");
            read_macro(body, groups.entry(identifier(part)).or_default());
        }
        if file.ends_with("unwind.rs") {
            let names = text.split("_Unwind_").skip(1).map(|rest| format!("_Unwind_{}", identifier(rest)));
            groups.entry("unwind".into()).or_default().names.extend(names.filter(|name| name != "_Unwind_"));
        }
    }
    groups
}

fn render() -> String {
    let mut text = HEADER.to_owned();
    for (name, group) in groups() {
        writeln!(text, "\n[groups.{name}]").expect("strings grow");
        if let Some((_, slot, feature)) = SLOTS.iter().find(|(group, ..)| *group == name) {
            writeln!(text, "slot = \"{slot}\"").expect("strings grow");
            if let Some(feature) = feature {
                writeln!(text, "feature = \"{feature}\"").expect("strings grow");
            }
        }
        for (key, names) in [("names", &group.names), ("data", &group.data), ("stubs", &group.stubs)] {
            if !names.is_empty() {
                writeln!(text, "{key} = [").expect("strings grow");
                names.iter().for_each(|name| writeln!(text, "    \"{name}\",").expect("strings grow"));
                writeln!(text, "]").expect("strings grow");
            }
        }
    }
    text
}

#[test]
fn the_list_is_exact() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("exports.toml");
    let expected = render();
    if std::env::var_os("KIT_BLESS").is_some() {
        fs::write(&path, &expected).expect("the list is writable");
    }
    let actual = fs::read_to_string(&path).unwrap_or_default();
    assert!(actual == expected, "exports.toml is out of date; bless it as its first lines say");
}

#[test]
fn no_name_is_in_two_groups() {
    let mut seen = BTreeMap::new();
    for (group, content) in groups() {
        for name in content.names.into_iter().chain(content.data).chain(content.stubs) {
            if let Some(other) = seen.insert(name.clone(), group.clone()) {
                panic!("{name} is in the groups {other} and {group}");
            }
        }
    }
    assert!(seen.len() > 200, "the macros were not read: {} names", seen.len());
}

#[test]
fn the_list_is_toml() {
    let parsed: toml::Table = render().parse().expect("the list is TOML");
    assert!(parsed["groups"]["memory"]["names"].as_array().is_some_and(|names| names.len() > 10));
}
