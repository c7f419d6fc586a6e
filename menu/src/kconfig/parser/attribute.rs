//! Attributes: the lines below `config`, `choice`, `menu` and `comment`.

use super::super::codes;
use super::super::diagnostic::Diagnostic;
use super::super::draft::{EntryKind, NONE, Value};
use super::super::expr::{Comparison, Expr, ExprId};
use super::super::lexer::{Lexer, Token, TokenKind};
use super::super::macros;
use super::super::simplify::equals_no;
use super::super::span::Span;
use super::super::tree::{SymbolId, Type};
use super::keyword::Keyword;
use super::{Parser, Reported};

impl Parser<'_> {
    /// Reads an attribute of the present entry.
    pub(super) fn attribute(
        &mut self,
        lexer: &mut Lexer<'_>,
        keyword: Keyword,
        first: &Token<'_>,
    ) -> Result<(), Reported> {
        let Some(entry) = self.current else { return self.no_entry(lexer, first) };
        let kind = self.draft.entry(entry).kind;
        match (keyword, kind) {
            (Keyword::Depends, _) => self.depends(lexer, entry),
            (Keyword::Visible, EntryKind::Menu) => {
                let condition = self.condition(lexer)?;
                let before = self.draft.entry(entry).visible_if;
                let all = self.and(before, condition, lexer.span(first))?;
                self.draft.entry_mut(entry).visible_if = all;
                self.end_of_line(lexer)
            }
            (_, EntryKind::Menu | EntryKind::Comment | EntryKind::If) => self.misplaced(lexer, first, entry),
            (Keyword::Help, _) => self.help(lexer, first, entry),
            (Keyword::Prompt, _) => {
                let text = self.text(lexer, "a prompt in quotes")?;
                self.prompt(lexer, first, entry, &text)?;
                self.end_of_line(lexer)
            }
            (_, EntryKind::Choice) => self.choice_attribute(lexer, keyword, first, entry),
            (Keyword::Type(kind), _) => self.type_of(lexer, first, entry, kind),
            (Keyword::Default, _) => self.default(lexer, first, entry),
            (Keyword::DefaultOf(kind), _) => {
                self.default(lexer, first, entry)?;
                self.set_type(lexer, first, entry, kind);
                Ok(())
            }
            (Keyword::Select | Keyword::Imply, _) => {
                let target = self.name(lexer, "the name of a symbol")?;
                let condition = self.condition(lexer)?;
                let value =
                    if keyword == Keyword::Select { Value::Select(target) } else { Value::Imply(target) };
                self.draft.add_property(entry, value, condition, lexer.span_to_here(first.start));
                self.end_of_line(lexer)
            }
            (Keyword::Range, _) => {
                let low = self.symbol(lexer, "the least value")?;
                let high = self.symbol(lexer, "the greatest value")?;
                let condition = self.condition(lexer)?;
                let span = lexer.span_to_here(first.start);
                self.draft.add_property(entry, Value::Range(low, high), condition, span);
                self.end_of_line(lexer)
            }
            (Keyword::Modules, _) => {
                self.modules(lexer.span(first), entry)?;
                self.end_of_line(lexer)
            }
            (Keyword::Transitional, _) => {
                let symbol = self.owner(entry);
                self.draft.symbols[symbol.index()].is_transitional = true;
                self.end_of_line(lexer)
            }
            (Keyword::Option, _) => self.option(lexer, first, entry),
            _ => self.misplaced(lexer, first, entry),
        }
    }

    fn choice_attribute(
        &mut self,
        lexer: &mut Lexer<'_>,
        keyword: Keyword,
        first: &Token<'_>,
        entry: u32,
    ) -> Result<(), Reported> {
        match keyword {
            Keyword::Type(Type::Bool) => self.type_of(lexer, first, entry, Type::Bool),
            Keyword::Type(Type::Tristate) => self.error(
                Diagnostic::new(codes::CHOICE_TYPE, Some(lexer.span(first)), "a choice cannot be tristate")
                    .help("write `bool` or nothing: exactly one member of a choice is `y`"),
            ),
            Keyword::Default => {
                let target = self.name(lexer, "the name of a member")?;
                let condition = self.condition(lexer)?;
                let value = Value::Default(self.draft.exprs.add(Expr::Symbol(target)));
                self.draft.add_property(entry, value, condition, lexer.span_to_here(first.start));
                self.end_of_line(lexer)
            }
            Keyword::Optional => {
                let symbol = self.owner(entry);
                self.draft.symbols[symbol.index()].is_optional = true;
                self.end_of_line(lexer)
            }
            _ => self.misplaced(lexer, first, entry),
        }
    }

    /// The symbol or choice of an entry that has one.
    fn owner(&self, entry: u32) -> SymbolId {
        self.draft.entry(entry).symbol.expect("a config or a choice")
    }

    fn no_entry<T>(&mut self, lexer: &Lexer<'_>, first: &Token<'_>) -> Result<T, Reported> {
        let message = format!("`{}` outside of an entry", first.text);
        self.error(
            Diagnostic::new(codes::MISPLACED_ATTRIBUTE, Some(lexer.span(first)), message).help(
                "it belongs below a `config`, `choice`, `menu` or `comment`, before anything else begins",
            ),
        )
    }

    fn misplaced<T>(&mut self, lexer: &Lexer<'_>, first: &Token<'_>, entry: u32) -> Result<T, Reported> {
        let owner = self.draft.entry(entry);
        let (name, allowed) = match owner.kind {
            EntryKind::Menu => ("menu", "`depends on` and `visible if`"),
            EntryKind::Comment => ("comment", "`depends on`"),
            EntryKind::Choice => {
                ("choice", "`prompt`, `bool`, `default`, `depends on`, `optional` and `help`")
            }
            _ => {
                ("config", "types, `prompt`, `default`, `depends on`, `select`, `imply`, `range` and `help`")
            }
        };
        let place = owner.span;
        self.error(
            Diagnostic::new(
                codes::MISPLACED_ATTRIBUTE,
                Some(lexer.span(first)),
                format!("a `{name}` has no `{}`", first.text),
            )
            .note(Some(place), format!("the `{name}` is here"))
            .help(format!("it can have {allowed}")),
        )
    }

    fn depends(&mut self, lexer: &mut Lexer<'_>, entry: u32) -> Result<(), Reported> {
        let on = lexer.peek(&mut self.world).clone();
        if on.kind != TokenKind::Word || on.text != "on" {
            if on.kind == TokenKind::Broken {
                return Err(Reported);
            }
            return self.error(
                Diagnostic::new(
                    codes::UNEXPECTED_TOKEN,
                    Some(lexer.span(&on)),
                    "expected `on` after `depends`",
                )
                .help("write `depends on EXPRESSION`"),
            );
        }
        lexer.next(&mut self.world);
        let mut depends = self.expression(lexer)?;
        if let Some(condition) = self.condition(lexer)? {
            // It need not hold where the condition does not.
            let unless = equals_no(&mut self.draft.exprs, condition);
            depends = self.draft.exprs.add(Expr::Or(depends, unless));
        }
        let before = self.draft.entry(entry).depends;
        let all = self.and(before, Some(depends), lexer.span_to_here(on.start))?;
        self.draft.entry_mut(entry).depends = all;
        self.end_of_line(lexer)
    }

    fn help(&mut self, lexer: &mut Lexer<'_>, first: &Token<'_>, entry: u32) -> Result<(), Reported> {
        self.end_of_line(lexer)?;
        let span = lexer.help();
        let keyword = lexer.span(first);
        let name = self.draft.display_name(self.owner(entry)).to_string();
        if let Some(first) = self.draft.entry(entry).help {
            let message =
                format!("'{name}' defined with more than one help text -- only the last one will be used");
            let diagnostic = Diagnostic::new(codes::SECOND_HELP, Some(keyword), message);
            self.world.report.add(diagnostic.note(Some(first), "the first help text is here"));
        }
        if lexer.source(span).trim().is_empty() {
            let message = format!("'{name}' defined with blank help text");
            self.world.report.add(
                Diagnostic::new(codes::EMPTY_HELP, Some(keyword), message)
                    .help("write a text, indented, or remove `help`"),
            );
        }
        self.draft.entry_mut(entry).help = Some(span);
        Ok(())
    }

    /// `bool`, and a prompt perhaps.
    fn type_of(
        &mut self,
        lexer: &mut Lexer<'_>,
        first: &Token<'_>,
        entry: u32,
        kind: Type,
    ) -> Result<(), Reported> {
        if lexer.peek(&mut self.world).kind != TokenKind::EndOfLine {
            let text = self.text(lexer, "a prompt in quotes or the end of the line")?;
            self.prompt(lexer, first, entry, &text)?;
        }
        self.set_type(lexer, first, entry, kind);
        self.end_of_line(lexer)
    }

    fn set_type(&mut self, lexer: &Lexer<'_>, first: &Token<'_>, entry: u32, kind: Type) {
        let id = self.owner(entry);
        let symbol = &mut self.draft.symbols[id.index()];
        if symbol.kind == Type::Unknown {
            symbol.kind = kind;
        }
        if symbol.kind == kind {
            return;
        }
        let (name, before) = (self.draft.display_name(id), self.draft.symbols[id.index()].kind);
        let message = format!(
            "ignoring type redefinition of '{name}' from '{}' to '{}'",
            before.as_str(),
            kind.as_str()
        );
        let earlier = self.draft.symbols[id.index()].nodes[0];
        let place = self.draft.entry(earlier.0).span;
        self.world.report.add(
            Diagnostic::new(codes::TYPE_REDEFINED, Some(lexer.span(first)), message)
                .note(Some(place), format!("'{name}' is defined here first")),
        );
    }

    /// The rest of a prompt, after its text.
    fn prompt(
        &mut self,
        lexer: &mut Lexer<'_>,
        first: &Token<'_>,
        entry: u32,
        text: &str,
    ) -> Result<(), Reported> {
        let mut condition = self.condition(lexer)?;
        let mut around = self.draft.entry(entry).hidden_by;
        while around != NONE {
            let menu = self.draft.entry(around);
            let (visible_if, next) = (menu.visible_if, menu.hidden_by);
            condition = self.and(condition, visible_if, lexer.span(first))?;
            around = next;
        }
        self.add_prompt(entry, text, condition, lexer.span_to_here(first.start));
        Ok(())
    }

    fn default(&mut self, lexer: &mut Lexer<'_>, first: &Token<'_>, entry: u32) -> Result<(), Reported> {
        let value = self.expression(lexer)?;
        let condition = self.condition(lexer)?;
        self.draft.add_property(entry, Value::Default(value), condition, lexer.span_to_here(first.start));
        self.end_of_line(lexer)
    }

    fn modules(&mut self, span: Span, entry: u32) -> Result<(), Reported> {
        let symbol = self.owner(entry);
        if let Some(first) = self.draft.modules.replace(symbol) {
            let (name, first_name) = (self.draft.display_name(symbol), self.draft.display_name(first));
            let message = format!(
                "symbol '{name}' redefines option 'modules' already defined by symbol '{first_name}'"
            );
            let place = self.draft.entry(self.draft.symbols[first.index()].nodes[0].0).span;
            return self.error(
                Diagnostic::new(codes::SECOND_MODULES, Some(span), message)
                    .note(Some(place), format!("'{first_name}' is defined here")),
            );
        }
        Ok(())
    }

    /// `option NAME` and `option NAME="VALUE"`, from before Linux 5.x.
    fn option(&mut self, lexer: &mut Lexer<'_>, first: &Token<'_>, entry: u32) -> Result<(), Reported> {
        const OPTIONS: [&str; 4] = ["allnoconfig_y", "defconfig_list", "env", "modules"];
        let option = lexer.next(&mut self.world);
        let span = lexer.span(&option);
        if option.kind != TokenKind::Word {
            return self.unexpected(lexer, &option, "the name of an option");
        }
        let symbol = self.owner(entry);
        match &*option.text {
            "env" => {
                if lexer.peek(&mut self.world).kind != TokenKind::Compare(Comparison::Equal) {
                    let token = lexer.next(&mut self.world);
                    return self.unexpected(lexer, &token, "`=` and the name of an environment variable");
                }
                lexer.next(&mut self.world);
                let name = self.text(lexer, "the name of an environment variable in quotes")?;
                let span = lexer.span_to_here(first.start);
                self.env(&name, entry, span);
            }
            "modules" => self.modules(span, entry)?,
            "defconfig_list" => {
                self.draft.defconfig_list = Some(symbol);
                self.draft.symbols[symbol.index()].is_automatic = true;
            }
            "allnoconfig_y" => self.draft.symbols[symbol.index()].is_allnoconfig_y = true,
            _ => {
                let diagnostic = Diagnostic::new(
                    codes::UNKNOWN_OPTION,
                    Some(span),
                    format!("unknown option `{}`", option.text),
                );
                return self.error(match crate::did_you_mean(&option.text, OPTIONS) {
                    Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
                    None => diagnostic.help(format!("there are: {}", OPTIONS.join(", "))),
                });
            }
        }
        self.end_of_line(lexer)
    }

    /// The value of an environment variable becomes the symbol's default.
    fn env(&mut self, name: &str, entry: u32, span: Span) {
        let symbol = self.owner(entry);
        self.draft.symbols[symbol.index()].is_automatic = true;
        if !self.world.context.environment.contains_key(name) {
            let message = format!("environment variable {name} undefined");
            self.world.report.add(Diagnostic::new(codes::UNSET_VARIABLE, Some(span), message));
            return;
        }
        let value = macros::environment(&mut self.world, name);
        let constant = self.draft.constant(&value);
        let value: ExprId = self.draft.exprs.add(Expr::Symbol(constant));
        self.draft.add_property(entry, Value::Default(value), None, span);
    }
}
