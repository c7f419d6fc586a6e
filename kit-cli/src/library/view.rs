//! What a person sees of the micro-libraries: each with its state in the app at hand, or in no app.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use kit_menu::composition::Filled;
use kit_menu::kconfig::{Config, ExprId, SymbolId, Tristate};
use kit_menu::own_tree::{self, App};
use kit_menu::session::refusal;
use kit_menu::sizes::Estimator;
use kit_menu::{Package, Shelf, composition};
use serde::Serialize;

use crate::build::plan;
use crate::cli::Target;
use crate::configuration::{self, Configuration};
use crate::size::database;
use crate::tree::Tree;
use crate::{Failure, Result, shelf};

/// Which app, if any.
#[derive(Args, Clone, Default)]
pub struct AppArgs {
    /// Folder of the app [default: the crate around the present folder, if it is one]
    #[arg(long, value_name = "FOLDER")]
    pub app: Option<std::path::PathBuf>,
    /// Platform of the image [default: `[image] platform` of kit.toml, else kvm]
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
}

impl AppArgs {
    /// The app as the commands that build take it.
    pub fn target(&self) -> Target {
        Target { path: self.app.clone(), platform: self.platform.clone(), ..Target::default() }
    }
}

/// The micro-libraries, and a configuration to see them by.
pub struct View {
    /// The kit tree.
    pub tree: Tree,
    /// All that there is.
    pub shelf: Shelf,
    /// The values: the app's, or the defaults.
    pub config: Config,
    /// Sizes.
    pub estimator: Estimator,
    /// The platform's name.
    pub platform: String,
    /// The app's name, if there is an app.
    pub app: Option<String>,
}

/// Whether a micro-library is in the image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "reason")]
pub enum State {
    /// It is.
    InImage,
    /// It is not, and could be.
    Off,
    /// It cannot be, and why.
    Impossible(String),
}

/// One micro-library.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// The option that chooses it.
    pub option: String,
    /// The slot that it fills, if it fills one.
    pub slot: Option<String>,
    /// The slot's text in the menu; empty without a slot or where there is no choice.
    pub slot_prompt: String,
    /// Its text in the menu.
    pub prompt: String,
    /// Its help.
    pub help: String,
    /// Its crate.
    pub package: String,
    /// Its folder.
    pub folder: std::path::PathBuf,
    /// Whether it is in the image.
    #[serde(flatten)]
    pub state: State,
    /// Bytes that it adds on this platform, as far as they were measured.
    pub bytes: Option<u64>,
}

impl View {
    /// The app at hand; without one, the defaults of a platform.
    pub fn open(arguments: &AppArgs) -> Result<Self> {
        let is_app = arguments.app.is_some() || is_in_an_app();
        if !is_app {
            return Self::without_app(arguments.platform.as_deref());
        }
        let Configuration { plan, config, estimator, .. } = Configuration::open(&arguments.target())?;
        let app = Some(plan.project.name.clone());
        Ok(Self { tree: plan.tree, shelf: plan.shelf, config, estimator, platform: plan.platform.name, app })
    }

    fn without_app(platform: Option<&str>) -> Result<Self> {
        let tree = Tree::find()?;
        let shelf = shelf::load(&tree, &Default::default(), Path::new(""))?;
        let platform = plan::platform(&shelf, platform)?.1.name.clone();
        let loaded = own_tree::read(&tree.root, &shelf, App::Ported)
            .map_err(|failure| Failure::failed(configuration::errors_of(&failure)))?;
        let mut config = Config::new(Arc::new(loaded.tree));
        configuration::choose_platform(&mut config, &shelf, &platform);
        let estimator = Estimator {
            root: tree.root.clone(),
            shelf: shelf.clone(),
            sizes: database::load(&tree)?,
            mounts: Vec::new(),
            is_native: false,
            measured: None,
        };
        Ok(Self { tree, shelf, config, estimator, platform, app: None })
    }

    /// All micro-libraries that a person can choose or that come by themselves, by slot.
    pub fn entries(&self) -> Vec<Entry> {
        let filled = composition::fill(&self.shelf, &self.config, &self.estimator.mounts).unwrap_or_default();
        let is_filler =
            |option: &str| filled.iter().flat_map(Filled::layers).any(|one| one.provides.option == option);
        let mut entries: Vec<Entry> = Vec::new();
        for package in self.shelf.packages.iter().filter(|package| package.metadata.platform.is_none()) {
            let of_slots = package.metadata.provides.iter();
            let of_slots = of_slots.map(|provides| (provides.option.as_str(), Some(provides.slot.as_str())));
            let by_itself = package.metadata.option.iter().map(|option| (option.as_str(), None));
            for (option, slot) in of_slots.chain(by_itself) {
                let is_in_image = match slot {
                    Some(_) => is_filler(option),
                    None => self.is_on(option),
                };
                entries.extend(self.entry(package, option, slot, is_in_image));
            }
        }
        entries.sort_by(|one, other| (&one.slot, &one.option).cmp(&(&other.slot, &other.option)));
        entries
    }

    fn is_on(&self, option: &str) -> bool {
        let symbol = self.config.tree().find(option);
        symbol.is_some_and(|symbol| self.config.tristate(symbol) == Tristate::Yes)
    }

    fn entry(&self, package: &Package, option: &str, slot: Option<&str>, is_in_image: bool) -> Option<Entry> {
        let symbol = self.config.tree().find(option)?;
        let (prompt, help) = self.texts(symbol);
        let choice = self.config.tree().symbol(symbol).choice;
        let state = match refusal::of(&self.config, symbol, "y") {
            _ if is_in_image => State::InImage,
            // What is chosen and not in the image is one that nothing uses.
            None if self.is_on(option) => State::Impossible("nothing in this image uses it".to_string()),
            None => State::Off,
            Some(refusal) => {
                let remedy = refusal.remedy(self.config.tree());
                let remedy = remedy.map_or(String::new(), |remedy| format!(" \u{2014} {remedy}"));
                let reason = format!("{}{remedy}", refusal.reason);
                State::Impossible(configuration::in_words_of_kit_toml(&self.shelf, &reason))
            }
        };
        Some(Entry {
            option: option.to_string(),
            slot: slot.map(str::to_string),
            slot_prompt: choice.and_then(|choice| self.texts(choice).0).unwrap_or_default(),
            // What nobody chooses has no prompt, but it has help.
            prompt: prompt.unwrap_or_else(|| first_sentence(&help)),
            help,
            package: package.name.clone(),
            folder: package.folder.clone(),
            state,
            bytes: self.estimator.bytes_of(&self.config, option),
        })
    }

    /// What must hold for an option to be chosen, as Kconfig writes it; none if it needs nothing.
    pub fn needs(&self, option: &str) -> Option<String> {
        let tree = self.config.tree();
        let depends = tree.symbol(tree.find(option)?).depends;
        (depends != ExprId::YES).then(|| tree.expression(depends))
    }

    /// Prompt and help of an option.
    pub fn texts(&self, symbol: SymbolId) -> (Option<String>, String) {
        let tree = self.config.tree();
        let nodes = &tree.symbol(symbol).nodes;
        let prompt = nodes.iter().find_map(|node| tree.node(*node).prompt.as_ref());
        let help = nodes.iter().find_map(|node| tree.help(*node));
        (prompt.map(|prompt| prompt.text.to_string()), help.unwrap_or_default().into_owned())
    }

    /// The entry that a person means by its option, its crate or its folder's name.
    pub fn find(&self, name: &str) -> Result<Entry> {
        let entries = self.entries();
        let wanted = name.trim_end_matches('/');
        let wanted = wanted.rsplit('/').next().unwrap_or(wanted).trim_start_matches("CONFIG_");
        let names = |entry: &Entry| {
            let folder = entry.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            [entry.option.clone(), entry.package.clone(), folder]
        };
        let is_it = |entry: &&Entry| names(entry).iter().any(|name| name.eq_ignore_ascii_case(wanted));
        if let Some(entry) = entries.iter().find(is_it) {
            return Ok(entry.clone());
        }
        let known: Vec<String> = entries.iter().flat_map(names).collect();
        let near = kit_menu::did_you_mean(wanted, known.iter().map(String::as_str));
        let hint =
            near.map_or("`kit lib list` shows all".to_string(), |near| format!("did you mean `{near}`?"));
        Err(Failure::usage(format!("there is no micro-library `{name}`: {hint}")))
    }
}

fn first_sentence(help: &str) -> String {
    let text = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = text.find([':', '.']).unwrap_or(text.len());
    text[..end].to_string()
}

/// Whether the present folder is in a crate that is, or could be, an app: the kit tree itself is none.
fn is_in_an_app() -> bool {
    let Ok(present) = std::env::current_dir() else { return false };
    let manifest = present.ancestors().map(|folder| folder.join("Cargo.toml")).find(|path| path.is_file());
    let text = manifest.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    text.parse::<toml::Table>().is_ok_and(|manifest| {
        let package = manifest.get("package").and_then(toml::Value::as_table);
        package.is_some_and(|package| package.get("metadata").is_none_or(|all| all.get("kit").is_none()))
    })
}
