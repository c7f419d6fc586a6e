//! A real terminal: a program in a pane of tmux, which is pressed keys at and looked at as a person would.
//!
//! Each [`Pane`] has a server of its own, which ends with it. Waiting is for what the screen shows, with a limit,
//! and a failure shows the screen. A shell above the program notes its exit code: tmux now and then misses the
//! end of a child that is quick.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::process;

/// How long the screen may take to show what is waited for, on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// A terminal with a program in it.
pub struct Pane {
    socket: PathBuf,
}

impl Pane {
    /// Starts `command` (for `sh -c`) in `folder` in a terminal of `width` × `height`.
    #[track_caller]
    pub fn open(width: u16, height: u16, folder: &Path, command: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        crate::system::need("tmux", &["tmux"]);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // The path of a socket is short by decree: not below a build directory.
        let name = format!("kit-tmux-{}-{number}", std::process::id());
        let pane = Self { socket: std::env::temp_dir().join(name) };
        let command = format!("{command}\necho $? > {}", pane.code_file().display());
        let size = [width.to_string(), height.to_string()];
        let folder = folder.to_string_lossy();
        // One command line sets the server up before anything runs in it, and keeps the screen of what has ended.
        let setup = "set -g escape-time 0 ; set -g status off ; set -g remain-on-exit on ; \
                     set -g default-terminal xterm-256color";
        let mut arguments: Vec<&str> = vec!["-f", "/dev/null", "start-server", ";"];
        arguments.extend(setup.split_whitespace());
        arguments.extend([";", "new-session", "-d", "-x", &size[0], "-y", &size[1], "-c", &folder, &command]);
        pane.tmux(&arguments);
        pane
    }

    /// Presses keys, by their names in tmux: `Down`, `Enter`, `C-c`, `q`.
    #[track_caller]
    pub fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys", "--"], keys].concat());
    }

    /// Types text as it is.
    #[track_caller]
    pub fn write(&self, text: &str) {
        self.tmux(&["send-keys", "-l", "--", text]);
    }

    /// Gives the terminal another size.
    #[track_caller]
    pub fn resize(&self, width: u16, height: u16) {
        self.tmux(&["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]);
    }

    /// What is on the screen, a line each.
    #[track_caller]
    pub fn text(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// The same with the escape sequences of its colours, and with the blanks at the end of lines, which have some.
    #[track_caller]
    pub fn coloured(&self) -> String {
        self.tmux(&["capture-pane", "-e", "-N", "-p"])
    }

    /// The process id of the program.
    #[track_caller]
    pub fn process(&self) -> u32 {
        let shell = self.ask("#{pane_pid}");
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
        let children = children.expect("the shell runs");
        children
            .split_whitespace()
            .next()
            .and_then(|id| id.parse().ok())
            .expect("the program runs below the shell")
    }

    /// What tmux knows of the pane, by a format of its own.
    #[track_caller]
    pub fn ask(&self, format: &str) -> String {
        self.tmux(&["display-message", "-p", format]).trim().to_string()
    }

    /// Waits until the screen shows `text`, and returns the screen.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> String {
        self.wait(&format!("shows {text:?}"), |screen| screen.contains(text))
    }

    /// Waits until the screen does not show `text` any more, and returns the screen.
    #[track_caller]
    pub fn wait_without(&self, text: &str) -> String {
        self.wait(&format!("no longer shows {text:?}"), |screen| !screen.contains(text))
    }

    /// Waits until the program has ended; its exit code, 128 + the number for a signal.
    #[track_caller]
    pub fn wait_for_end(&self) -> i32 {
        let deadline = Instant::now() + LIMIT;
        loop {
            let code = std::fs::read_to_string(self.code_file()).unwrap_or_default();
            if let Ok(code) = code.trim().parse() {
                return code;
            }
            assert!(Instant::now() < deadline, "it has not ended after {LIMIT:?}\n{}", framed(&self.text()));
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn code_file(&self) -> PathBuf {
        self.socket.with_extension("code")
    }

    /// Waits until the screen is as `holds` demands (`what`, for the message), and returns it. A terminal that has
    /// got another size shows a cut picture until the program has drawn: what is waited for must not be in that.
    #[track_caller]
    pub fn wait(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            let screen = self.text();
            if holds(&screen) {
                return screen;
            }
            assert!(Instant::now() < deadline, "it never {what}\n{}", framed(&screen));
            thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    fn tmux(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("tmux");
        command.arg("-u").arg("-S").arg(&self.socket).args(arguments);
        // A test in a pane of tmux must not speak to the server around it.
        command.env_remove("TMUX").env("LC_ALL", "C.UTF-8");
        command.env_remove("NO_COLOR").env_remove("COLORTERM");
        process::run(command, b"", LIMIT).expect_code(0).stdout
    }
}

impl Drop for Pane {
    fn drop(&mut self) {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&self.socket).arg("kill-server").env_remove("TMUX");
        let _ = command.output();
        let _ = std::fs::remove_file(&self.socket);
        let _ = std::fs::remove_file(self.code_file());
    }
}

fn framed(screen: &str) -> String {
    let lines = screen.trim_end().lines().map(|line| format!("| {line}\n"));
    format!("--- the screen\n{}---", lines.collect::<String>())
}
