//! Places in source text: which file, which bytes, and the line and column that people read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// One opening of a file. A file that is sourced twice has two ids with the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

/// A range of bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// The byte after the last; equal to `start` for a point.
    pub end: u32,
}

/// A place as people read it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position<'a> {
    /// Path as it was sourced, relative to `srctree` where it can be.
    pub path: &'a Path,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

impl std::fmt::Display for Position<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// The text of every file that was read, kept for messages.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

#[derive(Clone, Debug)]
struct SourceFile {
    path: PathBuf,
    /// Shared with whoever reads it while files are added.
    text: Arc<String>,
    /// The `source` statement that opened it; none for the top file and for `.config` files.
    opened_by: Option<Span>,
    /// Where each line begins; found when it is first asked for.
    lines: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// The number of the line, from 0, that holds the byte at `offset`.
    fn line_of(&self, offset: u32) -> usize {
        self.lines().partition_point(|&start| start <= offset) - 1
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let newlines = self.text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
            std::iter::once(0).chain(newlines.map(|(offset, _)| offset as u32 + 1)).collect()
        })
    }

    fn floor(&self, offset: u32) -> usize {
        self.text.floor_char_boundary(offset as usize)
    }
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, path: PathBuf, text: impl Into<String>, opened_by: Option<Span>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 2^32 files"));
        self.files.push(SourceFile { path, text: Arc::new(text.into()), opened_by, lines: OnceLock::new() });
        id
    }

    /// All files, in the order in which they were opened.
    pub fn files(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.files.len() as u32).map(FileId)
    }

    /// Path of a file.
    pub fn path(&self, file: FileId) -> &Path {
        &self.files[file.0 as usize].path
    }

    /// The whole text of a file.
    pub fn text(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].text
    }

    /// The statement that sourced a file.
    pub fn opened_by(&self, file: FileId) -> Option<Span> {
        self.files[file.0 as usize].opened_by
    }

    /// Path, line and column of where `span` begins.
    pub fn position(&self, span: Span) -> Position<'_> {
        let file = &self.files[span.file.0 as usize];
        let line = file.line_of(span.start);
        let from = file.lines()[line] as usize;
        let column = file.text[from..file.floor(span.start).max(from)].chars().count() + 1;
        Position { path: &file.path, line: line as u32 + 1, column: column as u32 }
    }

    /// The line in which `span` begins, without its end.
    pub fn line(&self, span: Span) -> &str {
        let file = &self.files[span.file.0 as usize];
        let from = file.lines()[file.line_of(span.start)] as usize;
        let to = file.text[from..].find('\n').map_or(file.text.len(), |newline| from + newline);
        file.text[from..to].trim_end_matches('\r')
    }

    /// The same text, to hold on to while files are added.
    pub(crate) fn shared_text(&self, file: FileId) -> Arc<String> {
        self.files[file.0 as usize].text.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_lines() {
        let mut sources = Sources::default();
        let file = sources.add("a".into(), "één\r\n\tzwei", None);
        let at = |start| Span { file, start, end: start };
        assert_eq!(sources.position(at(2)).to_string(), "a:1:2");
        assert_eq!(sources.position(at(8)).to_string(), "a:2:2");
        assert_eq!(sources.line(at(0)), "één");
        assert_eq!(sources.line(at(8)), "\tzwei");
        assert_eq!(sources.position(at(12)).to_string(), "a:2:6", "the end of the file is a place, too");
    }

    #[test]
    fn an_empty_file_has_one_line() {
        let mut sources = Sources::default();
        let file = sources.add("a".into(), "", None);
        assert_eq!(sources.line(Span { file, start: 0, end: 0 }), "");
    }
}
