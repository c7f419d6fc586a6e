//! From tokens to the [`Draft`] of a tree.
//!
//! A statement is a line. An error costs its line and no more: reading goes on with the next one, so that one run
//! tells most of what is wrong. Files are a stack, not a recursion.

mod attribute;
mod expression;
mod keyword;
mod source;
mod statement;

use std::path::Path;
use std::sync::Arc;

use super::codes;
use super::context::Context;
use super::diagnostic::Diagnostic;
use super::draft::{Draft, EntryId, EntryKind, NONE, Value};
use super::lexer::{Lexer, Token, TokenKind};
use super::span::{FileId, Span};
use super::tree::SymbolId;
use super::world::{Report, World};

/// What was read.
pub(super) struct Parsed<'c> {
    pub world: World<'c>,
    pub draft: Draft,
}

/// Reads `top` and everything that it sources. The draft is of use only if there was no error.
pub(super) fn parse<'c>(top: &Path, context: &'c mut Context) -> Parsed<'c> {
    let world =
        World { context, sources: Default::default(), report: Report::default(), macros: Default::default() };
    let mut parser = Parser {
        world,
        draft: Draft::new(),
        files: Vec::new(),
        blocks: Vec::new(),
        closed_early: Vec::new(),
        current: None,
        is_after_statement: false,
    };
    parser.run(top);
    Parsed { world: parser.world, draft: parser.draft }
}

struct Parser<'c> {
    world: World<'c>,
    draft: Draft,
    /// The files that are being read, innermost last.
    files: Vec<OpenFile>,
    /// The blocks that are open, innermost last; the first is the main menu.
    blocks: Vec<Block>,
    /// Blocks whose end was reported as missing: it may still come, at a place where it closes nothing.
    closed_early: Vec<(FileId, EntryKind)>,
    /// The entry that attributes belong to.
    current: Option<EntryId>,
    /// Too late for `mainmenu`.
    is_after_statement: bool,
}

struct OpenFile {
    id: FileId,
    text: Arc<String>,
    /// Where reading goes on.
    position: usize,
    /// How many blocks were open when it was opened.
    blocks: usize,
    /// How many files it is within, itself included.
    depth: usize,
}

/// An open `menu`, `if` or `choice`.
struct Block {
    entry: EntryId,
    last_child: EntryId,
    /// The innermost choice that it is or is in.
    choice: Option<EntryId>,
}

/// An error that was added to the report.
struct Reported;

impl Parser<'_> {
    fn run(&mut self, top: &Path) {
        if !self.open_top(top) {
            return;
        }
        let file = self.files[0].id;
        let root = self.draft.add_entry(EntryKind::Menu, None, 0, Span { file, start: 0, end: 0 });
        self.blocks.push(Block { entry: root, last_child: NONE, choice: None });
        self.files[0].blocks = 1;
        while let Some(file) = self.files.last() {
            if self.world.report.is_stopped() {
                return;
            }
            let text = file.text.clone();
            let mut lexer = Lexer::new(&text, file.id, file.position);
            let depth = self.files.len();
            let is_at_end = self.statements(&mut lexer);
            self.files[depth - 1].position = lexer.position();
            if is_at_end {
                self.close_file();
            }
        }
        if self.draft.entry(root).prompt.is_none() {
            let span = self.draft.entry(root).span;
            self.draft.entry_mut(root).prompt = Some(self.draft.properties.len() as u32);
            let value = Value::Prompt("Main menu".into());
            self.draft.properties.push(super::draft::Property { value, condition: None, entry: root, span });
        }
    }

    /// Reads statements until the file ends (true) or another one is sourced (false).
    fn statements(&mut self, lexer: &mut Lexer<'_>) -> bool {
        let files = self.files.len();
        loop {
            let token = lexer.next(&mut self.world);
            if token.kind == TokenKind::EndOfLine {
                return true;
            }
            if self.statement(lexer, token).is_err() {
                lexer.skip_line();
            }
            if self.files.len() > files {
                return false;
            }
            if self.world.report.is_stopped() {
                return true;
            }
        }
    }

    /// Ends a file: its blocks must be closed by now.
    fn close_file(&mut self) {
        self.end_entry();
        let file = self.files.pop().expect("a file was read");
        while self.blocks.len() > file.blocks {
            let block = self.blocks.pop().expect("there are more than that");
            if self.world.report.is_stopped() {
                continue;
            }
            let (opening, closing) = words_of(self.draft.entry(block.entry).kind);
            let span = self.draft.entry(block.entry).span;
            let end = Span { file: file.id, start: file.text.len() as u32, end: file.text.len() as u32 };
            self.world.report.add(
                Diagnostic::new(
                    codes::MISSING_END,
                    Some(span),
                    format!("`{closing}` is missing for this `{opening}`"),
                )
                .note(Some(end), "the file ends here")
                .help(format!("a block ends in the file in which it begins; add `{closing}`")),
            );
        }
    }

    /// Begins an entry in the innermost block.
    fn add_entry(&mut self, kind: EntryKind, symbol: Option<SymbolId>, span: Span) -> EntryId {
        let block = self.blocks.last_mut().expect("the main menu is never closed");
        let entry = self.draft.add_entry(kind, symbol, block.entry, span);
        match block.last_child {
            NONE => self.draft.entry_mut(block.entry).first_child = entry,
            last => self.draft.entry_mut(last).next = entry,
        }
        self.blocks.last_mut().expect("the main menu is never closed").last_child = entry;
        self.current = Some(entry);
        entry
    }

    /// What comes belongs into `entry`.
    fn open_block(&mut self, entry: EntryId) {
        let around = self.blocks.last().and_then(|block| block.choice);
        let choice = if self.draft.entry(entry).kind == EntryKind::Choice { Some(entry) } else { around };
        self.blocks.push(Block { entry, last_child: NONE, choice });
    }

    /// No attribute of the present entry can follow.
    fn end_entry(&mut self) {
        let Some(entry) = self.current.take() else { return };
        let entry = self.draft.entry(entry);
        if entry.kind == EntryKind::MenuConfig && entry.prompt.is_none() {
            self.world.report.add(
                Diagnostic::new(
                    codes::MENUCONFIG_WITHOUT_PROMPT,
                    Some(entry.span),
                    "menuconfig statement without prompt",
                )
                .help("nobody can enter this menu: give it a prompt, or write `config`"),
            );
        }
    }

    /// The end of the line, and nothing before it.
    fn end_of_line(&mut self, lexer: &mut Lexer<'_>) -> Result<(), Reported> {
        let token = lexer.next(&mut self.world);
        match token.kind {
            TokenKind::EndOfLine => Ok(()),
            _ => self.unexpected(lexer, &token, "the end of the line"),
        }
    }

    /// Reports an error.
    fn error<T>(&mut self, diagnostic: Diagnostic) -> Result<T, Reported> {
        self.world.report.add(diagnostic);
        Err(Reported)
    }

    /// Reports that `token` stands where something else is expected.
    fn unexpected<T>(&mut self, lexer: &Lexer<'_>, token: &Token<'_>, expected: &str) -> Result<T, Reported> {
        let span = lexer.span(token);
        let found = match token.kind {
            TokenKind::Broken => return Err(Reported),
            TokenKind::EndOfLine => "the line ends".to_string(),
            _ => format!("there is `{}`", lexer.source(span)),
        };
        let message = format!("expected {expected}, but {found}");
        self.error(Diagnostic::new(codes::UNEXPECTED_TOKEN, Some(span), message))
    }
}

/// The words that begin and end a block.
fn words_of(kind: EntryKind) -> (&'static str, &'static str) {
    match kind {
        EntryKind::Choice => ("choice", "endchoice"),
        EntryKind::If => ("if", "endif"),
        _ => ("menu", "endmenu"),
    }
}
