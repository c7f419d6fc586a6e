//! `kit completions` and `kit man`: what shells and `man` know of kit, made from the same description of the command
//! line as `--help`.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::{Failure, Result};

/// Arguments of `kit completions`.
#[derive(Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Arguments of `kit man`.
#[derive(Args)]
pub struct ManArgs {
    /// Folder to write the pages into
    pub folder: PathBuf,
}

/// `kit completions`: prints a script for the shell.
pub fn completions(arguments: &CompletionsArgs) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "kit", &mut script);
    io::stdout().write_all(&script).map_err(|error| Failure::failed(format!("cannot print: {error}")))?;
    Ok(0)
}

/// `kit man`: one page for kit, and one for each command.
pub fn pages(arguments: &ManArgs) -> Result<u8> {
    let folder = &arguments.folder;
    fs::create_dir_all(folder).map_err(|error| Failure::file("create", folder, error))?;
    clap_mangen::generate_to(Cli::command(), folder)
        .map_err(|error| Failure::file("write the pages into", folder, error))?;
    println!("wrote the pages to {}: `man -l {}`", folder.display(), folder.join("kit.1").display());
    Ok(0)
}
