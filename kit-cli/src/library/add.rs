//! `kit add`: puts a micro-library into an app's `kit.toml`.

use std::path::{Path, PathBuf};

use clap::Args;
use kit_menu::kconfig::{Config, Role, Tristate, Type};
use kit_menu::{Package, Problem, Setting};
use serde::Serialize;
use toml_edit::Value;

use super::view::{AppArgs, View};
use crate::build::plan::Plan;
use crate::configuration::{self, Evaluated};
use crate::kit_edit::Edit;
use crate::kit_toml::KitToml;
use crate::{Failure, Result};

/// Arguments of `kit add`.
#[derive(Args)]
pub struct AddArgs {
    /// Its option, its crate or its folder; NAME@VERSION for one from the registry
    #[arg(required_unless_present = "path")]
    pub library: Option<String>,
    /// It is in this folder, outside of the kit tree
    #[arg(long, value_name = "FOLDER", conflicts_with = "git")]
    pub path: Option<PathBuf>,
    /// It is in this git repository
    #[arg(long, value_name = "URL", requires = "library")]
    pub git: Option<String>,
    /// The branch of the repository
    #[arg(long, value_name = "NAME", requires = "git", conflicts_with_all = ["tag", "rev"])]
    pub branch: Option<String>,
    /// The tag of the repository
    #[arg(long, value_name = "NAME", requires = "git", conflicts_with = "rev")]
    pub tag: Option<String>,
    /// The commit of the repository
    #[arg(long, value_name = "HASH", requires = "git")]
    pub rev: Option<String>,
    /// Which app.
    #[command(flatten)]
    pub app: AppArgs,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// What `[libs]` says of a crate: its name, and the keys and values of a dependency.
type Dependency = (String, Vec<(String, Value)>);

/// The values that differ between two configurations.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Changed(Vec<Change>);

#[derive(Debug, Serialize)]
struct Change {
    option: String,
    before: Option<String>,
    after: String,
}

/// `kit add`.
pub fn command(arguments: &AddArgs) -> Result<u8> {
    let plan = Plan::make(&arguments.app.target())?;
    let mut edit = Edit::open(plan.project.kit_toml.path())?;
    let option = match dependency(arguments, &plan)? {
        Some((name, dependency)) => {
            edit.set_library(&name, &dependency)?;
            option_of(&with(&plan, &edit)?, &name)?
        }
        None => {
            let name = arguments.library.as_deref().unwrap_or_default();
            View::open(&arguments.app)?.find(name)?.option
        }
    };
    let before = configuration::evaluate(&plan)?;
    if is_on(&before.config, &option) && arguments.path.is_none() && arguments.git.is_none() {
        return Err(Failure::failed(format!("{option} is chosen already")));
    }
    edit.set(&option, &Setting::Bool(true), &plan.platform.name)?;
    let dropped = drop_rivals(&plan, &mut edit, &option)?;
    let after = evaluate_with(&plan, &edit)?;
    if let Some(problem) = new_problem(&before, &after) {
        return Err(Failure::usage(format!("{option} cannot be added: {problem}")));
    }
    let changed = Changed::between(&before.config, &after.config);
    let dropped = dropped.iter().map(|rival| format!(", in place of {rival}"));
    let what = format!("added {option}{}", dropped.collect::<String>());
    conclude(&edit, &what, &changed, arguments.dry_run, arguments.json)
}

/// What `[libs]` must say, if the micro-library is not of the kit tree.
fn dependency(arguments: &AddArgs, plan: &Plan) -> Result<Option<Dependency>> {
    let entry = |key: &str, value: &str| (key.to_string(), Value::from(value));
    if let Some(path) = &arguments.path {
        let (name, folder) = crate_at(path)?;
        if let Some(wanted) = arguments.library.as_ref().filter(|wanted| **wanted != name) {
            return Err(Failure::usage(format!("the crate in {} is {name}, not {wanted}", path.display())));
        }
        return Ok(Some((name, vec![entry("path", &relative(&folder, &plan.project.folder))])));
    }
    let name = arguments.library.clone().unwrap_or_default();
    if let Some(url) = &arguments.git {
        let mut dependency = vec![entry("git", url)];
        let places = [("branch", &arguments.branch), ("tag", &arguments.tag), ("rev", &arguments.rev)];
        dependency.extend(places.iter().filter_map(|(key, value)| Some(entry(key, value.as_ref()?))));
        return Ok(Some((name, dependency)));
    }
    Ok(name.split_once('@').map(|(name, version)| (name.to_string(), vec![entry("version", version)])))
}

/// Name and folder of the crate that a path means.
fn crate_at(path: &Path) -> Result<(String, PathBuf)> {
    let manifest = path.join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).map_err(|_| {
        Failure::usage(format!("{} has no Cargo.toml: name the folder of a micro-library", path.display()))
    })?;
    let table: toml::Table =
        text.parse().map_err(|error| Failure::usage(format!("{}: {error}", manifest.display())))?;
    let name = table.get("package").and_then(|package| package.get("name")?.as_str());
    let Some(name) = name else {
        return Err(Failure::usage(format!("{} names no package", manifest.display())));
    };
    let folder = path.canonicalize().map_err(|error| Failure::file("find", path, error))?;
    Ok((name.to_string(), folder))
}

/// `folder` as `kit.toml` in `from` would name it: relative if they have a folder in common.
fn relative(folder: &Path, from: &Path) -> String {
    let common = folder.components().zip(from.components()).take_while(|(one, other)| one == other).count();
    if common <= 1 {
        return folder.to_string_lossy().into_owned();
    }
    let up = from.components().skip(common).map(|_| Path::new(".."));
    let down = folder.components().skip(common).map(|part| Path::new(part.as_os_str()));
    up.chain(down).collect::<PathBuf>().to_string_lossy().into_owned()
}

/// The option of a crate of `[libs]`: the only one, or there is a choice to be made.
fn option_of(plan: &Plan, name: &str) -> Result<String> {
    let package = plan.shelf.packages.iter().find(|package| package.name == name);
    let options = |package: &Package| {
        let mut options: Vec<String> =
            package.metadata.provides.iter().map(|provides| provides.option.clone()).collect();
        options.dedup();
        options
    };
    match &package.map(options).unwrap_or_default()[..] {
        [option] => Ok(option.clone()),
        [] => Err(Failure::usage(format!("{name} fills no slot, so there is nothing to choose"))),
        several => Err(Failure::usage(format!(
            "{name} has several options: add it to [libs] and choose one of {} in [config]",
            several.join(", ")
        ))),
    }
}

/// Drops what kit.toml says for the other members of the choice, which takes one. Returns their names.
fn drop_rivals(plan: &Plan, edit: &mut Edit, option: &str) -> Result<Vec<String>> {
    let changed = with(plan, edit)?;
    let config = configuration::evaluate(&changed)?.config;
    let tree = config.tree();
    let Some(choice) = tree.find(option).and_then(|symbol| tree.symbol(symbol).choice) else {
        return Ok(Vec::new());
    };
    let members = tree.symbol(choice).members.iter().map(|member| tree.symbol(*member).name.to_string());
    let is_wished = |name: &String| {
        let mut wishes = changed.wishes.config.iter();
        name != option && wishes.any(|wish| wish.option == *name && wish.value == Setting::Bool(true))
    };
    let rivals: Vec<String> = members.filter(is_wished).collect();
    rivals.iter().for_each(|rival| edit.unset(rival, &plan.platform.name));
    Ok(rivals)
}

fn is_on(config: &Config, option: &str) -> bool {
    config.tree().find(option).is_some_and(|symbol| config.tristate(symbol) == Tristate::Yes)
}

/// The plan as it will be with the changed file.
fn with(plan: &Plan, edit: &Edit) -> Result<Plan> {
    plan.with(KitToml::parse(plan.project.kit_toml.path().to_path_buf(), edit.text())?)
}

/// The values that the changed file gives.
pub fn evaluate_with(plan: &Plan, edit: &Edit) -> Result<Evaluated> {
    configuration::evaluate(&with(plan, edit)?)
}

/// What is wrong after a change and was not before.
pub fn new_problem<'a>(before: &Evaluated, after: &'a Evaluated) -> Option<&'a Problem> {
    after.problems.iter().find(|problem| !before.problems.contains(problem))
}

impl Changed {
    /// What is different, in the order of the tree.
    pub fn between(before: &Config, after: &Config) -> Self {
        let tree = after.tree();
        let options = tree.symbols().filter(|(_, symbol)| {
            symbol.role == Role::Plain && symbol.kind != Type::Unknown && !symbol.nodes.is_empty()
        });
        let change = |(id, symbol): (_, &kit_menu::kconfig::Symbol)| {
            // What is in no `.config` has no value that anybody uses.
            let value = after.is_written(id).then(|| after.text(id))?;
            let old = before.tree().find(&symbol.name).filter(|id| before.is_written(*id));
            let old = old.map(|id| before.text(id));
            let is_new = old.is_none() && (&*value == "n" || value.is_empty());
            (old.as_deref() != Some(&*value) && !is_new).then(|| Change {
                option: symbol.name.to_string(),
                before: old.map(|old| old.to_string()),
                after: value.to_string(),
            })
        };
        Self(options.filter_map(change).collect())
    }
}

/// Saves, unless it is a dry run, and says what is different.
pub fn conclude(edit: &Edit, what: &str, changed: &Changed, is_dry_run: bool, as_json: bool) -> Result<u8> {
    if !is_dry_run {
        edit.save()?;
    }
    if as_json {
        println!("{}", serde_json::json!({ "done": what, "changed": changed, "dry_run": is_dry_run }));
        return Ok(0);
    }
    println!("{}{what}", if is_dry_run { "would have " } else { "" });
    for Change { option, before, after } in &changed.0 {
        match before {
            Some(before) => println!("  {option}: {before} \u{2192} {after}"),
            None => println!("  {option}: {after}"),
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_from_the_app() {
        assert_eq!(relative(Path::new("/home/me/mine"), Path::new("/home/me/app")), "../mine");
        assert_eq!(relative(Path::new("/home/me/app/libs/mine"), Path::new("/home/me/app")), "libs/mine");
        assert_eq!(relative(Path::new("/opt/mine"), Path::new("/home/me/app")), "/opt/mine");
    }
}
