//! Opening files: `source`, `rsource`, `osource`, `orsource`, with patterns.

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::super::codes;
use super::super::diagnostic::Diagnostic;
use super::super::glob;
use super::super::lexer::{Lexer, Token};
use super::super::macros;
use super::super::span::{FileId, Span};
use super::{OpenFile, Parser, Reported};

/// Files within files. Linux needs eight.
const MOST_DEPTH: usize = 200;
/// Openings of files. Linux needs 1,800.
const MOST_FILES: usize = 100_000;
/// Bytes of one file; places in it are 32 bits wide.
const MOST_BYTES: usize = 1 << 28;

impl Parser<'_> {
    /// Opens the file that the process was told to read; false after a message.
    pub(super) fn open_top(&mut self, top: &Path) -> bool {
        match self.read(top) {
            Ok(bytes) => {
                let file = self.add_file(top.to_path_buf(), bytes, None);
                self.files.push(file);
                true
            }
            Err(error) => {
                self.world.report.add(match error.kind() {
                    io::ErrorKind::NotFound => Diagnostic::new(
                        codes::MISSING_FILE,
                        None,
                        format!("can't find file {}", top.display()),
                    ),
                    _ => Diagnostic::new(codes::UNREADABLE_FILE, None, format!("{}: {error}", top.display())),
                });
                false
            }
        }
    }

    /// Reads the rest of a `source` statement and opens its files.
    pub(super) fn source(
        &mut self,
        lexer: &mut Lexer<'_>,
        first: &Token<'_>,
        is_relative: bool,
        is_optional: bool,
    ) -> Result<(), Reported> {
        let text = match lexer.bare_path() {
            Some((path, span)) => macros::expand(&mut self.world, path, span).map_err(|_| Reported)?,
            None => self.text(lexer, "a path in quotes")?,
        };
        let span = lexer.span_to_here(first.start);
        self.end_of_line(lexer)?;
        let path = if is_relative { self.beside_present_file(&text) } else { PathBuf::from(&text) };
        self.check_recursion(&path, span)?;
        let opened = match self.read(&path) {
            Ok(bytes) => vec![self.open(path, bytes, span)?],
            Err(error) if !is_absent(&error) => return self.unreadable(&path, &error, span),
            Err(_) if glob::is_pattern(&text) => {
                let files = self.matching(&path);
                if files.is_empty() && !is_optional {
                    return self.missing(&path, span, "no file matches");
                }
                let mut opened = Vec::with_capacity(files.len());
                for file in files {
                    self.check_recursion(&file, span)?;
                    match self.read(&file) {
                        Ok(bytes) => opened.push(self.open(file, bytes, span)?),
                        Err(error) => self.unreadable(&file, &error, span)?,
                    }
                }
                opened
            }
            Err(_) if is_optional => return Ok(()),
            Err(_) => return self.missing(&path, span, "can't open file"),
        };
        // What is on top is read first.
        self.files.extend(opened.into_iter().rev());
        Ok(())
    }

    /// The path as it would be written from where the top file is found.
    fn beside_present_file(&self, text: &str) -> PathBuf {
        let present = &self.files.last().expect("a file is being read").id;
        let folder = self.world.sources.path(*present).parent().unwrap_or(Path::new(""));
        normal(&folder.join(text))
    }

    /// Reads a file from the working folder or from `srctree`.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let context = &*self.world.context;
        match (context.files.read(path), &context.srctree) {
            (Err(_), Some(srctree)) if path.is_relative() => context.files.read(&srctree.join(path)),
            (result, _) => result,
        }
    }

    /// The files that match a pattern, in the working folder and in `srctree`, as `read` finds them.
    fn matching(&self, pattern: &Path) -> Vec<PathBuf> {
        let context = &*self.world.context;
        let here = context.files.glob(pattern).unwrap_or_default();
        let mut found: BTreeSet<Vec<u8>> = here.iter().map(|path| bytes_of(path)).collect();
        if let Some(srctree) = context.srctree.as_ref().filter(|_| pattern.is_relative()) {
            for path in context.files.glob(&srctree.join(pattern)).unwrap_or_default() {
                if let Ok(path) = path.strip_prefix(srctree) {
                    found.insert(bytes_of(path));
                }
            }
        }
        found.into_iter().map(|path| PathBuf::from(String::from_utf8_lossy(&path).into_owned())).collect()
    }

    fn missing(&mut self, path: &Path, span: Span, what: &str) -> Result<(), Reported> {
        let mut diagnostic =
            Diagnostic::new(codes::MISSING_FILE, Some(span), format!("{what} \"{}\"", path.display()));
        let text = path.to_string_lossy();
        if text.contains('$') {
            diagnostic = diagnostic.help("environment variables are written `$(NAME)`");
        } else {
            let folders = match &self.world.context.srctree {
                Some(srctree) => format!("the working folder and {}", srctree.display()),
                None => "the working folder ($srctree is not set)".to_string(),
            };
            diagnostic = diagnostic.help(format!(
                "looked in {folders}; `rsource` looks beside this file, and `osource` does without the file"
            ));
        }
        self.error(diagnostic)
    }

    fn unreadable<T>(&mut self, path: &Path, error: &io::Error, span: Span) -> Result<T, Reported> {
        let message = format!("\"{}\" cannot be read: {error}", path.display());
        self.error(Diagnostic::new(codes::UNREADABLE_FILE, Some(span), message))
    }

    fn open(&mut self, path: PathBuf, bytes: Vec<u8>, span: Span) -> Result<OpenFile, Reported> {
        if bytes.len() > MOST_BYTES {
            return self.unreadable(&path, &io::Error::other("it is larger than 256 MiB"), span);
        }
        let openings = self.world.sources.files().count();
        let depth = self.files.last().map_or(0, |file| file.depth);
        if depth >= MOST_DEPTH || openings >= MOST_FILES {
            let message =
                format!("too many files: {openings} were opened, {depth} of them within each other");
            self.world.report.add(
                Diagnostic::new(codes::TOO_MANY_FILES, Some(span), message)
                    .help("look for a file that is sourced again and again under different names"),
            );
            self.world.report.stop();
            return Err(Reported);
        }
        Ok(self.add_file(path, bytes, Some(span)))
    }

    /// Refuses a file that is being read already.
    fn check_recursion(&mut self, path: &Path, span: Span) -> Result<(), Reported> {
        let sources = &self.world.sources;
        let wanted = normal(path);
        let mut chain: Vec<(FileId, Span)> = Vec::new();
        let mut statement = Some(span);
        let mut is_recursive = false;
        while let Some(span) = statement {
            chain.push((span.file, span));
            is_recursive |= normal(sources.path(span.file)) == wanted;
            statement = sources.opened_by(span.file);
        }
        if !is_recursive {
            return Ok(());
        }
        let message = format!("recursive inclusion of `{}`", path.display());
        let mut diagnostic = Diagnostic::new(codes::RECURSIVE_INCLUSION, Some(span), message);
        for &(file, span) in &chain[1..] {
            let opened = chain.iter().find(|(_, inner)| sources.opened_by(inner.file) == Some(span));
            let name = opened.map_or(file, |(file, _)| *file);
            diagnostic =
                diagnostic.note(Some(span), format!("`{}` is sourced here", sources.path(name).display()));
        }
        self.error(diagnostic.help("a file cannot be part of itself; remove one of these lines"))
    }

    fn add_file(&mut self, path: PathBuf, bytes: Vec<u8>, opened_by: Option<Span>) -> OpenFile {
        let id = match String::from_utf8(bytes) {
            Ok(text) => self.world.sources.add(path, text, opened_by),
            Err(error) => {
                let at = error.utf8_error().valid_up_to() as u32;
                let text = String::from_utf8_lossy(error.as_bytes());
                let id = self.world.sources.add(path, text, opened_by);
                let span = Span { file: id, start: at, end: at + 3 };
                self.world
                    .report
                    .add(Diagnostic::new(codes::NOT_UTF8, Some(span), "this is not UTF-8").help(
                    "convert the file: `iconv -f latin1 -t utf-8`; its other bytes were read as `\u{fffd}`",
                ));
                id
            }
        };
        let text = self.world.sources.shared_text(id);
        let depth = self.files.last().map_or(0, |file| file.depth) + 1;
        OpenFile { id, text, position: 0, blocks: self.blocks.len(), depth }
    }
}

fn is_absent(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename | InvalidInput)
}

fn bytes_of(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}

/// `a/./b/../c` as `a/c`: by its text, so that names in messages stay what the files say.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(normal.components().next_back(), Some(Component::Normal(_))) => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lose_their_detours() {
        for (path, expected) in
            [("a/../b", "b"), ("./a", "a"), ("../a/../b", "../b"), ("/../a", "/../a"), ("a/b/..", "a")]
        {
            assert_eq!(normal(Path::new(path)), PathBuf::from(expected));
        }
    }
}
