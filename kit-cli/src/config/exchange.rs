//! `kit config import` and `kit config export`: other formats.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use kit_menu::kconfig::file::{Header, dot_config as write, minimal, read};
use kit_menu::kconfig::{Config, Role, Type};
use kit_menu::session::{Session, dot_config};
use serde_json::{Map, Value};

use super::place::header;
use super::set::{Before, report, save};
use super::{Place, json as shape, names};
use crate::stamp::write_if_changed;
use crate::{Failure, Result, configuration};

/// A format of whole configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The format of Linux
    Config,
    /// One JSON object: names with values
    Json,
}

/// Arguments of `kit config import`.
#[derive(Args)]
pub struct ImportArgs {
    /// The file; `-` is standard input
    pub file: PathBuf,
    /// Its format [default: what the file looks like]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Print the same object as `kit config set`
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `kit config export`.
#[derive(Args)]
pub struct ExportArgs {
    /// Where to [default: standard output]
    pub file: Option<PathBuf>,
    /// The format
    #[arg(long, value_enum, default_value_t = Format::Config)]
    pub format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

/// `kit config import`: replaces what was set by what makes the file's values differ from the defaults. Lines that
/// have no effect are told, and left out.
pub fn import(place: &Place, arguments: &ImportArgs) -> Result<u8> {
    let path = &arguments.file;
    let mut bytes = Vec::new();
    match path.as_os_str() == "-" {
        true => std::io::stdin().lock().read_to_end(&mut bytes).map(drop),
        false => fs::read(path).map(|read| bytes = read),
    }
    .map_err(|error| Failure::file("read", path, error))?;
    let text = String::from_utf8_lossy(&bytes);
    let mut session = place.read()?;
    let before = Before::of(&session);
    take_over(place, &mut session, &text, path, arguments.format)?;
    save(&mut session)?;
    report(&session, &before, arguments.json);
    Ok(0)
}

/// `kit config export`.
pub fn export(place: &Place, arguments: &ExportArgs) -> Result<u8> {
    let session = place.read()?;
    let format = if arguments.json { Format::Json } else { arguments.format };
    let text = match format {
        Format::Config => write(session.config(), &header()),
        Format::Json => object(session.config()).to_string() + "\n",
    };
    match &arguments.file {
        Some(file) => write_if_changed(file, text.as_bytes())?,
        None => print!("{text}"),
    }
    Ok(0)
}

/// Replaces everything that was set by what `text` says, as far as it takes and differs from the defaults, and
/// tells of every line that has no effect.
pub fn take_over(
    place: &Place,
    session: &mut Session,
    text: &str,
    path: &Path,
    format: Option<Format>,
) -> Result<()> {
    let looks_like_json = text.trim_start().starts_with('{');
    let mut config = Config::new(session.tree().clone());
    let mut warnings = match format {
        Some(Format::Json) => of_json(&mut config, text, path)?,
        None if looks_like_json => of_json(&mut config, text, path)?,
        _ => {
            let contents = dot_config::contents(&mut config, text, path, &header());
            let told = |leftover: kit_menu::session::Leftover| {
                format!("{}: {}", leftover.assignment.place, leftover.message)
            };
            contents.leftovers.into_iter().map(told).collect()
        }
    };
    // The command line's platform goes before that of the file.
    if let (Some(_), Some(plan)) = (&place.platform, place.plan()?) {
        configuration::choose_platform(&mut config, &plan.shelf, &plan.platform.name);
        configuration::choose_mounted(&mut config, &plan.mounts);
    }
    let told = config.tree().symbols().filter_map(|(symbol, _)| config.value_warning(symbol));
    warnings.extend(told.map(|diagnostic| diagnostic.message));
    warnings.iter().for_each(|warning| eprintln!("kit: warning: {warning}"));
    let header = Header::default();
    let least = minimal::minimal(&config, &header);
    session.replace_all("import", |config| {
        read(config, &least, path, &header);
    });
    Ok(())
}

/// Gives the values of a JSON object to `config`, and returns what is wrong with it.
fn of_json(config: &mut Config, text: &str, path: &Path) -> Result<Vec<String>> {
    let object: Map<String, Value> = serde_json::from_str(text)
        .map_err(|error| Failure::failed(format!("{}: no JSON object of names: {error}", path.display())))?;
    let mut warnings = Vec::new();
    for (name, value) in &object {
        let symbol = match names::find(config.tree(), name) {
            Ok(symbol) => symbol,
            Err(failure) => {
                warnings.push(failure.message);
                continue;
            }
        };
        let text = match value {
            Value::Bool(true) => "y".to_string(),
            Value::Bool(false) => "n".to_string(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if config.preset(symbol, &text).is_err() {
            warnings.push(format!("{name} cannot be {value}"));
        }
    }
    Ok(warnings)
}

/// All values that a `.config` has.
fn object(config: &Config) -> Value {
    let symbols = config.tree().symbols().filter(|(symbol, definition)| {
        definition.role == Role::Plain && definition.kind != Type::Unknown && config.is_written(*symbol)
    });
    let entries =
        symbols.map(|(symbol, definition)| (definition.name.to_string(), shape::present(config, symbol)));
    Value::Object(entries.collect())
}
