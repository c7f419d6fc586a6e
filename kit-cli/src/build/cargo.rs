//! Running cargo: its progress becomes ours, its diagnostics are kept until it is known what they mean.

use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::progress::Progress;
use crate::run::leash;
use crate::{Failure, Result};

/// How a run of cargo ended.
pub struct Outcome {
    /// Whether it succeeded.
    pub is_success: bool,
    /// What rustc and the linker said, without cargo's own progress.
    pub diagnostics: String,
}

/// Runs a cargo command, which must be complete but for where its output goes.
pub fn run(mut command: Command, is_verbose: bool, progress: &mut Progress) -> Result<Outcome> {
    let color = if std::io::stderr().is_terminal() { "always" } else { "never" };
    command.env("CARGO_TERM_COLOR", color).env("CARGO_TERM_PROGRESS_WHEN", "never");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    if is_verbose {
        progress.line(&format!("kit: + {}", shown(&command)));
    }
    let mut child = leash::tied(&mut command).spawn().map_err(|error| Failure::program("cargo", &error))?;
    let mut diagnostics = String::new();
    if let Some(stderr) = child.stderr.take() {
        let mut reader = BufReader::new(stderr);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
            let line = String::from_utf8_lossy(&bytes).trim_end().to_string();
            bytes.clear();
            match status(&line) {
                Some(status) => progress.detail(&status),
                None => diagnostics.push_str(&format!("{line}\n")),
            }
            if is_verbose {
                progress.line(&line);
            }
        }
    }
    let status = child.wait().map_err(|error| Failure::program("cargo", &error))?;
    Ok(Outcome { is_success: status.success(), diagnostics })
}

impl Outcome {
    /// Prints what was kept (unless it has been shown), and fails if cargo failed.
    pub fn conclude(self, what: &str, is_verbose: bool, progress: &Progress) -> Result<()> {
        if !is_verbose && !self.diagnostics.trim().is_empty() {
            progress.line(self.diagnostics.trim_end());
        }
        match self.is_success {
            true => Ok(()),
            false => Err(Failure::failed(format!("{what} does not compile: see above"))),
        }
    }
}

/// The text of a progress line of cargo: a verb that is set flush right to the twelfth column.
fn status(line: &str) -> Option<String> {
    let plain = without_colors(line);
    let verb = plain.get(..12)?.trim_start();
    let is_verb = verb.starts_with(|first: char| first.is_ascii_uppercase())
        && verb.chars().skip(1).all(|letter| letter.is_ascii_lowercase());
    let is_status = is_verb && plain.as_bytes().get(12) == Some(&b' ') && plain.starts_with(' ');
    is_status.then(|| plain[12..].trim().to_string())
}

fn without_colors(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find("\x1b[") {
        plain.push_str(&rest[..start]);
        let tail = &rest[start + 2..];
        let end = tail.find(|letter: char| letter.is_ascii_alphabetic());
        rest = end.map_or("", |end| &tail[end + 1..]);
    }
    plain + rest
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| crate::run::quote(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

/// The sources that a dependency file of cargo lists: `output: source source …`, blanks escaped by a backslash.
pub fn sources(file: &Path) -> Vec<PathBuf> {
    let Ok(text) = std::fs::read_to_string(file) else { return Vec::new() };
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    lines.flat_map(|(_, sources)| words(sources)).map(PathBuf::from).collect()
}

fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => words.last_mut().into_iter().for_each(|word| word.extend(letters.clone().next())),
            ' ' => words.push(String::new()),
            letter => words.last_mut().into_iter().for_each(|word| word.push(letter)),
        }
        if letter == '\\' {
            letters.next();
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_of_cargo_is_told_from_diagnostics() {
        assert_eq!(status("   Compiling axum v0.8.1").as_deref(), Some("axum v0.8.1"));
        assert_eq!(status("\x1b[1m\x1b[92m   Compiling\x1b[0m axum v0.8.1").as_deref(), Some("axum v0.8.1"));
        assert_eq!(status("    Finished `release` profile").as_deref(), Some("`release` profile"));
        assert_eq!(status("error: could not compile `broken`"), None);
        assert_eq!(status("1 | fn main() { nothing() }"), None);
        assert_eq!(status("  --> src/main.rs:1:13"), None);
    }

    #[test]
    fn blanks_in_paths_are_escaped() {
        assert_eq!(words("/a/b.rs /my\\ app/c.rs"), ["/a/b.rs", "/my app/c.rs"]);
    }
}
