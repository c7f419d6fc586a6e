//! Linux's `scripts/kconfig/conf`: makes one `.config` of another without a screen.
//!
//! Files, exit codes, standard output and environment variables are those of Linux 6.12, so that any project
//! which is configured by Kconfig can be pointed at it. Where it differs:
//! * Messages show the line they are about. Lines of a `.config` that have no effect are warned about always;
//!   they are errors under `KCONFIG_WERROR` only where Linux warns.
//! * Files are replaced in one step: neither a crash nor a full disk leaves half a file.
//! * What makes Linux's `conf` ask for ever (a choice without a visible member, a value that cannot be set at the
//!   end of the input) ends.
//!
//! ```text
//!  mod.rs ──► environment.rs  which files          new_values.rs  all*config, randconfig (random.rs, number.rs)
//!         ──► outputs.rs      what is written      dialogue.rs    oldconfig and its kin (terminal.rs, help.rs)
//! ```

mod dialogue;
mod environment;
mod help;
mod mode;
mod new_values;
mod number;
mod outputs;
mod random;
mod report;
mod terminal;
mod trace;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use mode::{Mode, ModeKind, ModeOption};
pub use terminal::Terminal;

use self::dialogue::{Dialogue, Purpose, Stop};
use self::environment::Environment;
use self::new_values::{Chances, Fill};
use self::random::Random;
use self::trace::Trace;
use super::codes;
use super::config::Config;
use super::context::Context;
use super::file::Header;
use super::file::read::{self, Reading};
use super::load::load;
use super::tree::{Role, SymbolId, Tristate};

/// What to do.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// How.
    pub mode: Mode,
    /// The top Kconfig file.
    pub top: PathBuf,
    /// Whether to leave out what was written where.
    pub is_silent: bool,
    /// Relative names of files start here; empty for the working folder of the process.
    pub folder: PathBuf,
}

/// Reads the Kconfig files and a configuration, does what the mode says, and writes the result.
///
/// The exit code is 0, or 1 after a message on `terminal.errors`. Fails only if a stream of `terminal` does.
pub fn run(invocation: &Invocation, context: &mut Context, terminal: &mut Terminal<'_>) -> io::Result<u8> {
    let mut random = None;
    if invocation.mode == Mode::Random {
        let seed = context.environment.get("KCONFIG_SEED").and_then(|text| seed(text)).unwrap_or_else(clock);
        writeln!(terminal.output, "KCONFIG_SEED=0x{seed:X}")?;
        random = Some(Random::new(seed));
    }
    let loaded = match load(&invocation.top, context) {
        Ok(loaded) => loaded,
        Err(failure) => {
            report::report(terminal, &failure.diagnostics, &failure.sources)?;
            return Ok(1);
        }
    };
    report::report(terminal, &loaded.diagnostics, loaded.tree.sources())?;
    let environment = Environment::new(&context.environment, &invocation.folder, context.srctree.as_deref());
    let is_silent = invocation.is_silent || invocation.mode == Mode::Sync;
    let mut run = Run {
        config: Config::new(Arc::new(loaded.tree)),
        header: environment.header(),
        environment,
        terminal,
        is_silent,
        is_changed: true,
        is_suspicious: false,
        has_read: false,
        leftovers: Vec::new(),
    };
    match run.all(&invocation.mode, random) {
        Ok(()) => Ok(0),
        Err(End::Complaint(message)) => {
            run.terminal.output.flush()?;
            writeln!(run.terminal.errors, "{message}")?;
            Ok(1)
        }
        Err(End::Stream(error)) => Err(error),
    }
}

/// Why a run ends early.
enum End {
    /// For this reason; empty if it has been said.
    Complaint(String),
    /// A stream failed.
    Stream(io::Error),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Stream(error)
    }
}

impl From<Stop> for End {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::NoAnswer(name) => {
                Self::Complaint(format!("\nerror: no value for new symbol '{name}' at end of input"))
            }
            Stop::Stream(error) => Self::Stream(error),
        }
    }
}

struct Run<'a, 'b> {
    config: Config,
    header: Header,
    environment: Environment<'a>,
    terminal: &'a mut Terminal<'b>,
    is_silent: bool,
    /// Whether what would be written differs from what was read.
    is_changed: bool,
    /// Whether there was a warning about the file that was read last.
    is_suspicious: bool,
    /// Whether a configuration was read and evaluated, not only its values taken over.
    has_read: bool,
    /// Members of choices that are written although they are invisible.
    leftovers: Vec<SymbolId>,
}

impl Run<'_, '_> {
    fn all(&mut self, mode: &Mode, random: Option<Random>) -> Result<(), End> {
        self.read(mode)?;
        let is_strict = self.environment.has("KCONFIG_WERROR");
        if is_strict && self.is_suspicious {
            return Err(End::Complaint("error: the warnings above are errors (KCONFIG_WERROR)".to_string()));
        }
        let is_frozen = *mode == Mode::Sync && self.environment.says("KCONFIG_NOSILENTUPDATE");
        if is_frozen && self.is_changed {
            return Err(End::Complaint("\n*** The configuration requires explicit update.\n".to_string()));
        }
        self.change(mode, random)?;
        if self.warn(mode)? && is_strict {
            return Err(End::Complaint("error: the warnings above are errors (KCONFIG_WERROR)".to_string()));
        }
        match mode {
            Mode::ListNew | Mode::HelpNew => Ok(()),
            Mode::SaveDefault(file) => self.write_minimal(file),
            _ => {
                if !is_frozen {
                    self.write_dot_config()?;
                }
                self.write_for_builds(*mode == Mode::Sync)
            }
        }
    }

    /// Reads what the mode begins with.
    fn read(&mut self, mode: &Mode) -> Result<(), End> {
        if let Mode::Default(file) = mode {
            let name = file.to_string_lossy();
            if !self.read_and_compare(&name)? {
                let message = format!("***\n*** Can't find default configuration \"{name}\"!\n***");
                return Err(End::Complaint(message));
            }
            return Ok(());
        }
        let Some(name) = mode.preset_file() else { return self.read_present() };
        match self.environment.get("KCONFIG_ALLCONFIG") {
            None => Ok(()),
            Some("" | "1") => {
                if self.read_values(name)? || self.read_values("all.config")? {
                    return Ok(());
                }
                let message =
                    format!("*** KCONFIG_ALLCONFIG set, but no \"{name}\" or \"all.config\" file found");
                Err(End::Complaint(message))
            }
            Some(name) if self.read_values(name)? => Ok(()),
            Some(name) => Err(End::Complaint(format!("*** Can't read seed configuration \"{name}\"!"))),
        }
    }

    /// Reads the `.config`, or the first file of `KCONFIG_DEFCONFIG_LIST` that is there, or nothing.
    fn read_present(&mut self) -> Result<(), End> {
        if self.read_and_compare(self.environment.dot_config())? {
            return Ok(());
        }
        let listed = self.environment.get("KCONFIG_DEFCONFIG_LIST").unwrap_or_default();
        for name in listed.split_ascii_whitespace() {
            if let Some(text) = self.environment.read(name) {
                self.message(&format!("using defaults found in {name}"))?;
                self.take(name, &text)?;
                self.has_read = true;
                self.is_changed = true;
                return Ok(());
            }
        }
        Ok(())
    }

    /// Reads a configuration and finds out whether it would be written as it is. False if there is none.
    fn read_and_compare(&mut self, name: &str) -> Result<bool, End> {
        let Some(text) = self.environment.read(name) else { return Ok(false) };
        let reading = self.take(name, &text)?;
        self.has_read = true;
        self.is_changed = reading.is_stale || self.differs();
        Ok(true)
    }

    /// Reads the values of a file. False if there is none.
    fn read_values(&mut self, name: &str) -> Result<bool, End> {
        let Some(text) = self.environment.read(name) else { return Ok(false) };
        self.take(name, &text)?;
        Ok(true)
    }

    fn take(&mut self, name: &str, text: &str) -> Result<Reading, End> {
        let reading = read::read(&mut self.config, text, Path::new(name), &self.header);
        report::report(self.terminal, &reading.diagnostics, &reading.sources)?;
        let counts_unknown = self.environment.has("KCONFIG_WARN_UNKNOWN_SYMBOLS");
        self.is_suspicious = reading.diagnostics.iter().any(|diagnostic| match diagnostic.code {
            codes::UNDEFINED_SYMBOL | codes::UNQUOTED_STRING => false,
            codes::UNKNOWN_SYMBOL => counts_unknown,
            _ => true,
        });
        Ok(reading)
    }

    /// Whether a symbol has another value than the user gave it, or will be written and was not, or the reverse.
    fn differs(&self) -> bool {
        let config = &self.config;
        config.tree().symbols().any(|(id, symbol)| {
            if symbol.role != Role::Plain || symbol.is_transitional {
                return false;
            }
            match (config.user_value(id), config.is_written(id)) {
                (Some(value), true) => *value != *config.value(id),
                (has_value, is_written) => has_value.is_some() != is_written,
            }
        })
    }

    /// Does what the mode is for.
    fn change(&mut self, mode: &Mode, random: Option<Random>) -> Result<(), End> {
        let config = &mut self.config;
        match mode {
            Mode::AllNo => new_values::fill(config, Fill::With(Tristate::No)),
            Mode::AllMod => new_values::fill(config, Fill::With(Tristate::Mod)),
            Mode::AllYes => new_values::fill(config, Fill::With(Tristate::Yes)),
            Mode::Random => {
                let Some(chances) = Chances::of(self.environment.get("KCONFIG_PROBABILITY")) else {
                    let message = "KCONFIG_PROBABILITY: Numerical result out of range";
                    return Err(End::Complaint(message.to_string()));
                };
                let mut random = random.unwrap_or_else(|| Random::new(clock()));
                new_values::fill(config, Fill::Random(chances, &mut random));
            }
            Mode::YesToMod => self.rewrite(Tristate::Yes, Tristate::Mod),
            Mode::ModToYes => self.rewrite(Tristate::Mod, Tristate::Yes),
            Mode::ModToNo => self.rewrite(Tristate::Mod, Tristate::No),
            Mode::OldAsk => self.converse(Purpose::AskAll)?,
            Mode::Old | Mode::Sync => self.converse(Purpose::AskNew)?,
            Mode::ListNew => self.converse(Purpose::List)?,
            Mode::HelpNew => self.converse(Purpose::Help)?,
            Mode::AllDefault | Mode::OldDefault | Mode::Default(_) | Mode::SaveDefault(_) => {}
        }
        Ok(())
    }

    fn rewrite(&mut self, from: Tristate, to: Tristate) {
        let before = trace::visible_members(&self.config);
        self.config.rewrite_tristates(from, to);
        self.leftovers = trace::leftovers(&self.config, &before);
    }

    fn converse(&mut self, purpose: Purpose) -> Result<(), End> {
        Dialogue::new(&mut self.config, self.terminal, &self.header.prefix, purpose).run()?;
        Ok(())
    }

    /// Says which selected symbols have unmet dependencies. Whether Linux's program has noticed one by now; the
    /// rest it finds only while it writes.
    fn warn(&mut self, mode: &Mode) -> Result<bool, End> {
        let config = &self.config;
        let symbols = config.tree().symbols().map(|(id, _)| id);
        let unmet: Vec<SymbolId> = symbols.filter(|&id| config.is_unmet(id)).collect();
        for &symbol in &unmet {
            self.terminal.errors.write_all(config.unmet_text(symbol).as_bytes())?;
        }
        if unmet.is_empty() || self.has_read {
            return Ok(!unmet.is_empty());
        }
        let trace = match mode {
            Mode::OldAsk | Mode::Old | Mode::Sync | Mode::ListNew | Mode::HelpNew => {
                Trace::of_dialogue(config)
            }
            _ => Trace::new(config),
        };
        Ok(unmet.iter().any(|&symbol| trace.has(symbol)))
    }

    /// Prints what happened, unless it is not to be said.
    fn message(&mut self, text: &str) -> Result<(), End> {
        if !self.is_silent {
            write!(self.terminal.output, "#\n# {text}\n#\n")?;
        }
        Ok(())
    }
}

/// `KCONFIG_SEED`: a whole number, or nothing.
fn seed(text: &str) -> Option<u32> {
    let (number, rest) = number::leading(text, 0);
    (!text.is_empty() && rest.is_empty()).then_some(number as u32)
}

/// A seed that is another one each time.
fn clock() -> u32 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (since.as_secs() as u32).wrapping_add(1).wrapping_mul(since.subsec_micros() + 1)
}
