//! The command `kit`: reads the command line, calls the library, and turns the outcome into an exit code.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Parser;
use kit_cli::cli::{Cli, Command};
use kit_cli::{build, check, doctor, link, run, scaffold, size};
use signal_hook::consts::SIGPIPE;

fn main() -> ExitCode {
    if link::is_wanted() {
        return link::main();
    }
    let command = Cli::parse().command;
    // A guest goes on without a reader of its console; every other command ends with its reader.
    if !matches!(command, Command::Run(_)) {
        end_with_the_reader();
    }
    let outcome = match command {
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

/// Ends kit as a shell's own tools end when whoever reads its output has left (`kit size | head`); `println!`
/// would panic.
fn end_with_the_reader() {
    let always = Arc::new(AtomicBool::new(true));
    let _ = signal_hook::flag::register_conditional_shutdown(SIGPIPE, 128 + SIGPIPE, always);
}
