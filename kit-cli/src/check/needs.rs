//! What an object needs from outside: a walk over its sections from `main`, along relocations.

use std::collections::{BTreeMap, HashMap, VecDeque};

use object::{Object, ObjectSection, ObjectSymbol, RelocationTarget, SectionIndex, SymbolSection};

use crate::names::{crate_of, demangle, is_of_the_sysroot};

/// A name that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The name.
    pub name: String,
    /// Whether the program goes on without it.
    pub is_weak: bool,
    /// The functions on the way from `main` to it, mangled, the nearest last.
    pub way: Vec<String>,
}

impl Need {
    /// Which crate of the app asks for it: the last on the way that somebody chose; else std's own start.
    pub fn who(&self) -> String {
        let is_chosen = |name: &&String| crate_of(name).is_some_and(|krate| !is_of_the_sysroot(&krate));
        match self.way.iter().rev().find(is_chosen) {
            Some(function) => {
                let krate = crate_of(function).unwrap_or_default();
                format!("{krate} ({})", shortened(&demangle(function)))
            }
            None => match self.way.iter().rev().find(|name| crate_of(name).is_some()) {
                Some(function) => format!("std ({})", shortened(&demangle(function))),
                None => "the program".to_string(),
            },
        }
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_string(),
    }
}

/// Every undefined name that is reachable from `main` and from what runs before it, in alphabetical order.
pub fn of_object(bytes: &[u8]) -> object::Result<Vec<Need>> {
    let file = object::File::parse(bytes)?;
    let mut names: HashMap<SectionIndex, String> = HashMap::new();
    let mut roots = Vec::new();
    for symbol in file.symbols() {
        let (Some(section), Ok(name)) = (symbol.section_index(), symbol.name()) else { continue };
        if !name.is_empty() {
            names.entry(section).or_insert_with(|| name.to_string());
        }
        // Unwinding reaches the personality through tables, not through calls.
        if matches!(name, "main" | "rust_eh_personality") {
            roots.push(section);
        }
    }
    let before_main =
        file.sections().filter(|section| section.name().is_ok_and(|name| name.starts_with(".init_array")));
    roots.extend(before_main.map(|section| section.index()));

    let mut parents: HashMap<SectionIndex, Option<SectionIndex>> =
        roots.iter().map(|root| (*root, None)).collect();
    let mut queue: VecDeque<SectionIndex> = roots.into();
    let mut needs: BTreeMap<String, Need> = BTreeMap::new();
    while let Some(index) = queue.pop_front() {
        for (_, relocation) in file.section_by_index(index)?.relocations() {
            let RelocationTarget::Symbol(target) = relocation.target() else { continue };
            let symbol = file.symbol_by_index(target)?;
            match symbol.section() {
                SymbolSection::Section(section) => {
                    parents.entry(section).or_insert_with(|| {
                        queue.push_back(section);
                        Some(index)
                    });
                }
                SymbolSection::Undefined => {
                    let name = symbol.name()?.to_string();
                    let need = || Need { name, is_weak: symbol.is_weak(), way: way(index, &parents, &names) };
                    needs.entry(symbol.name()?.to_string()).or_insert_with(need);
                }
                _ => {}
            }
        }
    }
    Ok(needs.into_values().collect())
}

fn way(
    end: SectionIndex,
    parents: &HashMap<SectionIndex, Option<SectionIndex>>,
    names: &HashMap<SectionIndex, String>,
) -> Vec<String> {
    let next = |index: &SectionIndex| parents.get(index).copied().flatten();
    let mut way: Vec<_> =
        std::iter::successors(Some(end), next).filter_map(|index| names.get(&index).cloned()).collect();
    way.reverse();
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(way: &[&str]) -> Need {
        Need { name: "listen".into(), is_weak: false, way: way.iter().map(|name| name.to_string()).collect() }
    }

    #[test]
    fn the_nearest_chosen_crate_asks() {
        let way = ["main", "_ZN3app4main17h0123456789abcdefE", "_ZN5tokio4bind17h0123456789abcdefE"];
        let std = "_ZN3std3net4bind17h0123456789abcdefE";
        assert_eq!(need(&[way[0], way[1], way[2], std]).who(), "tokio (tokio::bind)");
        assert_eq!(need(&[way[0], std]).who(), "std (std::net::bind)");
        assert_eq!(need(&["main"]).who(), "the program");
    }
}
