//! The command `kit`: reads the command line, calls the library, and turns the outcome into an exit code.

use std::process::ExitCode;

use clap::Parser;
use kit_cli::cli::{Cli, Command};
use kit_cli::{build, check, doctor, link, run, scaffold, size};

fn main() -> ExitCode {
    if link::is_wanted() {
        return link::main();
    }
    let outcome = match Cli::parse().command {
        Command::New { name, template } => scaffold::new(&name, &template),
        Command::Init { path } => scaffold::init(path.as_deref()),
        Command::Build(arguments) => build::command(&arguments),
        Command::Run(arguments) => run::command(&arguments),
        Command::Check(arguments) => check::command(&arguments),
        Command::Size(arguments) => size::command(&arguments),
        Command::Doctor { fix } => doctor::command(fix),
        Command::Bench { arguments } => doctor::bench(&arguments),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            if !failure.message.is_empty() {
                eprintln!("kit: {}", failure.message);
            }
            ExitCode::from(failure.code)
        }
    }
}
