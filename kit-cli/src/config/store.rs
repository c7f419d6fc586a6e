//! An app's `kit.toml` as a store of the menu: `[config]` holds what a person has set, and nothing else.

use std::path::{Path, PathBuf};

use kit_menu::kconfig::{Config, Tristate};
use kit_menu::session::store::{Contents, Leftover};
use kit_menu::session::{Assignment, Place, Store, StoreError, user_set};
use kit_menu::{Problem, Setting, Shelf, Wish, wishes};

use crate::build::plan::{Plan, platform, platform_names};
use crate::configuration::{choose_mounted, choose_platform, place_of, sort_out};
use crate::kit_edit::Edit;
use crate::kit_toml::KitToml;
use crate::{Failure, Result};

/// The `kit.toml` of an app, for one platform.
#[derive(Clone, Debug)]
pub struct KitTomlStore {
    path: PathBuf,
    /// An app may do without one; a file that a person names must be there.
    may_be_missing: bool,
    shelf: Shelf,
    /// What `--platform` says.
    wished: Option<String>,
    /// The platform of the last `load`.
    platform: String,
    /// The options that the file had then.
    known: Vec<Wish>,
    /// The options that it turned on by mounting them.
    mounted: Vec<String>,
}

impl KitTomlStore {
    /// The `kit.toml` of a plan's app. `wished` is the platform of the command line; without one, that of the file
    /// counts.
    pub fn new(plan: &Plan, wished: Option<&str>) -> Self {
        Self {
            path: plan.project.kit_toml.path().to_path_buf(),
            may_be_missing: true,
            shelf: plan.shelf.clone(),
            wished: wished.map(str::to_string),
            platform: plan.platform.name.clone(),
            known: Vec::new(),
            mounted: Vec::new(),
        }
    }

    fn read(&mut self, config: &mut Config) -> Result<Contents> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let file = match self.may_be_missing {
            true => KitToml::load(folder)?,
            false => {
                let text = std::fs::read_to_string(&self.path);
                let text = text.map_err(|error| Failure::file("read", &self.path, error))?;
                KitToml::parse(self.path.clone(), text)?
            }
        };
        let names = platform_names(&self.shelf);
        let in_file = file.platform(&names)?;
        let (_, platform) = platform(&self.shelf, self.wished.as_deref().or(in_file))?;
        let wishes = file.wishes(&platform.name, &names)?;
        self.platform = platform.name.clone();
        self.known = wishes.config.clone();
        choose_platform(config, &self.shelf, &self.platform);
        let mounts = wishes.mounts.resolve(&file, &self.shelf)?;
        choose_mounted(config, &mounts);
        self.mounted = mounts.into_iter().map(|mount| mount.option).collect();
        let mut contents = Contents::default();
        let (of_config, mut problems) = sort_out(&self.shelf, config.tree(), &wishes);
        for wish in &of_config {
            match wishes::give(config, wish) {
                Ok(symbol) => contents.places.extend(Some(symbol).zip(self.place(&file, &wish.option))),
                Err(problem) => problems.push(problem),
            }
        }
        let value = |option: &str| {
            let wish = wishes.config.iter().find(|wish| wish.option == option);
            let odd = wishes.odd.iter().find(|(name, _)| name == option);
            wish.map(|wish| as_text(&wish.value)).or_else(|| odd.map(|(_, value)| value.clone()))
        };
        contents.leftovers = problems
            .into_iter()
            .filter_map(|problem| {
                let option = problem.option.clone()?;
                let place = self.place(&file, &option)?;
                let value = value(&option)?;
                let detail = self.detail(&file, &option, &problem);
                let assignment = Assignment { name: option, value, place };
                Some(Leftover { assignment, message: problem.message, detail })
            })
            .collect();
        contents.leftovers.sort_by(|one, other| one.assignment.place.cmp(&other.assignment.place));
        Ok(contents)
    }

    fn place(&self, file: &KitToml, option: &str) -> Option<Place> {
        let (line, column) = file.place_of_option(option, &self.platform)?;
        Some(Place { path: shown(&self.path), line, column })
    }

    fn detail(&self, file: &KitToml, option: &str, problem: &Problem) -> String {
        let hint = (!problem.reasons.is_empty()).then(|| problem.reasons.join("\n  = "));
        let message = &problem.message;
        file.complain_about_option(option, &self.platform, message, hint.as_deref()).message + "\n"
    }

    fn write(&mut self, config: &Config, leftovers: &[Leftover]) -> Result<()> {
        let mut edit = Edit::open(&self.path)?;
        let mut kept: Vec<String> =
            leftovers.iter().map(|leftover| leftover.assignment.name.clone()).collect();
        let mut known = Vec::new();
        for (symbol, value) in user_set(config) {
            let definition = config.tree().symbol(symbol);
            let option = definition.name.to_string();
            if place_of(&self.shelf, &option).is_some() {
                continue;
            }
            let wish = Wish { value: wishes::setting(definition.kind, &value), option: option.clone() };
            let is_implied = wish.value == Setting::Bool(true) && self.mounted.contains(&option);
            if is_implied && !self.known.contains(&wish) {
                continue;
            }
            // A value that is the same stays as it was written, such as 0x10 or 1_000.
            if !self.known.contains(&wish) {
                edit.set(&option, &wish.value, &self.platform)?;
            }
            kept.push(option);
            known.push(wish);
        }
        for gone in self.known.iter().filter(|wish| !kept.contains(&wish.option)) {
            edit.unset(&gone.option, &self.platform);
        }
        for (key, value) in self.of_image(config) {
            edit.set_image(key, value)?;
        }
        edit.save()?;
        let leftover =
            |wish: &&Wish| leftovers.iter().any(|leftover| leftover.assignment.name == wish.option);
        known.extend(self.known.iter().filter(leftover).cloned());
        self.known = known;
        Ok(())
    }

    /// What is to be written to `[image]`: what is chosen in the tree and was not when the file was read.
    fn of_image(&self, config: &Config) -> Vec<(&'static str, &str)> {
        let mut before = Config::new(config.tree().clone());
        choose_platform(&mut before, &self.shelf, &self.platform);
        let is_new = |name: &str| {
            let symbol = config.tree().find(name)?;
            let is_on = config.tristate(symbol) == Tristate::Yes && before.tristate(symbol) != Tristate::Yes;
            is_on.then(|| place_of(&self.shelf, name)).flatten()
        };
        config.tree().symbols().filter_map(|(_, symbol)| is_new(&symbol.name)).collect()
    }
}

impl Store for KitTomlStore {
    fn name(&self) -> String {
        shown(&self.path).display().to_string()
    }

    fn load(&mut self, config: &mut Config) -> std::result::Result<Contents, StoreError> {
        config.clear();
        self.read(config).map_err(store_error)
    }

    fn save(&mut self, config: &Config, leftovers: &[Leftover]) -> std::result::Result<(), StoreError> {
        self.write(config, leftovers).map_err(store_error)
    }

    fn keeps_leftovers(&self) -> bool {
        true
    }

    fn at(&self, path: &Path) -> Box<dyn Store> {
        Box::new(Self { path: path.to_path_buf(), may_be_missing: false, known: Vec::new(), ..self.clone() })
    }
}

fn store_error(failure: Failure) -> StoreError {
    StoreError { message: failure.message }
}

/// A value as Kconfig would write it, as far as that can be said without its type.
fn as_text(value: &Setting) -> String {
    match value {
        Setting::Bool(true) => "y".to_string(),
        Setting::Bool(false) => "n".to_string(),
        Setting::Int(number) => number.to_string(),
        Setting::Text(text) => text.clone(),
    }
}

/// A path as a person in the present folder calls it.
fn shown(path: &Path) -> PathBuf {
    let present = std::env::current_dir().ok();
    let short = present.as_deref().and_then(|present| path.strip_prefix(present).ok());
    short.unwrap_or(path).to_path_buf()
}
