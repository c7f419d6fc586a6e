//! The command `kit`: reads the command line, calls the library, and turns the outcome into an exit code.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Parser;
use kit_cli::cli::Cli;
use kit_cli::link;
use signal_hook::consts::SIGPIPE;

fn main() -> ExitCode {
    if link::is_wanted() {
        return link::main();
    }
    let command = Cli::parse().command;
    if command.ends_with_its_reader() {
        end_with_the_reader();
    }
    match command.run() {
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
