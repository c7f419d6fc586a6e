//! From values to an image: which provider fills each slot, and the constants of what is in the image.
//!
//! The configuration says which options are on, and Kconfig's `choice` that one of a slot is. What is left for
//! here is Rust's part: which type that is, which slots it names, and in which order they come to be.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::Problem;
use crate::kconfig::{Config, Role, SymbolId, Tree, Tristate, Type};
use crate::shelf::{Package, Provider, Shelf, Slot};
use crate::wishes::{Setting, setting_of};

/// What an image is made of.
pub struct Resolution<'a> {
    /// The filled slots, each after those that it names.
    pub filled: Vec<Filled<'a>>,
    /// The options with values, of everything that is in the image.
    pub constants: Vec<Constant<'a>>,
}

/// A slot with its choice.
#[derive(Clone)]
pub struct Filled<'a> {
    /// The slot.
    pub slot: Slot<'a>,
    /// What fills it; in a slot whose members are mounted, what is at the root.
    pub provider: Provider<'a>,
    /// In a slot whose members are mounted: all of them, the root first, each before those inside it.
    pub mounted: Vec<Mounted<'a>>,
    /// What stands around it, the innermost first.
    pub wrappers: Vec<Provider<'a>>,
}

/// Where a member of a slot is wanted whose members are mounted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount {
    /// An absolute path, `/` for the root.
    pub at: String,
    /// The option of the member.
    pub option: String,
    /// What it is made from, as Rust: what `SOURCE` stands for.
    pub source: Option<String>,
    /// The file or folder of the host that it is made from, if it is made from one.
    pub host: Option<PathBuf>,
    /// Whether it is only read.
    pub is_read_only: bool,
}

/// A mount with what is mounted.
#[derive(Clone)]
pub struct Mounted<'a> {
    /// What is mounted.
    pub provider: Provider<'a>,
    /// Where, and from what.
    pub mount: Mount,
}

impl<'a> Filled<'a> {
    /// What fills the slot and what stands around it, the innermost first.
    pub fn layers(&self) -> impl Iterator<Item = Provider<'a>> {
        let others = self.mounted.iter().skip(1).map(|mounted| mounted.provider);
        std::iter::once(self.provider).chain(others).chain(self.wrappers.iter().copied())
    }

    /// Whether what fills the slot has a feature that others have.
    pub fn has(&self, feature: &str) -> bool {
        !self.layers().any(|layer| layer.lacks(feature))
    }

    /// Whether one of the layers is made from another slot.
    fn names(&self, slot: &Slot) -> bool {
        self.layers().any(|layer| layer.names(slot))
    }
}

/// An option that is a value, as opposed to a choice.
pub struct Constant<'a> {
    /// The crate whose option it is.
    pub package: &'a Package,
    /// Its name.
    pub name: String,
    /// Its type in Rust.
    pub rust_type: &'static str,
    /// Its value.
    pub value: Setting,
}

impl Resolution<'_> {
    /// Whether a constant is `true`.
    pub fn is_set(&self, option: &str) -> bool {
        let is_it = |constant: &&Constant| constant.name == option;
        self.constants.iter().find(is_it).is_some_and(|constant| constant.value == Setting::Bool(true))
    }

    /// Whether something fills a slot, and has this feature of it.
    pub fn offers(&self, slot: &str, feature: Option<&str>) -> bool {
        let filled = self.filled.iter().find(|filled| filled.slot.name == slot);
        filled.is_some_and(|filled| feature.is_none_or(|feature| filled.has(feature)))
    }
}

/// Composes the image that `config` describes, with `mounts`. `root` is the folder of the kit tree.
pub fn compose<'a>(
    shelf: &'a Shelf,
    config: &Config,
    mounts: &[Mount],
    root: &Path,
) -> Result<Resolution<'a>, Problem> {
    let filled = fill(shelf, config, mounts)?;
    let constants = constants(shelf, config, root, &filled);
    Ok(Resolution { filled, constants })
}

/// Which provider fills each slot, each after those that it names. Without `mounts`, the image has the roots that the
/// slots name, and nothing else is mounted.
pub fn fill<'a>(shelf: &'a Shelf, config: &Config, mounts: &[Mount]) -> Result<Vec<Filled<'a>>, Problem> {
    let mut chosen = Vec::new();
    for slot in shelf.slots() {
        let mounted = mounted_in(shelf, config, slot, mounts)?;
        let provider = match mounted.first() {
            Some(root) => Some(root.provider),
            None => provider_of(shelf, config, slot)?,
        };
        match provider {
            Some(provider) => {
                let wrappers = wrappers_of(shelf, config, slot);
                chosen.push(Filled { slot, provider, mounted, wrappers });
            }
            None if slot.package.metadata.optional => {}
            None => return Err(nothing_fills(shelf, slot)),
        }
    }
    leave_out_what_nothing_uses(&mut chosen);
    check_needs(shelf, &chosen)?;
    Ok(in_order(chosen))
}

fn is_on(config: &Config, option: &str) -> bool {
    config.tree().find(option).is_some_and(|symbol| config.tristate(symbol) == Tristate::Yes)
}

fn provider_of<'a>(
    shelf: &'a Shelf,
    config: &Config,
    slot: Slot<'a>,
) -> Result<Option<Provider<'a>>, Problem> {
    let on: Vec<Provider> =
        on_for(shelf, config, slot).filter(|provider| provider.provides.wraps.is_none()).collect();
    // A platform that is a process has a part of its own where machines share one.
    if let Some(own) = on.iter().find(|provider| provider.package.metadata.platform.is_some()) {
        return Ok(Some(*own));
    }
    match on[..] {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        [first, second, ..] => {
            let (one, other) = (&first.provides.option, &second.provides.option);
            Err(Problem::of(
                other,
                format!("{one} and {other} both fill the slot {}, which takes one", slot.name),
            )
            .because(format!(
                "the Kconfig of {} and {} must be entries of one choice",
                first.package.name, second.package.name
            )))
        }
    }
}

/// What is mounted in a slot, the root first. Each member whose option is on can be; what is mounted is on, because
/// whoever mounts it turned it on.
fn mounted_in<'a>(
    shelf: &'a Shelf,
    config: &Config,
    slot: Slot<'a>,
    mounts: &[Mount],
) -> Result<Vec<Mounted<'a>>, Problem> {
    let Some(metadata) = &slot.package.metadata.mounts else { return Ok(Vec::new()) };
    let root = [Mount { at: "/".to_string(), option: metadata.root.clone(), ..Mount::default() }];
    let mounts = if mounts.is_empty() { &root } else { mounts };
    let find = |mount: &Mount| {
        let provider = on_for(shelf, config, slot).find(|one| one.provides.option == mount.option);
        let provider = provider.ok_or_else(|| {
            let option = &mount.option;
            Problem::of(option, format!("{option} is off, and what is at {} needs it", mount.at))
        })?;
        Ok(Mounted { provider, mount: mount.clone() })
    };
    let mut mounted = mounts.iter().map(find).collect::<Result<Vec<_>, Problem>>()?;
    let depth = |at: &str| at.split('/').filter(|name| !name.is_empty()).count();
    mounted.sort_by_key(|mounted| depth(&mounted.mount.at));
    Ok(mounted)
}

/// The providers of a slot whose options are on.
fn on_for<'a>(shelf: &'a Shelf, config: &Config, slot: Slot<'a>) -> impl Iterator<Item = Provider<'a>> {
    shelf.providers().filter(move |one| one.provides.slot == slot.name && is_on(config, &one.provides.option))
}

/// What stands around the core of a slot, the innermost first.
fn wrappers_of<'a>(shelf: &'a Shelf, config: &Config, slot: Slot<'a>) -> Vec<Provider<'a>> {
    let mut wrappers: Vec<Provider> =
        on_for(shelf, config, slot).filter(|one| one.provides.wraps.is_some()).collect();
    wrappers.sort_by_key(|one| (one.provides.wraps, one.provides.option.as_str()));
    wrappers
}

fn nothing_fills(shelf: &Shelf, slot: Slot) -> Problem {
    let of_slot = shelf.providers().filter(|provider| provider.provides.slot == slot.name);
    let options: Vec<_> = of_slot.map(|provider| provider.provides.option.as_str()).collect();
    let problem = Problem::new(format!("nothing fills the slot {} of this image", slot.name));
    match options.is_empty() {
        true => problem.because("there is no micro-library for it"),
        false => {
            problem.because(format!("{}: `kit config why OPTION` tells why it is off", options.join(", ")))
        }
    }
}

/// A slot that may be empty and that nothing names is left empty: a card without a stack moves no frames.
fn leave_out_what_nothing_uses(chosen: &mut Vec<Filled>) {
    loop {
        let is_idle = |filled: &Filled| {
            let metadata = &filled.slot.package.metadata;
            let is_reached = metadata.image.is_some()
                || metadata.bind.is_some()
                || filled.provider.provides.bind.is_some()
                || chosen.iter().any(|other| other.names(&filled.slot));
            metadata.optional && !is_reached
        };
        let Some(index) = chosen.iter().position(is_idle) else { return };
        chosen.remove(index);
    }
}

/// Kconfig's `depends on` keeps a choice from lacking what it needs; here it is known which type it would be.
fn check_needs(shelf: &Shelf, chosen: &[Filled]) -> Result<(), Problem> {
    let is_filled = |slot: &Slot| chosen.iter().any(|filled| filled.slot.name == slot.name);
    for provider in chosen.iter().flat_map(Filled::layers) {
        let missing = shelf.slots().find(|slot| provider.names(slot) && !is_filled(slot));
        if let Some(slot) = missing {
            let option = &provider.provides.option;
            return Err(Problem::of(
                option,
                format!("{option} needs the slot {}, and nothing fills it on this image", slot.name),
            )
            .because(format!("the Kconfig of {} should say so by `depends on`", provider.package.name)));
        }
    }
    Ok(())
}

/// Sorts so that each slot comes after those that its provider names.
fn in_order(mut chosen: Vec<Filled<'_>>) -> Vec<Filled<'_>> {
    let mut sorted: Vec<Filled> = Vec::with_capacity(chosen.len());
    while !chosen.is_empty() {
        let is_ready = |candidate: &Filled| {
            !chosen.iter().any(|other| other.slot.name != candidate.slot.name && candidate.names(&other.slot))
        };
        // The platform's own parts come first, because that is how one reads an image.
        let is_own = |candidate: &&Filled| candidate.provider.package.metadata.platform.is_some();
        let first = chosen.iter().position(|candidate| is_own(&candidate) && is_ready(candidate));
        // Metadata that goes in a circle cannot compile either; any order will do for the message.
        let next = first.or_else(|| chosen.iter().position(is_ready)).unwrap_or(0);
        sorted.push(chosen.remove(next));
    }
    sorted
}

/// The values of what is in the image, and of what is in every image, in the order of the crates' names.
fn constants<'a>(shelf: &'a Shelf, config: &Config, root: &Path, filled: &[Filled]) -> Vec<Constant<'a>> {
    let tree = config.tree();
    let symbols = symbols_by_file(tree);
    let in_image: BTreeSet<&str> =
        filled.iter().flat_map(Filled::layers).map(|layer| layer.package.name.as_str()).collect();
    let mut constants = Vec::new();
    for package in &shelf.packages {
        if !package.metadata.provides.is_empty() && !in_image.contains(package.name.as_str()) {
            continue;
        }
        let leaf = leaf_of(package, root);
        for &symbol in symbols.get(leaf.as_path()).into_iter().flatten() {
            let definition = tree.symbol(symbol);
            let is_choice = definition.choice.is_some()
                || package.metadata.provides.iter().any(|provides| *provides.option == *definition.name);
            if is_choice || config.evaluate(definition.depends) == Tristate::No {
                continue;
            }
            constants.push(Constant {
                package,
                name: definition.name.to_string(),
                rust_type: rust_type(tree, symbol),
                value: setting_of(config, symbol),
            });
        }
    }
    constants
}

/// The Kconfig of a crate, as the tree names its files.
pub fn leaf_of(package: &Package, root: &Path) -> PathBuf {
    package.folder.strip_prefix(root).unwrap_or(&package.folder).join(package.leaf())
}

/// The options that a person can set, by the file that defines them.
fn symbols_by_file(tree: &Tree) -> HashMap<&Path, Vec<SymbolId>> {
    let mut symbols: HashMap<&Path, Vec<SymbolId>> = HashMap::new();
    for (id, symbol) in tree.symbols().filter(|(_, symbol)| symbol.role == Role::Plain) {
        let entry = symbol.nodes.iter().map(|node| tree.node(*node)).find(|node| node.prompt.is_some());
        if let Some(entry) = entry {
            symbols.entry(tree.sources().path(entry.span.file)).or_default().push(id);
        }
    }
    symbols
}

/// The Rust type of an option's constant: the smallest of `u32`, `u64` and `i64` that its ranges fit in.
pub fn rust_type(tree: &Tree, symbol: SymbolId) -> &'static str {
    let definition = tree.symbol(symbol);
    let ends = definition.ranges.iter().flat_map(|range| [range.low, range.high]);
    let number = |symbol: SymbolId| tree.symbol(symbol).name.parse::<i64>().ok();
    let ends: Option<Vec<i64>> = ends.map(number).collect();
    match (definition.kind, ends) {
        (Type::Bool | Type::Tristate, _) => "bool",
        (Type::String | Type::Unknown, _) => "&str",
        (Type::Hex, _) => "u64",
        (Type::Int, Some(ends)) if ends.iter().any(|end| *end < 0) => "i64",
        (Type::Int, Some(ends)) if ends.iter().all(|end| u32::try_from(*end).is_ok()) => "u32",
        (Type::Int, _) => "u64",
    }
}
