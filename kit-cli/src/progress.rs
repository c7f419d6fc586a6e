//! Progress: a spinner with the running stage on a terminal, plain lines otherwise; always on standard error.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::{Deserialize, Serialize};

/// A finished stage.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stage {
    /// What was done.
    pub name: String,
    /// How long it took.
    pub seconds: f64,
}

/// Shows what is going on and keeps the times.
pub struct Progress {
    bar: ProgressBar,
    is_quiet: bool,
    running: Option<(String, Instant)>,
    stages: Vec<Stage>,
}

impl Progress {
    /// `is_quiet`: shows nothing at all on a pipe, and no lines for finished stages.
    pub fn new(is_quiet: bool) -> Self {
        let target = match std::io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Self { bar, is_quiet, running: None, stages: Vec::new() }
    }

    /// Begins a stage, ending the one before.
    pub fn stage(&mut self, name: &str) {
        self.end();
        self.running = Some((name.to_string(), Instant::now()));
        self.bar.enable_steady_tick(Duration::from_millis(100));
        self.bar.set_message(name.to_string());
    }

    /// Shows what the running stage does just now.
    pub fn detail(&self, text: &str) {
        if let Some((name, _)) = &self.running {
            self.bar.set_message(format!("{name}: {text}"));
        }
    }

    /// Prints a line above the spinner.
    pub fn line(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }

    /// Counts `seconds` of the running stage, which is over, as a stage of their own.
    pub fn part(&mut self, name: &str, seconds: f64) {
        if let Some((stage, start)) = self.running.take() {
            self.ended(stage, (start.elapsed().as_secs_f64() - seconds).max(0.0));
            self.ended(name.to_string(), seconds);
        }
    }

    fn ended(&mut self, name: String, seconds: f64) {
        if !self.is_quiet {
            self.line(&format!("kit:   {name:<16} {seconds:7.2} s"));
        }
        self.stages.push(Stage { name, seconds });
    }

    fn end(&mut self) {
        if let Some((name, start)) = self.running.take() {
            let seconds = start.elapsed().as_secs_f64();
            self.ended(name, seconds);
        }
    }

    /// Ends the last stage and takes the spinner away.
    pub fn finish(mut self) -> Vec<Stage> {
        self.end();
        self.bar.finish_and_clear();
        std::mem::take(&mut self.stages)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A number with separated thousands.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_separated() {
        let numbers = [0, 999, 1000, 1_234_567].map(super::thousands);
        assert_eq!(numbers, ["0", "999", "1,000", "1,234,567"]);
    }
}
