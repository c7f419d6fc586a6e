//! `kit kconfig`: the engine below the configuration, for Kconfig files of any project.
//!
//! Nothing here looks for kit's own tree or for an app.

mod conf;

use clap::{Args, Subcommand};

use crate::Result;

/// Arguments of `kit kconfig`.
#[derive(Args)]
pub struct KconfigArgs {
    #[command(subcommand)]
    command: KconfigCommand,
}

#[derive(Subcommand)]
enum KconfigCommand {
    /// Do what Linux's scripts/kconfig/conf does, with its options and environment variables
    Conf(conf::ConfArgs),
}

/// `kit kconfig`.
pub fn command(arguments: &KconfigArgs) -> Result<u8> {
    match &arguments.command {
        KconfigCommand::Conf(arguments) => conf::command(arguments),
    }
}
