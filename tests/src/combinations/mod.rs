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
use kit_menu::composition::Mount;
use kit_menu::kconfig::{Config, Role, Tristate};
use kit_menu::own_tree::{self, App};
use kit_menu::shelf::Source;
use kit_menu::{Setting, Shelf, Wish, composition, wishes};

use crate::image::Machine;
use crate::root;

/// The machines, in the order of the first factor's picks.
pub const MACHINES: [Machine; 3] = [Machine::Linux, Machine::Microvm, Machine::Q35];

/// Where the filesystem of a row is mounted, beside the root in memory.
pub const MOUNT_POINT: &str = "/work";
/// The pick of an image without files.
const NO_FILES: &str = "FS_NONE";

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
        factors.push(filesystems(&shelf));
        factors.extend(wrappers(&shelf));
        Self { factors, root: tree, shelf, platforms }
    }

    /// The machine of a row.
    pub fn machine(&self, row: &[usize]) -> Machine {
        MACHINES[row[0]]
    }

    /// What a row asks of `[config]`.
    pub fn wishes(&self, row: &[usize]) -> Vec<Wish> {
        // A filesystem is wished for by mounting it.
        let wished = self.factors.iter().zip(row).skip(1).filter(|(factor, _)| factor.name != "fs");
        let picks = wished.map(|(factor, pick)| (factor, &factor.picks[*pick]));
        let wish = |(factor, pick): (&Factor, &String)| match pick.as_str() {
            "-" => Wish { option: factor.name.clone(), value: Setting::Bool(false) },
            // The slot is the platform's own business there.
            "platform's" => Wish { option: String::new(), value: Setting::Bool(true) },
            option => Wish { option: option.to_string(), value: Setting::Bool(true) },
        };
        picks.map(wish).filter(|wish| !wish.option.is_empty()).collect()
    }

    /// The configuration of a row: the platform, what is picked, and what is mounted; or what is wrong with it.
    fn config(&self, row: &[usize]) -> Result<Config, String> {
        let platform = self.machine(row).platform();
        let (_, config) =
            self.platforms.iter().find(|(name, _)| name == platform).ok_or("no such platform")?;
        let mut config = config.clone();
        let mounts = self.mounts(row);
        let mounted =
            mounts.iter().map(|mount| Wish { option: mount.option.clone(), value: Setting::Bool(true) });
        let wishes: Vec<Wish> = self.wishes(row).into_iter().chain(mounted).collect();
        match wishes::apply(&mut config, &wishes).first() {
            Some(problem) => Err(problem.to_string()),
            None => Ok(config),
        }
    }

    /// Whether `kit build` would take the row: why not, otherwise.
    pub fn refusal(&self, row: &[usize]) -> Option<String> {
        let platform = self.machine(row).platform();
        let config = match self.config(row) {
            Ok(config) => config,
            Err(problem) => return Some(problem),
        };
        if let Err(problem) = composition::compose(&self.shelf, &config, &self.mounts(row), &self.root.root) {
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

    /// The filesystem of a row.
    pub fn filesystem(&self, row: &[usize]) -> &str {
        let factor = self.factors.iter().position(|factor| factor.name == "fs");
        factor.map_or("", |factor| self.factors[factor].picks[row[factor]].as_str())
    }

    /// What the filesystem of a row is made from, if it is made from something.
    pub fn source(&self, row: &[usize]) -> Option<Source> {
        let filesystem = self.filesystem(row);
        let mut providers = self.shelf.providers();
        providers.find(|one| one.provides.option == filesystem).and_then(|one| one.provides.source)
    }

    /// What a row mounts: memory as the root, and at [`MOUNT_POINT`] the filesystem that is picked. Empty if that is
    /// the root's own, which is what an image has by default.
    fn mounts(&self, row: &[usize]) -> Vec<Mount> {
        let at = |at: &str, option: &str| Mount { at: at.into(), option: option.into(), ..Mount::default() };
        match self.filesystem(row) {
            NO_FILES => vec![at("/", NO_FILES)],
            option if self.roots().any(|root| root == option) => Vec::new(),
            option => self.roots().map(|root| at("/", root)).chain([at(MOUNT_POINT, option)]).collect(),
        }
    }

    fn roots(&self) -> impl Iterator<Item = &str> {
        let mounts = self.shelf.packages.iter().filter_map(|package| package.metadata.mounts.as_ref());
        mounts.map(|mounts| mounts.root.as_str())
    }

    /// The lines of `kit.toml` that mount what a row mounts. `source` is that of the filesystem.
    pub fn mount_lines(&self, row: &[usize], source: Option<&str>) -> String {
        let name = |option: &str| option.trim_start_matches("FS_").to_lowercase().replace('_', "-");
        let source = source.map_or(String::new(), |source| format!("source = {source:?}\n"));
        let lines = self.mounts(row).into_iter().map(|mount| match mount.at.as_str() {
            "/" => format!("[rootfs]\ntype = {:?}\n", name(&mount.option)),
            at => format!("[[mount]]\nat = {at:?}\ntype = {:?}\n{source}", name(&mount.option)),
        });
        lines.collect()
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
            if factor.name == "fs" {
                return factor
                    .picks
                    .iter()
                    .position(|pick| self.roots().any(|root| root == pick))
                    .unwrap_or(0);
            }
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
        let Ok(config) = self.config(row) else { return Vec::new() };
        let filled = composition::fill(&self.shelf, &config, &self.mounts(row)).unwrap_or_default();
        let layers = filled.iter().flat_map(|one| one.layers()).map(|layer| layer.provides.option.clone());
        // What is mounted beside the root is no layer of it.
        layers.chain(self.mounts(row).into_iter().map(|mount| mount.option)).collect()
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

/// The filesystems, each once: what is not mounted is not there.
fn filesystems(shelf: &Shelf) -> Factor {
    let slots = shelf.slots().filter(|slot| slot.package.metadata.mounts.is_some());
    let names: Vec<&str> = slots.map(|slot| slot.name).collect();
    let members = shelf.providers().filter(|one| names.contains(&one.provides.slot.as_str()));
    let core = members.filter(|one| one.provides.wraps.is_none());
    let mut picks: Vec<String> = core.map(|one| one.provides.option.clone()).collect();
    picks.sort();
    picks.dedup();
    Factor { name: "fs".into(), picks }
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
