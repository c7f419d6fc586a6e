//! What an image will weigh: the size database, and predictions from it.
//!
//! `kit size --update` measures the tree's example images and writes `menu/sizes.toml`. What the linker keeps of a
//! micro-library depends on what the application calls, so an image that has been built says more about its
//! application than any database: where there is one, it is the base, and the database speaks only of what would
//! be new.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::composition::{self, Filled, Mount};
use crate::kconfig::{Config, Role, SymbolId, Tristate, Type};
use crate::session::Estimate;
use crate::shelf::Shelf;

/// The size database: what was measured on each platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sizes {
    /// By name of the platform.
    pub platforms: BTreeMap<String, OnPlatform>,
}

/// The sizes on one platform, in bytes of the image: text, constants and initial data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnPlatform {
    /// What the smallest ported application has besides its micro-libraries: std, platform, architecture, threads.
    pub ported: u64,
    /// The same of a native application.
    pub native: u64,
    /// What each option adds, where an application calls it.
    pub options: BTreeMap<String, u64>,
}

/// An image that was built: the truth about its application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Its platform.
    pub platform: String,
    /// Its bytes.
    pub image: u64,
    /// The bytes of each option that was on; 0 if the linker dropped all of it.
    pub options: BTreeMap<String, u64>,
}

/// Predicts what images of one application will weigh.
#[derive(Clone, Debug)]
pub struct Estimator {
    /// The folder of the kit tree.
    pub root: PathBuf,
    /// What there is.
    pub shelf: Shelf,
    /// The database.
    pub sizes: Sizes,
    /// What the application mounts.
    pub mounts: Vec<Mount>,
    /// Whether the application is a native one.
    pub is_native: bool,
    /// Its last image.
    pub measured: Option<Measured>,
}

/// A prediction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prediction {
    /// Bytes of the image; none if the platform was never measured.
    pub image: Option<u64>,
    /// What fills slots, and what else is on: the micro-libraries of the image.
    pub micro_libraries: Vec<String>,
}

impl Sizes {
    /// Bytes that an option adds on a platform.
    pub fn of(&self, platform: &str, option: &str) -> Option<u64> {
        self.platforms.get(platform)?.options.get(option).copied()
    }
}

impl Estimator {
    /// Predicts the image that `config` describes; nothing is predicted of one that cannot be.
    pub fn predict(&self, config: &Config) -> Prediction {
        let Ok(filled) = composition::fill(&self.shelf, config, &self.mounts) else {
            return Prediction::default();
        };
        let Some(platform) = self.platform(config) else { return Prediction::default() };
        let on = self.options_of(config, &filled);
        Prediction { image: self.image(platform, &on), micro_libraries: self.micro_libraries(&on) }
    }

    /// Bytes that an option adds, or would add, to the image.
    pub fn bytes_of(&self, config: &Config, option: &str) -> Option<u64> {
        let platform = self.platform(config)?;
        let measured = self.measured_on(platform).and_then(|measured| measured.options.get(option));
        measured.copied().or_else(|| self.sizes.of(platform, option))
    }

    /// The name of the platform that `config` chooses.
    pub fn platform(&self, config: &Config) -> Option<&str> {
        let is_on = |package: &&crate::Package| {
            package.metadata.provides.first().is_some_and(|first| is_yes(config, &first.option))
        };
        let package = self.shelf.platforms().map(|(package, _)| package).find(is_on)?;
        package.metadata.platform.as_ref().map(|platform| platform.name.as_str())
    }

    fn measured_on(&self, platform: &str) -> Option<&Measured> {
        self.measured.as_ref().filter(|measured| measured.platform == platform)
    }

    /// The options that have a part in the image: those that fill slots, and what is `y` outside of the slots.
    fn options_of(&self, config: &Config, filled: &[Filled]) -> Vec<String> {
        let tree = config.tree();
        let is_of_a_slot =
            |name: &str| self.shelf.providers().any(|provider| provider.provides.option == name);
        let mut on: Vec<String> =
            filled.iter().flat_map(Filled::layers).map(|one| one.provides.option.clone()).collect();
        let others = tree.symbols().filter(|(id, symbol)| {
            symbol.role == Role::Plain
                && symbol.kind == Type::Bool
                && config.tristate(*id) == Tristate::Yes
                && !is_of_a_slot(&symbol.name)
        });
        on.extend(others.map(|(_, symbol)| symbol.name.to_string()));
        on.sort();
        on.dedup();
        on
    }

    fn image(&self, platform: &str, on: &[String]) -> Option<u64> {
        let known = |option: &String| self.sizes.of(platform, option).unwrap_or(0);
        let Some(measured) = self.measured_on(platform) else {
            let base = self.sizes.platforms.get(platform)?;
            let base = if self.is_native { base.native } else { base.ported };
            return Some(base + on.iter().map(known).sum::<u64>());
        };
        let base = measured.image.saturating_sub(measured.options.values().sum());
        let bytes = |option: &String| match measured.options.get(option) {
            Some(bytes) => *bytes,
            // The application does not reach the slot, whatever is in it.
            None if self.was_dropped(measured, option) => 0,
            None => known(option),
        };
        Some(base + on.iter().map(bytes).sum::<u64>())
    }

    /// Whether the image had another provider of the option's slot, and the linker dropped all of it.
    fn was_dropped(&self, measured: &Measured, option: &str) -> bool {
        let mut providers = self.shelf.providers();
        let Some(provider) = providers.find(|one| one.provides.option == option) else { return false };
        let rivals = self.shelf.providers().filter(|one| one.provides.slot == provider.provides.slot);
        rivals.filter_map(|rival| measured.options.get(&rival.provides.option)).any(|bytes| *bytes == 0)
    }

    /// Those of the options that are micro-libraries: folders below `libs`, or elsewhere than in the tree.
    fn micro_libraries(&self, on: &[String]) -> Vec<String> {
        let is_library = |option: &&String| {
            self.shelf.package_of(option).is_some_and(|package| {
                let place = package.folder.strip_prefix(&self.root);
                place.map_or(true, |place| place.starts_with("libs"))
            })
        };
        on.iter().filter(is_library).cloned().collect()
    }
}

fn is_yes(config: &Config, option: &str) -> bool {
    config.tree().find(option).is_some_and(|symbol| config.tristate(symbol) == Tristate::Yes)
}

impl Estimate for Estimator {
    fn image_bytes(&self, config: &Config) -> Option<u64> {
        self.predict(config).image
    }

    fn libraries(&self, config: &Config) -> Option<usize> {
        Some(self.predict(config).micro_libraries.len())
    }

    fn symbol_bytes(&self, config: &Config, symbol: SymbolId) -> Option<u64> {
        self.bytes_of(config, &config.tree().symbol(symbol).name)
    }
}
