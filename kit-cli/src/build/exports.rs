//! The C names that the shim provides: `libs/posix-shim/exports.toml`, kept true by a test of the shim.

use std::collections::BTreeMap;

use kit_menu::{Package, Shelf};
use serde::Deserialize;

use crate::tree::Tree;
use crate::{Failure, Result};

/// Where the list is, from the tree's root.
pub const LIST: &str = "libs/posix-shim/exports.toml";

/// The list.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Exports {
    groups: BTreeMap<String, Group>,
}

/// A group: one concern, one macro of the shim.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Group {
    /// The slot that must be filled for the group to exist.
    #[serde(alias = "needs")]
    slot: Option<String>,
    /// What the filler of the slot must have besides, where not each has it.
    feature: Option<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    data: Vec<String>,
    #[serde(default)]
    stubs: Vec<String>,
}

/// When a group exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition<'a> {
    /// The slot that must be filled.
    pub slot: &'a str,
    /// What its filler must have.
    pub feature: Option<&'a str>,
}

/// What the list says of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its group.
    pub group: &'a str,
    /// When it exists, if not always.
    pub condition: Option<Condition<'a>>,
    /// Whether it only answers ENOSYS.
    pub is_stub: bool,
}

impl Exports {
    /// Reads the tree's list.
    pub fn load(tree: &Tree) -> Result<Self> {
        let path = tree.root.join(LIST);
        let text = std::fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, error))?;
        toml::from_str(&text).map_err(|error| Failure::failed(format!("{}: {error}", path.display())))
    }

    /// The groups that exist only under a condition.
    pub fn conditional_groups(&self) -> impl Iterator<Item = (&str, Condition<'_>)> {
        self.groups.iter().filter_map(|(name, group)| Some((name.as_str(), group.condition()?)))
    }

    /// All names that an image has in which these conditions hold.
    pub fn names(&self, holds: impl Fn(Condition) -> bool) -> impl Iterator<Item = &str> {
        let groups = self.groups.values().filter(move |group| group.condition().is_none_or(&holds));
        groups.flat_map(Group::all)
    }

    /// The names that exist only with `slot`.
    pub fn names_of_slot(&self, slot: &str) -> impl Iterator<Item = &str> {
        let groups = self.groups.values().filter(move |group| group.slot.as_deref() == Some(slot));
        groups.flat_map(Group::all)
    }

    /// What provides `name`.
    pub fn find(&self, name: &str) -> Option<Entry<'_>> {
        self.groups.iter().find_map(|(group, entry)| {
            let is_stub = entry.stubs.iter().any(|stub| stub == name);
            let is_there = is_stub || entry.all().any(|present| present == name);
            is_there.then_some(Entry { group, condition: entry.condition(), is_stub })
        })
    }
}

/// The crate of the shim: the one that the list is in.
pub fn shim<'a>(shelf: &'a Shelf, tree: &Tree) -> Option<&'a Package> {
    let list = tree.root.join(LIST);
    shelf.packages.iter().find(|package| Some(package.folder.as_path()) == list.parent())
}

impl Group {
    fn condition(&self) -> Option<Condition<'_>> {
        let slot = self.slot.as_deref()?;
        Some(Condition { slot, feature: self.feature.as_deref() })
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        [&self.names, &self.data, &self.stubs].into_iter().flatten().map(String::as_str)
    }
}
