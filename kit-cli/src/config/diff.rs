//! `kit config diff`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use kit_menu::kconfig::{Config, Tree};
use kit_menu::session::problem::is_option;
use kit_menu::session::{Session, Store, dot_config};
use serde_json::json;

use super::json::value;
use super::place::header;
use super::store::KitTomlStore;
use super::{Place, json as shape};
use crate::{Failure, Result, configuration};

/// Arguments of `kit config diff`.
#[derive(Args)]
pub struct DiffArgs {
    /// Compare with this kit.toml or .config [default: with the defaults]
    #[arg(value_name = "FILE")]
    pub other: Option<PathBuf>,
    /// Compare with the same configuration on another platform
    #[arg(long, value_name = "PLATFORM", conflicts_with_all = ["other", "kconfig"])]
    pub with_platform: Option<String>,
    /// Print `{"differences": [{name, before, after}]}`
    #[arg(long)]
    pub json: bool,
}

/// `kit config diff`: a line `NAME: OTHER → THIS` for each option with another value.
pub fn command(place: &Place, arguments: &DiffArgs) -> Result<u8> {
    let session = place.read()?;
    let other = match (&arguments.other, &arguments.with_platform) {
        (Some(file), _) => of_file(place, &session, file)?,
        (None, Some(platform)) => {
            let there = Place { platform: Some(platform.clone()), ..place.clone() };
            there.read()?.config().clone()
        }
        (None, None) => defaults(place, &session)?,
    };
    let differences = differences(&other, session.config());
    if arguments.json {
        let list: Vec<_> = differences
            .iter()
            .map(|(name, before, after)| {
                let kind = |tree: &Tree| tree.find(name).map(|symbol| tree.symbol(symbol).kind);
                let kind = kind(session.tree()).unwrap_or_default();
                let typed = |text: &Option<String>| text.as_ref().map(|text| value(kind, text));
                json!({ "name": name, "before": typed(before), "after": typed(after) })
            })
            .collect();
        shape::print(&json!({ "differences": list }));
        return Ok(0);
    }
    for (name, before, after) in &differences {
        let word = |text: &Option<String>| match text.as_deref() {
            None => "does not exist".to_string(),
            Some("") => "empty".to_string(),
            Some(text) => text.to_string(),
        };
        println!("{name}: {} → {}", word(before), word(after));
    }
    Ok(0)
}

/// Everything at its default, on the platform of the session.
pub fn defaults(place: &Place, session: &Session) -> Result<Config> {
    let mut config = Config::new(session.tree().clone());
    if let Some(plan) = place.plan()? {
        configuration::choose_platform(&mut config, &plan.shelf, &plan.platform.name);
        configuration::choose_mounted(&mut config, &plan.mounts);
    }
    Ok(config)
}

fn of_file(place: &Place, session: &Session, file: &Path) -> Result<Config> {
    let mut config = Config::new(session.tree().clone());
    if file.extension().is_some_and(|extension| extension == "toml") {
        let Some(plan) = place.plan()? else {
            return Err(Failure::usage(format!("{} is not for this Kconfig tree", file.display())));
        };
        let store = KitTomlStore::new(&plan, place.platform.as_deref());
        store.at(file).load(&mut config).map_err(|error| Failure::failed(error.message))?;
        return Ok(config);
    }
    let bytes = fs::read(file).map_err(|error| Failure::file("read", file, error))?;
    dot_config::contents(&mut config, &String::from_utf8_lossy(&bytes), file, &header());
    Ok(config)
}

/// Names with their values in both, where they are not the same; the trees may be two. None: no such option.
fn differences(before: &Config, after: &Config) -> Vec<(String, Option<String>, Option<String>)> {
    let value = |config: &Config, name: &str| {
        let symbol = config.tree().find(name).filter(|symbol| is_option(config.tree(), *symbol))?;
        Some(config.value(symbol).to_string())
    };
    let mut names: Vec<&str> = [before, after]
        .into_iter()
        .flat_map(|config| config.tree().symbols().map(|(_, symbol)| &*symbol.name))
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    let both = names.into_iter().map(|name| (name.to_string(), value(before, name), value(after, name)));
    both.filter(|(_, before, after)| before != after).collect()
}
