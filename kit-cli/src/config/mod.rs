//! `kit config …`, `kit defconfig`, `kit savedefconfig`: the configuration without a terminal's menu.
//!
//! Each command is one module and works on a [`Session`](kit_menu::session::Session), which [`place`] opens: that
//! of an app (`kit.toml`, kit's own tree), or of any Kconfig tree with a `.config` (`--kconfig FILE --config FILE`).
//!
//! What prints data takes `--json`; the shape of each is in its module and does not change, though keys may be
//! added.

pub mod check;
pub mod defconfig;
pub mod diff;
pub mod exchange;
pub mod get;
pub mod json;
pub mod list;
pub mod menuconfig;
pub mod names;
pub mod place;
pub mod set;
pub mod store;
pub mod web;
pub mod why;

use clap::{Args, Subcommand};

use crate::Result;

pub use place::Place;

/// Arguments of `kit config`.
#[derive(Args)]
pub struct ConfigArgs {
    /// Which configuration.
    #[command(flatten)]
    pub place: Place,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// The commands of `kit config`.
#[derive(Subcommand)]
pub enum Action {
    /// Print the value of options
    Get(get::GetArgs),
    /// Set options; nothing is changed unless all of them take
    Set(set::SetArgs),
    /// Reset options to their defaults
    Unset(set::UnsetArgs),
    /// List options with their values
    List(list::ListArgs),
    /// Tell everything about an option: its value and why, what it needs, who selects it
    Why(why::WhyArgs),
    /// Show where two configurations differ
    Diff(diff::DiffArgs),
    /// Tell what is wrong; exit code 1 if something is
    Check(check::CheckArgs),
    /// Take over the values of a .config or JSON file
    Import(exchange::ImportArgs),
    /// Print all values as .config or JSON
    Export(exchange::ExportArgs),
    /// Change the configuration in a browser on this machine
    Web(web::WebArgs),
}

/// `kit config`.
pub fn command(arguments: &ConfigArgs) -> Result<u8> {
    let place = &arguments.place;
    match &arguments.action {
        Action::Get(arguments) => get::command(place, arguments),
        Action::Set(arguments) => set::command(place, arguments),
        Action::Unset(arguments) => set::unset(place, arguments),
        Action::List(arguments) => list::command(place, arguments),
        Action::Why(arguments) => why::command(place, arguments),
        Action::Diff(arguments) => diff::command(place, arguments),
        Action::Check(arguments) => check::command(place, arguments),
        Action::Import(arguments) => exchange::import(place, arguments),
        Action::Export(arguments) => exchange::export(place, arguments),
        Action::Web(arguments) => web::command(place, arguments),
    }
}
