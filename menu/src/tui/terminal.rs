//! The terminal as a screen: taken, given back whatever happens, and lent to the shell in between.

use std::io::{self, IsTerminal, Stdout, Write};
use std::panic;
use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen};
use ratatui::crossterm::{cursor, execute};
use signal_hook::consts::SIGSTOP;

type Hook = dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync;

/// The terminal of this process while the menu has it. Dropping it gives the terminal back.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    /// What was called on a panic before; put back at the end.
    hook: Arc<Hook>,
}

/// Whether the process has a terminal that a screen can be drawn on.
pub fn is_there() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdin().is_terminal() && io::stdout().is_terminal() && !is_dumb
}

impl Screen {
    /// Takes the terminal. From now on a panic gives it back before it prints its message.
    pub fn enter() -> io::Result<Self> {
        let hook: Arc<Hook> = panic::take_hook().into();
        let previous = hook.clone();
        panic::set_hook(Box::new(move |information| {
            give_back();
            previous(information);
        }));
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        let screen = Self { terminal, hook };
        take()?;
        Ok(screen)
    }

    /// What draws.
    pub fn terminal(&mut self) -> &mut Terminal<CrosstermBackend<Stdout>> {
        &mut self.terminal
    }

    /// Gives the terminal to the shell and stops the process until it is continued.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signal_hook::low_level::raise(SIGSTOP)
    }

    /// Takes the terminal again, whoever had it, and forgets what is on it.
    pub fn resume(&mut self) -> io::Result<()> {
        // Whoever stopped the process may have set the terminal's modes; those that are remembered are old.
        let _ = terminal::disable_raw_mode();
        take()?;
        self.forget()
    }

    /// Forgets what is on the screen: the next picture is drawn as a whole.
    pub fn forget(&mut self) -> io::Result<()> {
        // `Terminal::clear` would ask the terminal where its cursor is, and the answer would be taken for keys.
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
        // Setting a hook while panicking would abort.
        if !std::thread::panicking() {
            let hook = self.hook.clone();
            panic::set_hook(Box::new(move |information| hook(information)));
        }
    }
}

fn take() -> io::Result<()> {
    terminal::enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture, EnableBracketedPaste, cursor::Hide)
}

/// Does as much as can be done: a terminal that is gone is no reason to stop half-way.
fn give_back() {
    let _ = execute!(
        io::stdout(),
        DisableBracketedPaste,
        DisableMouseCapture,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = io::stdout().flush();
    let _ = terminal::disable_raw_mode();
}
