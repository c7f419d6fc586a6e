//! The door to an application's configuration: kit's own tree with the values of the app's `kit.toml`.
//!
//! `kit build` opens it to compose an image and refuses what is wrong; the menu and `kit config` open the same and
//! show what is wrong. The platform and the architecture are options of the tree too, but their place in `kit.toml`
//! is `[image]`: see [`place_of`].

use std::sync::Arc;

use kit_menu::composition::Mount;
use kit_menu::kconfig::{self, Config, Diagnostic, Loaded, Severity, Tree, Tristate};
use kit_menu::own_tree::{self, App};
use kit_menu::session::refusal;
use kit_menu::shelf::Provides;
use kit_menu::sizes::Estimator;
use kit_menu::{Problem, Shelf, Wish, wishes};

use crate::build::plan::Plan;
use crate::cli::Target;
use crate::kit_toml::Wishes;
use crate::project::Kind;
use crate::size::database;
use crate::{Failure, Result};

/// The configuration of an application for one platform.
pub struct Configuration {
    /// Which app, which platform, and what there is.
    pub plan: Plan,
    /// The values.
    pub config: Config,
    /// What of `kit.toml` cannot be, or did not take.
    pub problems: Vec<Problem>,
    /// What there was to say about the Kconfig files.
    pub diagnostics: Vec<Diagnostic>,
    /// What images will weigh.
    pub estimator: Estimator,
}

/// The values of a plan.
pub struct Evaluated {
    /// The values.
    pub config: Config,
    /// What of `kit.toml` cannot be, or did not take.
    pub problems: Vec<Problem>,
    /// What there was to say about the Kconfig files.
    pub diagnostics: Vec<Diagnostic>,
}

impl Configuration {
    /// Opens the configuration that the command line means. A wrong value in `kit.toml` is no reason to fail; a
    /// file that cannot be read is.
    pub fn open(target: &Target) -> Result<Self> {
        let plan = Plan::make(target)?;
        let Evaluated { config, problems, diagnostics } = evaluate(&plan)?;
        let estimator = estimator(&plan)?;
        Ok(Self { plan, config, problems, diagnostics, estimator })
    }
}

/// Reads kit's own tree, with the leaves of `[libs]`.
pub fn tree(plan: &Plan) -> Result<Loaded> {
    let app = match plan.project.kind {
        Kind::Ported { .. } => App::Ported,
        Kind::Native { .. } => App::Native,
    };
    own_tree::read(&plan.tree.root, &plan.shelf, app).map_err(|failure| Failure::failed(errors_of(&failure)))
}

/// Why there is no tree, for a person.
pub fn errors_of(failure: &kconfig::Failure) -> String {
    let errors = failure.diagnostics.iter().filter(|one| one.severity == Severity::Error);
    let text: String = errors.map(|error| error.render(&failure.sources)).collect();
    format!("the configuration cannot be read\n{}", text.trim_end())
}

/// Turns on what `[image]` and `--platform` mean.
pub fn choose_platform(config: &mut Config, shelf: &Shelf, platform: &str) {
    for option in options_of(shelf, platform) {
        // What is the default is not set: a person did not say so.
        if let Some(symbol) = config.tree().find(&option)
            && config.tristate(symbol) != Tristate::Yes
        {
            // It is a bool: there is no text that it could refuse.
            let _ = config.preset(symbol, "y");
        }
    }
}

/// Turns on what `[rootfs]` and `[[mount]]` mount.
pub fn choose_mounted(config: &mut Config, mounts: &[Mount]) {
    for mount in mounts {
        if let Some(symbol) = config.tree().find(&mount.option)
            && config.tristate(symbol) != Tristate::Yes
        {
            // As for the platform: what is so by default, a person did not say.
            let _ = config.preset(symbol, "y");
        }
    }
}

/// Why what is mounted cannot be.
fn not_mounted(config: &Config, mounts: &[Mount]) -> Vec<Problem> {
    let mut options: Vec<&String> = mounts.iter().map(|mount| &mount.option).collect();
    options.sort();
    options.dedup();
    let problem = |option: &String| {
        let symbol = config.tree().find(option)?;
        if config.tristate(symbol) == Tristate::Yes {
            return None;
        }
        let refusal = refusal::of(config, symbol, "y");
        let message = refusal.map(|refusal| refusal.message(config.tree()));
        let message = message.unwrap_or_else(|| format!("{option} is mounted, and [config] turns it off"));
        let more = format!("`kit config why {option}` tells more");
        Some(Problem { option: Some(option.clone()), message, reasons: vec![more] })
    };
    options.into_iter().filter_map(problem).collect()
}

/// The values of `kit.toml` in kit's own tree.
pub fn evaluate(plan: &Plan) -> Result<Evaluated> {
    let Loaded { tree, diagnostics } = tree(plan)?;
    let mut config = Config::new(Arc::new(tree));
    choose_platform(&mut config, &plan.shelf, &plan.platform.name);
    choose_mounted(&mut config, &plan.mounts);
    let (of_config, mut problems) = sort_out(&plan.shelf, config.tree(), &plan.wishes);
    let in_words = |problem: Problem| Problem {
        message: in_words_of_kit_toml(&plan.shelf, &problem.message),
        ..problem
    };
    problems.extend(wishes::apply(&mut config, &of_config).into_iter().map(in_words));
    problems.extend(not_mounted(&config, &plan.mounts).into_iter().map(in_words));
    Ok(Evaluated { config, problems, diagnostics })
}

/// The options of those providers that could be on for this platform.
pub fn possible(plan: &Plan, is_wanted: impl Fn(&Provides) -> bool) -> Result<Vec<String>> {
    let config = evaluate(plan)?.config;
    let is_possible = |option: &&String| {
        let symbol = config.tree().find(option);
        symbol.is_some_and(|symbol| config.evaluate(config.tree().symbol(symbol).depends) != Tristate::No)
    };
    let wanted = plan.shelf.providers().filter(|provider| is_wanted(provider.provides));
    Ok(wanted.map(|provider| &provider.provides.option).filter(is_possible).cloned().collect())
}

/// The options that `[image]` and `--platform` turn on.
pub fn of_image(plan: &Plan) -> Vec<String> {
    options_of(&plan.shelf, &plan.platform.name)
}

fn options_of(shelf: &Shelf, platform: &str) -> Vec<String> {
    let Some((package, platform)) = shelf.platforms().find(|(_, known)| known.name == platform) else {
        return Vec::new();
    };
    let own = package.metadata.provides.first().map(|provides| provides.option.clone());
    own.into_iter().chain([arch_option(&platform.arch)]).collect()
}

/// The key of `[image]` and its value that stand for an option of the tree: `PLATFORM_LINUX` is
/// `platform = "linux"`. None for an option whose place is `[config]`.
pub fn place_of<'a>(shelf: &'a Shelf, option: &str) -> Option<(&'static str, &'a str)> {
    shelf.platforms().find_map(|(package, platform)| {
        if package.metadata.provides.iter().any(|provides| provides.option == option) {
            return Some(("platform", platform.name.as_str()));
        }
        (arch_option(&platform.arch) == option).then_some(("arch", platform.arch.as_str()))
    })
}

/// A message of the engine, with the platform called as `kit.toml` calls it.
pub fn in_words_of_kit_toml(shelf: &Shelf, text: &str) -> String {
    shelf.platforms().fold(text.to_string(), |text, (package, platform)| {
        let Some(own) = package.metadata.provides.first() else { return text };
        text.replace(&format!("{}=y", own.option), &format!("[image] platform = {:?}", platform.name))
    })
}

fn arch_option(arch: &str) -> String {
    format!("ARCH_{}", arch.to_uppercase())
}

/// The wishes that `[config]` can have, and what is wrong with the others.
pub fn sort_out(shelf: &Shelf, tree: &Tree, in_file: &Wishes) -> (Vec<Wish>, Vec<Problem>) {
    let (wrong_place, of_config): (Vec<Wish>, Vec<Wish>) =
        in_file.config.iter().cloned().partition(|wish| place_of(shelf, &wish.option).is_some());
    let odd = in_file.odd.iter().map(|(option, shown)| wishes::refuse_value(tree, option, shown));
    let wrong_place = wrong_place.iter().map(|wish| in_the_wrong_place(shelf, wish));
    (of_config, odd.chain(wrong_place).collect())
}

fn in_the_wrong_place(shelf: &Shelf, wish: &Wish) -> Problem {
    let option = &wish.option;
    let (key, value) = place_of(shelf, option).unwrap_or_default();
    Problem {
        option: Some(option.clone()),
        message: format!("{option} has no place in [config]"),
        reasons: vec![format!("write `{key} = {value:?}` in [image]")],
    }
}

/// Predicts the images of a plan, from its last one if there is one.
pub fn estimator(plan: &Plan) -> Result<Estimator> {
    Ok(Estimator {
        root: plan.tree.root.clone(),
        shelf: plan.shelf.clone(),
        sizes: database::load(&plan.tree)?,
        mounts: plan.mounts.clone(),
        is_native: matches!(plan.project.kind, Kind::Native { .. }),
        measured: database::of_last_image(plan),
    })
}
