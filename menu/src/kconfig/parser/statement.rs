//! Statements: everything that does not belong to the entry above it.

use super::super::codes;
use super::super::diagnostic::Diagnostic;
use super::super::draft::{EntryKind, Value};
use super::super::expr::{Comparison, ExprId};
use super::super::lexer::{Lexer, Token, TokenKind};
use super::super::macros::{self, Assignment, Flavour};
use super::super::span::{FileId, Span};
use super::super::tree::{SymbolId, Type};
use super::keyword::{self, Keyword};
use super::{Parser, Reported, words_of};

impl Parser<'_> {
    /// Reads the statement or attribute that begins with `first`.
    pub(super) fn statement(&mut self, lexer: &mut Lexer<'_>, first: Token<'_>) -> Result<(), Reported> {
        let keyword = match first.kind {
            TokenKind::Word => Keyword::of(&first.text),
            TokenKind::Expanded => None,
            _ => return self.unexpected(lexer, &first, "a statement"),
        };
        let is_reserved = first.kind == TokenKind::Word && keyword::is_reserved(&first.text);
        if !is_reserved && let Some(assignment) = self.assignment(lexer) {
            return self.assign(lexer, &first, assignment);
        }
        match keyword {
            Some(keyword) if keyword.is_attribute() => self.attribute(lexer, keyword, &first),
            Some(keyword) => {
                self.end_entry();
                let is_late = std::mem::replace(&mut self.is_after_statement, true);
                match keyword {
                    Keyword::MainMenu => self.main_menu(lexer, &first, is_late),
                    Keyword::Source { is_relative, is_optional } => {
                        self.source(lexer, &first, is_relative, is_optional)
                    }
                    Keyword::EndChoice => self.end(lexer, &first, EntryKind::Choice),
                    Keyword::EndIf => self.end(lexer, &first, EntryKind::If),
                    Keyword::EndMenu => self.end(lexer, &first, EntryKind::Menu),
                    Keyword::Choice => self.choice(lexer, &first),
                    Keyword::Comment => self.comment(lexer, &first),
                    Keyword::If => self.if_block(lexer, &first),
                    Keyword::Menu => self.menu(lexer, &first),
                    Keyword::MenuConfig => self.config(lexer, &first, EntryKind::MenuConfig),
                    _ => self.config(lexer, &first, EntryKind::Config),
                }
            }
            None => self.unknown_statement(lexer, &first),
        }
    }

    fn unknown_statement(&mut self, lexer: &Lexer<'_>, first: &Token<'_>) -> Result<(), Reported> {
        let span = lexer.span(first);
        if first.kind == TokenKind::Expanded {
            let message = format!("a macro made `{}`, which begins no statement", first.text);
            return self.error(
                Diagnostic::new(codes::UNKNOWN_STATEMENT, Some(span), message)
                    .help("a macro makes a single word, and never a keyword"),
            );
        }
        let message = format!("unknown statement `{}`", first.text);
        let diagnostic = Diagnostic::new(codes::UNKNOWN_STATEMENT, Some(span), message);
        self.error(match crate::did_you_mean(&first.text, keyword::ALL) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
            None => diagnostic.help("a line begins with a keyword, or assigns a variable: `NAME = value`"),
        })
    }

    /// Reads the operator of an assignment if there is one.
    fn assignment(&mut self, lexer: &mut Lexer<'_>) -> Option<Assignment> {
        let assignment = match lexer.peek(&mut self.world).kind {
            TokenKind::Compare(Comparison::Equal) => Assignment::Set(Flavour::Recursive),
            TokenKind::Define => Assignment::Set(Flavour::Simple),
            TokenKind::Append => Assignment::Append,
            _ => return None,
        };
        lexer.next(&mut self.world);
        Some(assignment)
    }

    fn assign(
        &mut self,
        lexer: &mut Lexer<'_>,
        name: &Token<'_>,
        assignment: Assignment,
    ) -> Result<(), Reported> {
        self.end_entry();
        self.is_after_statement = true;
        let (value, span) = lexer.rest_of_line();
        macros::assign(&mut self.world, &name.text, assignment, value, span).map_err(|_| Reported)?;
        self.end_of_line(lexer)
    }

    fn main_menu(&mut self, lexer: &mut Lexer<'_>, first: &Token<'_>, is_late: bool) -> Result<(), Reported> {
        if is_late {
            let span = lexer.span(first);
            return self.error(
                Diagnostic::new(codes::MISPLACED_STATEMENT, Some(span), "`mainmenu` after another statement")
                    .help("make it the first statement of the top file"),
            );
        }
        let text = self.text(lexer, "the title of the menu in quotes")?;
        let root = self.blocks[0].entry;
        let span = lexer.span_to_here(first.start);
        self.draft.entry_mut(root).span = span;
        self.add_prompt(root, &text, None, span);
        self.end_of_line(lexer)
    }

    fn menu(&mut self, lexer: &mut Lexer<'_>, first: &Token<'_>) -> Result<(), Reported> {
        self.refuse_in_choice(lexer, first);
        let text = self.text(lexer, "the title of the menu in quotes");
        // The block is opened whatever its title is: its end will come.
        let span = lexer.span_to_here(first.start);
        let entry = self.add_entry(EntryKind::Menu, None, span);
        self.open_block(entry);
        self.add_prompt(entry, &text?, None, span);
        self.end_of_line(lexer)
    }

    fn if_block(&mut self, lexer: &mut Lexer<'_>, first: &Token<'_>) -> Result<(), Reported> {
        let condition = self.expression(lexer);
        let span = lexer.span_to_here(first.start);
        let entry = self.add_entry(EntryKind::If, None, span);
        self.current = None;
        self.open_block(entry);
        self.draft.entry_mut(entry).depends = Some(condition?);
        self.end_of_line(lexer)
    }

    fn choice(&mut self, lexer: &mut Lexer<'_>, first: &Token<'_>) -> Result<(), Reported> {
        self.refuse_in_choice(lexer, first);
        let token = lexer.peek(&mut self.world);
        let name = (token.kind == TokenKind::Word && !keyword::is_reserved(&token.text))
            .then(|| token.text.to_string());
        if name.is_some() {
            lexer.next(&mut self.world);
        }
        let symbol = self.draft.choice(name.as_deref());
        self.draft.symbols[symbol.index()].kind = Type::Bool;
        let entry = self.add_entry(EntryKind::Choice, Some(symbol), lexer.span_to_here(first.start));
        self.open_block(entry);
        self.end_of_line(lexer)
    }

    fn comment(&mut self, lexer: &mut Lexer<'_>, first: &Token<'_>) -> Result<(), Reported> {
        let text = self.text(lexer, "the comment in quotes");
        let span = lexer.span_to_here(first.start);
        let entry = self.add_entry(EntryKind::Comment, None, span);
        self.add_prompt(entry, &text?, None, span);
        self.end_of_line(lexer)
    }

    fn config(&mut self, lexer: &mut Lexer<'_>, first: &Token<'_>, kind: EntryKind) -> Result<(), Reported> {
        let name = lexer.peek(&mut self.world).clone();
        let symbol = match self.name(lexer, "the name of a symbol") {
            Ok(symbol) if symbol > SymbolId::YES => Ok(symbol),
            Ok(_) => {
                let message = format!("`{}` is a value and cannot be the name of a symbol", name.text);
                self.error(Diagnostic::new(codes::RESERVED_NAME, Some(lexer.span(&name)), message))
            }
            Err(reported) => Err(reported),
        };
        let span = lexer.span_to_here(first.start);
        let Ok(symbol) = symbol else {
            // Its attributes have an owner all the same.
            let nameless = self.draft.choice(None);
            self.add_entry(kind, Some(nameless), span);
            return Err(Reported);
        };
        self.add_entry(kind, Some(symbol), span);
        self.end_of_line(lexer)
    }

    /// Reports a block within a choice.
    fn refuse_in_choice(&mut self, lexer: &Lexer<'_>, first: &Token<'_>) {
        let Some(choice) = self.blocks.last().and_then(|block| block.choice) else { return };
        let place = self.draft.entry(choice).span;
        self.world.report.add(
            Diagnostic::new(
                codes::MISPLACED_STATEMENT,
                Some(lexer.span(first)),
                format!("a `{}` within a choice", first.text),
            )
            .note(Some(place), "the choice begins here")
            .help("a choice holds `config`, `comment`, `if` and `source`; close it with `endchoice` first"),
        );
    }

    /// Reads the end of a block.
    fn end(&mut self, lexer: &mut Lexer<'_>, first: &Token<'_>, kind: EntryKind) -> Result<(), Reported> {
        let span = lexer.span(first);
        let (opening, closing) = words_of(kind);
        let file = self.files.last().expect("a file is being read");
        let (in_file, outside) = (file.blocks, self.blocks.len() > 1);
        let matching = (1..self.blocks.len()).rev().find(|&index| self.kind_of(index) == kind);
        match matching {
            Some(index) if index < in_file => {
                let place = self.draft.entry(self.blocks[index].entry).span;
                self.error(
                    Diagnostic::new(
                        codes::END_IN_OTHER_FILE,
                        Some(span),
                        format!("`{closing}` in another file than its `{opening}`"),
                    )
                    .note(Some(place), format!("the `{opening}` is here"))
                    .help("a block ends in the file in which it begins"),
                )
            }
            Some(index) => {
                while self.blocks.len() > index + 1 {
                    let block = self.blocks.pop().expect("it is above the matching one");
                    self.unclosed(block.entry, span, closing);
                    self.closed_early.push((span.file, self.draft.entry(block.entry).kind));
                }
                self.blocks.pop();
                self.end_of_line(lexer)
            }
            None if self.is_closed_early(span.file, kind) => Err(Reported),
            None => {
                let mut diagnostic = Diagnostic::new(
                    codes::UNEXPECTED_END,
                    Some(span),
                    format!("`{closing}`, but no `{opening}` is open"),
                );
                if outside {
                    let entry = self.draft.entry(self.blocks[self.blocks.len() - 1].entry);
                    let (innermost, its_end) = words_of(entry.kind);
                    diagnostic = diagnostic
                        .note(Some(entry.span), format!("the innermost block is this `{innermost}`"))
                        .help(format!("did you mean `{its_end}`?"));
                }
                self.error(diagnostic)
            }
        }
    }

    /// Whether a block of that kind was taken for closed because one around it ended. That is told already.
    fn is_closed_early(&mut self, file: FileId, kind: EntryKind) -> bool {
        match self.closed_early.iter().position(|&early| early == (file, kind)) {
            Some(index) => {
                self.closed_early.swap_remove(index);
                true
            }
            None => false,
        }
    }

    fn kind_of(&self, block: usize) -> EntryKind {
        self.draft.entry(self.blocks[block].entry).kind
    }

    /// Reports a block whose end is missing because an outer one ends at `span`.
    fn unclosed(&mut self, entry: u32, span: Span, outer: &str) {
        let entry = self.draft.entry(entry);
        let (opening, closing) = words_of(entry.kind);
        self.world.report.add(
            Diagnostic::new(
                codes::MISSING_END,
                Some(entry.span),
                format!("`{closing}` is missing for this `{opening}`"),
            )
            .note(Some(span), format!("`{outer}` stands here, which closes a block around it")),
        );
    }

    /// A text in quotes.
    pub(super) fn text(&mut self, lexer: &mut Lexer<'_>, expected: &str) -> Result<String, Reported> {
        let token = lexer.next(&mut self.world);
        match token.kind {
            TokenKind::Text => Ok(token.text.into_owned()),
            TokenKind::Word | TokenKind::Expanded => {
                let message =
                    format!("expected {expected}, but there is `{}`", lexer.source(lexer.span(&token)));
                self.error(
                    Diagnostic::new(codes::UNEXPECTED_TOKEN, Some(lexer.span(&token)), message)
                        .help("put it in quotes: \"…\""),
                )
            }
            _ => self.unexpected(lexer, &token, expected),
        }
    }

    /// Gives an entry its prompt.
    pub(super) fn add_prompt(&mut self, entry: u32, text: &str, condition: Option<ExprId>, span: Span) {
        let trimmed = text.trim_start_matches(|c: char| c.is_ascii_whitespace());
        if trimmed.len() < text.len() {
            self.world.report.add(
                Diagnostic::new(codes::LEADING_WHITESPACE, Some(span), "leading whitespace ignored")
                    .help("menus indent by themselves"),
            );
        }
        if let Some(first) = self.draft.entry(entry).prompt {
            let first = self.draft.properties[first as usize].span;
            self.world.report.add(
                Diagnostic::new(codes::SECOND_PROMPT, Some(span), "prompt redefined")
                    .note(Some(first), "the first prompt is here")
                    .help("the last one is shown; give each entry one"),
            );
        }
        self.draft.add_property(entry, Value::Prompt(trimmed.into()), condition, span);
    }
}
