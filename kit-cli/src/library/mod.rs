//! `kit lib`, `kit add`, `kit remove`: the micro-libraries that there are, and which of them an app has.

pub mod add;
pub mod check;
mod info;
mod list;
mod remove;
pub mod view;

use clap::{Args, Subcommand};

use crate::Result;

pub use add::AddArgs;
pub use remove::RemoveArgs;

/// Arguments of `kit lib`.
#[derive(Args)]
pub struct LibArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: LibCommand,
}

/// What `kit lib` can do.
#[derive(Subcommand)]
pub enum LibCommand {
    /// List the micro-libraries by slot, and which of them the app has
    List(list::ListArgs),
    /// List the micro-libraries whose name, prompt or help has these words
    Search(list::SearchArgs),
    /// Tell all about one micro-library
    Info(info::InfoArgs),
    /// Check that a micro-library has what a person, the menu and the tests need
    Check(check::CheckArgs),
}

/// `kit lib`.
pub fn command(arguments: &LibArgs) -> Result<u8> {
    match &arguments.command {
        LibCommand::List(arguments) => list::command(arguments),
        LibCommand::Search(arguments) => list::search(arguments),
        LibCommand::Info(arguments) => info::command(arguments),
        LibCommand::Check(arguments) => check::command(arguments),
    }
}

/// `kit add`.
pub fn add(arguments: &AddArgs) -> Result<u8> {
    add::command(arguments)
}

/// `kit remove`.
pub fn remove(arguments: &RemoveArgs) -> Result<u8> {
    remove::command(arguments)
}
