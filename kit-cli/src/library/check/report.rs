//! What was found, with its place.

use std::path::{Path, PathBuf};

use kit_menu::kconfig::{Code, Diagnostic, FileId, Sources, Span};
use serde::Serialize;

/// One complaint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `KIT0604`.
    pub code: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The file.
    pub path: Option<PathBuf>,
    /// Its line, from 1.
    pub line: Option<u32>,
    /// What to do.
    pub help: Option<String>,
    /// All of it, as a person reads it.
    #[serde(skip)]
    pub text: String,
}

/// The findings about one folder.
pub struct Report {
    /// The folder.
    pub folder: PathBuf,
    /// What was found so far.
    pub findings: Vec<Finding>,
}

/// A file of the folder that is being read.
pub struct Read {
    sources: Sources,
    file: FileId,
}

impl Finding {
    /// A message of the engine, which knows its own files.
    pub fn of(diagnostic: &Diagnostic, sources: &Sources) -> Self {
        let place = diagnostic.span.map(|span| sources.position(span));
        Self {
            code: diagnostic.code.to_string(),
            message: diagnostic.message.clone(),
            path: place.as_ref().map(|place| place.path.to_path_buf()),
            line: place.as_ref().map(|place| place.line),
            help: diagnostic.help.clone(),
            text: diagnostic.render(sources),
        }
    }
}

impl Report {
    /// An empty one.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), findings: Vec::new() }
    }

    /// Reads a file of the folder; none if it is not there or not text.
    pub fn read(&self, name: &str) -> Option<Read> {
        let path = self.folder.join(name);
        let text = std::fs::read_to_string(&path).ok()?;
        let mut sources = Sources::default();
        let file = sources.add(path, text, None);
        Some(Read { sources, file })
    }

    /// Complains about a file that is not there.
    pub fn absent(&mut self, code: Code, name: &str, help: &str) {
        let message = format!("{} is missing", self.folder.join(name).display());
        let diagnostic = Diagnostic::new(code, None, message).help(help);
        self.findings.push(Finding::of(&diagnostic, &Sources::default()));
    }

    /// Complains about a file, at the first line that has `near` in it.
    pub fn complain(&mut self, read: &Read, code: Code, near: &str, message: String, help: &str) {
        let diagnostic = Diagnostic::new(code, Some(read.span_of(near)), message).help(help);
        self.findings.push(Finding::of(&diagnostic, &read.sources));
    }

    /// Passes on a message of the engine.
    pub fn pass_on(&mut self, diagnostic: &Diagnostic, sources: &Sources) {
        self.findings.push(Finding::of(diagnostic, sources));
    }
}

impl Read {
    /// Its text.
    pub fn text(&self) -> &str {
        self.sources.text(self.file)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.sources.path(self.file)
    }

    fn span_of(&self, near: &str) -> Span {
        let start = self.text().find(near).filter(|_| !near.is_empty());
        let length = if start.is_some() { near.len() } else { 0 };
        let start = start.unwrap_or(0);
        Span { file: self.file, start: start as u32, end: (start + length) as u32 }
    }
}
