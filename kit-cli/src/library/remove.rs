//! `kit remove`: takes a micro-library out of an app's `kit.toml`.

use clap::Args;
use kit_menu::Setting;
use kit_menu::kconfig::{Config, Tristate};

use super::add::{Changed, conclude, evaluate_with, new_problem};
use super::view::{AppArgs, State, View};
use crate::build::plan::Plan;
use crate::kit_edit::Edit;
use crate::{Failure, Result, configuration};

/// Arguments of `kit remove`.
#[derive(Args)]
pub struct RemoveArgs {
    /// Its option, its crate or its folder
    pub library: String,
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

/// `kit remove`.
pub fn command(arguments: &RemoveArgs) -> Result<u8> {
    let plan = Plan::make(&arguments.app.target())?;
    let view = View::open(&arguments.app)?;
    let entry = view.find(&arguments.library)?;
    let before = configuration::evaluate(&plan)?;
    let mut edit = Edit::open(plan.project.kit_toml.path())?;
    let text = edit.text();
    edit.unset(&entry.option, &plan.platform.name);
    let was_in_libs = edit.remove_library(&entry.package);
    let mut after = evaluate_with(&plan, &edit)?;
    if !was_in_libs && is_on(&after.config, &entry.option) {
        // It is the default: leave it out by name.
        edit.set(&entry.option, &Setting::Bool(false), &plan.platform.name)?;
        after = evaluate_with(&plan, &edit)?;
        if let Some(problem) = new_problem(&before, &after) {
            return Err(Failure::usage(format!("{} cannot be left out: {problem}", entry.option)));
        }
    }
    if edit.text() == text {
        let why = match entry.state {
            State::InImage => "it comes by itself",
            _ => "it is not in the image",
        };
        return Err(Failure::failed(format!("there is nothing to remove of {}: {why}", entry.option)));
    }
    let changed = Changed::between(&before.config, &after.config);
    conclude(&edit, &format!("removed {}", entry.option), &changed, arguments.dry_run, arguments.json)
}

fn is_on(config: &Config, option: &str) -> bool {
    config.tree().find(option).is_some_and(|symbol| config.tristate(symbol) == Tristate::Yes)
}
