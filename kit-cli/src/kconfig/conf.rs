//! `kit kconfig conf`: the command line of Linux's `scripts/kconfig/conf`.

use std::io::{BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};
use kit_menu::kconfig::Context;
use kit_menu::kconfig::conf::{self, Invocation, Mode, ModeKind, Terminal};

use crate::{Failure, Result};

/// Arguments of `kit kconfig conf`. The modes are a table of the engine, so clap's derive cannot have them.
pub struct ConfArgs {
    mode: Mode,
    top: Option<PathBuf>,
    is_silent: bool,
    wants_help: bool,
}

impl Args for ConfArgs {
    fn augment_args(command: Command) -> Command {
        let file = || Arg::new("FILE").value_parser(value_parser!(PathBuf));
        let command = command
            // Linux's makefiles may ask twice, or shorten an option.
            .args_override_self(true)
            .infer_long_args(true)
            // conf's help ends with exit code 1.
            .disable_help_flag(true)
            .arg(flag("help", "Print this message, with exit code 1").short('h'))
            .arg(flag("silent", "Do not say what was written").short('s'))
            .arg(file().id("KCONFIG").help("The top Kconfig file"));
        Mode::OPTIONS.iter().fold(command, |command, option| {
            let argument = match option.mode {
                ModeKind::Plain(_) => flag(option.name, option.help),
                ModeKind::WithFile(_) => {
                    file().id(option.name).long(option.name).help(option.help).value_name("FILE")
                }
            };
            command.arg(argument.help_heading("Modes (the last one counts)"))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
}

impl FromArgMatches for ConfArgs {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let is_given = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
        let last = Mode::OPTIONS
            .iter()
            .filter(|option| is_given(option.name))
            .max_by_key(|option| matches.index_of(option.name));
        let mode = last.map(|option| match option.mode {
            ModeKind::Plain(mode) => mode(),
            ModeKind::WithFile(mode) => mode(matches.get_one(option.name).cloned().unwrap_or_default()),
        });
        Ok(Self {
            mode: mode.unwrap_or_default(),
            top: matches.get_one("KCONFIG").cloned(),
            is_silent: matches.get_flag("silent"),
            wants_help: matches.get_flag("help"),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// `kit kconfig conf`.
pub(super) fn command(arguments: &ConfArgs) -> Result<u8> {
    let failed = |error| Failure::failed(format!("conf: {error}"));
    let mut output = BufWriter::new(std::io::stdout().lock());
    let top = arguments.top.clone().filter(|_| !arguments.wants_help);
    let Some(top) = top else {
        if !arguments.wants_help {
            eprintln!("kit kconfig conf: Kconfig file missing");
        }
        let mut command = ConfArgs::augment_args(Command::new("conf").bin_name("kit kconfig conf"));
        write!(output, "{}", command.render_help()).map_err(failed)?;
        return Ok(1);
    };
    let invocation = Invocation {
        mode: arguments.mode.clone(),
        top,
        is_silent: arguments.is_silent,
        folder: PathBuf::new(),
    };
    let is_watched = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mut terminal = Terminal {
        input: &mut std::io::stdin().lock(),
        output: &mut output,
        errors: &mut std::io::stderr().lock(),
        echoes: !is_watched,
    };
    let code = conf::run(&invocation, &mut Context::of_process(), &mut terminal).map_err(failed)?;
    output.flush().map_err(failed)?;
    Ok(code)
}
