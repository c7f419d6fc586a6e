//! `kit disk`: files that are disks of an image.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::Result;
use crate::run::disks;

/// Arguments of `kit disk`.
#[derive(Args)]
pub struct DiskArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: DiskCommand,
}

/// What to do with a disk.
#[derive(Subcommand)]
pub enum DiskCommand {
    /// Make a disk of zeroes; it takes no room before it is written to
    Create {
        /// The file
        file: PathBuf,
        /// Its size, such as 64M
        size: String,
    },
}

/// `kit disk`.
pub fn command(arguments: &DiskArgs) -> Result<u8> {
    let DiskCommand::Create { file, size } = &arguments.command;
    disks::create(file, disks::parse_size(size)?)?;
    Ok(0)
}
