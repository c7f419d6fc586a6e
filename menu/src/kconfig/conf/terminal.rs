//! Asks and answers, line by line.

use std::io::{self, BufRead, Write};

/// Longest answer, its newline included; the rest of a longer line is the next answer, as in Linux's `conf`.
const LONGEST: u64 = 4095;

/// Where a dialogue takes place.
pub struct Terminal<'a> {
    /// Answers.
    pub input: &'a mut dyn BufRead,
    /// Questions and results.
    pub output: &'a mut dyn Write,
    /// Complaints.
    pub errors: &'a mut dyn Write,
    /// Whether answers have to be printed because nobody sees them typed.
    pub echoes: bool,
}

/// A line of the input.
pub(super) struct Answer {
    /// With the newline, if it has one.
    pub(super) line: String,
    /// Whether there will be no further answer.
    pub(super) is_last: bool,
}

impl Answer {
    /// The line without blanks around it.
    pub(super) fn word(&self) -> &str {
        self.line.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b')
    }

    /// Whether nobody is there to answer.
    pub(super) fn is_end(&self) -> bool {
        self.is_last && self.word().is_empty()
    }
}

impl Terminal<'_> {
    /// Reads a line; after the end of the input, `otherwise`.
    pub(super) fn answer(&mut self, otherwise: &str) -> io::Result<Answer> {
        self.output.flush()?;
        let mut bytes = Vec::new();
        let count = io::Read::take(&mut *self.input, LONGEST).read_until(b'\n', &mut bytes)?;
        if count == 0 {
            writeln!(self.errors, "\nError in reading or end of file.")?;
            bytes.extend(otherwise.bytes());
        }
        if self.echoes {
            self.output.write_all(&bytes)?;
        }
        let is_cut = count as u64 == LONGEST;
        let is_last = count == 0 || !(bytes.ends_with(b"\n") || is_cut);
        Ok(Answer { line: String::from_utf8_lossy(&bytes).into_owned(), is_last })
    }
}
