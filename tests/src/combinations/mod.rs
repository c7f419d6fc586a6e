//! Which images there can be: every slot with every pick, and how to try few of them that say much about all.
//!
//! Nothing here knows a micro-library. A [`Factor`] is a choice of kit's own menu whose members fill a slot, or a wrapper
//! that is there or not, or the machine. A [`Space`] says which picks go together by asking the configuration, as
//! `kit build` does. [`cover`] finds rows in which every pair of picks that can meet does meet.

pub mod absent;
pub mod boot;
pub mod cover;

use std::path::Path;
use std::sync::Arc;

use kit_cli::tree::Tree;
use kit_cli::{configuration, shelf};
use kit_menu::kconfig::{Config, Role, Tristate};
use kit_menu::own_tree::{self, App};
use kit_menu::{Setting, Shelf, Wish, composition, wishes};

use crate::image::Machine;
use crate::root;

/// The machines, in the order of the first factor's picks.
pub const MACHINES: [Machine; 3] = [Machine::Linux, Machine::Microvm, Machine::Q35];

/// One thing to be picked.
#[derive(Clone, Debug)]
pub struct Factor {
    /// The slot, or the wrapper's option, or `machine`.
    pub name: String,
    /// What can be picked. An option; for a wrapper its option or `-`; for the machine its name.
    pub picks: Vec<String>,
}

/// A pick for each factor, by its number.
pub type Row = Vec<usize>;

/// All factors, and what decides whether picks go together.
pub struct Space {
    /// The factors; the first is the machine.
    pub factors: Vec<Factor>,
    root: Tree,
    shelf: Shelf,
    /// The menu with each platform chosen.
    platforms: Vec<(String, Config)>,
}

impl Space {
    /// The space of this tree.
    pub fn of_tree() -> Self {
        let tree = Tree { root: root().to_path_buf() };
        let shelf = shelf::load(&tree, &Default::default(), Path::new(""))
            .unwrap_or_else(|failure| panic!("{}", failure.message));
        let loaded = own_tree::read(&tree.root, &shelf, App::Ported);
        let loaded = loaded.unwrap_or_else(|failure| panic!("{}", configuration::errors_of(&failure)));
        let menu = Arc::new(loaded.tree);
        let with = |platform: &str| {
            let mut config = Config::new(menu.clone());
            configuration::choose_platform(&mut config, &shelf, platform);
            (platform.to_string(), config)
        };
        let mut platforms: Vec<(String, Config)> = Vec::new();
        for machine in MACHINES {
            if !platforms.iter().any(|(name, _)| name == machine.platform()) {
                platforms.push(with(machine.platform()));
            }
        }
        let machine = Factor {
            name: "machine".into(),
            picks: MACHINES.iter().map(|machine| machine.name().to_string()).collect(),
        };
        let mut factors = vec![machine];
        factors.extend(slots(&shelf, &platforms));
        factors.extend(wrappers(&shelf));
        Self { factors, root: tree, shelf, platforms }
    }

    /// The machine of a row.
    pub fn machine(&self, row: &[usize]) -> Machine {
        MACHINES[row[0]]
    }

    /// What a row asks of `[config]`.
    pub fn wishes(&self, row: &[usize]) -> Vec<Wish> {
        let picks = self.factors.iter().zip(row).skip(1).map(|(factor, pick)| (factor, &factor.picks[*pick]));
        let wish = |(factor, pick): (&Factor, &String)| match pick.as_str() {
            "-" => Wish { option: factor.name.clone(), value: Setting::Bool(false) },
            // The slot is the platform's own business there.
            "platform's" => Wish { option: String::new(), value: Setting::Bool(true) },
            option => Wish { option: option.to_string(), value: Setting::Bool(true) },
        };
        picks.map(wish).filter(|wish| !wish.option.is_empty()).collect()
    }

    /// Whether `kit build` would take the row: why not, otherwise.
    pub fn refusal(&self, row: &[usize]) -> Option<String> {
        let platform = self.machine(row).platform();
        let (_, config) = self.platforms.iter().find(|(name, _)| name == platform)?;
        let mut config = config.clone();
        if let Some(problem) = wishes::apply(&mut config, &self.wishes(row)).first() {
            return Some(problem.to_string());
        }
        if let Err(problem) = composition::compose(&self.shelf, &config, &[], &self.root.root) {
            return Some(problem.to_string());
        }
        // A slot without a choice on this platform has one way to be picked, and only there.
        for (factor, pick) in self.factors.iter().zip(row).skip(1) {
            let is_own = factor.picks[*pick] == "platform's";
            if is_own != self.is_the_platforms(factor, &config)
                && factor.picks.iter().any(|pick| pick == "platform's")
            {
                return Some(format!(
                    "the slot {} is the platform's own on {platform}, and a choice elsewhere",
                    factor.name
                ));
            }
        }
        None
    }

    /// Whether no member of the factor's choice can be picked.
    fn is_the_platforms(&self, factor: &Factor, config: &Config) -> bool {
        let symbols = factor.picks.iter().filter_map(|pick| config.tree().find(pick));
        symbols.into_iter().all(|symbol| config.visibility(symbol) == Tristate::No)
    }

    /// The row that has nothing but defaults on a machine.
    pub fn defaults(&self, machine: usize) -> Row {
        let platform = MACHINES[machine].platform();
        let config = self.platforms.iter().find(|(name, _)| name == platform).map(|(_, config)| config);
        let is_on = |option: &String| {
            config.is_some_and(|config| {
                config.tree().find(option).is_some_and(|symbol| config.tristate(symbol) == Tristate::Yes)
            })
        };
        let pick = |factor: &Factor| {
            let on = factor.picks.iter().position(is_on);
            on.unwrap_or_else(|| {
                factor.picks.iter().position(|pick| pick == "-" || pick == "platform's").unwrap_or(0)
            })
        };
        std::iter::once(machine).chain(self.factors.iter().skip(1).map(pick)).collect()
    }

    /// The picks of a row by their names, the machine first.
    pub fn names(&self, row: &[usize]) -> Vec<&str> {
        self.factors.iter().zip(row).map(|(factor, pick)| factor.picks[*pick].as_str()).collect()
    }

    /// The row of these names; none if one of them is not to be picked any more.
    pub fn row(&self, names: &[String]) -> Option<Row> {
        let pick = |(factor, name): (&Factor, &String)| factor.picks.iter().position(|pick| pick == name);
        let row: Option<Row> = self.factors.iter().zip(names).map(pick).collect();
        row.filter(|row| row.len() == self.factors.len() && names.len() == row.len())
    }

    /// What is in the image of a row, as `kit build` composes it: the options of all that fills or wraps a slot.
    pub fn options_in_image(&self, row: &[usize]) -> Vec<String> {
        let platform = self.machine(row).platform();
        let Some((_, config)) = self.platforms.iter().find(|(name, _)| name == platform) else {
            return Vec::new();
        };
        let mut config = config.clone();
        wishes::apply(&mut config, &self.wishes(row));
        let filled = composition::fill(&self.shelf, &config, &[]).unwrap_or_default();
        filled.iter().flat_map(|one| one.layers()).map(|layer| layer.provides.option.clone()).collect()
    }

    /// Everything that there is.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }
}

/// A factor for each choice whose members fill a slot.
fn slots(shelf: &Shelf, platforms: &[(String, Config)]) -> Vec<Factor> {
    let Some((_, config)) = platforms.first() else { return Vec::new() };
    let menu = config.tree();
    let mut factors = Vec::new();
    for (_, choice) in menu.symbols().filter(|(_, symbol)| symbol.role == Role::Choice) {
        let members: Vec<String> =
            choice.members.iter().map(|member| menu.symbol(*member).name.to_string()).collect();
        let slot = shelf
            .providers()
            .find(|one| members.contains(&one.provides.option) && one.package.metadata.platform.is_none());
        let Some(slot) = slot.map(|one| one.provides.slot.clone()) else { continue };
        let can_be_hidden = platforms.iter().any(|(_, config)| {
            choice.members.iter().all(|member| config.visibility(*member) == Tristate::No)
        });
        let own = can_be_hidden.then(|| "platform's".to_string());
        factors.push(Factor { name: slot, picks: members.into_iter().chain(own).collect() });
    }
    // Where there is nothing to pick there is nothing to try; and the processor is the platform's business.
    factors.retain(|factor| factor.picks.len() > 1);
    factors.sort_by(|one, other| one.name.cmp(&other.name));
    factors
}

/// A factor for each wrapper.
fn wrappers(shelf: &Shelf) -> Vec<Factor> {
    let wrappers = shelf.providers().filter(|one| one.provides.wraps.is_some());
    let factor = |option: &String| Factor { name: option.clone(), picks: vec!["-".into(), option.clone()] };
    let mut factors: Vec<Factor> = wrappers.map(|one| factor(&one.provides.option)).collect();
    factors.sort_by(|one, other| one.name.cmp(&other.name));
    factors.dedup_by(|one, other| one.name == other.name);
    factors
}
