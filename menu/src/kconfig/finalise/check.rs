//! What a tree may say and its author can hardly mean: warnings about symbols and their attributes.

use super::super::codes::{self, Code};
use super::super::diagnostic::Diagnostic;
use super::super::draft::Draft;
use super::super::expr::{Expr, ExprId};
use super::super::span::Span;
use super::super::tree::{Role, Symbol, SymbolId, Type};
use super::super::world::Report;

/// Checks each symbol that has an entry, in the order of the files.
pub(super) fn check(draft: &Draft, report: &mut Report) {
    let mut is_checked = vec![false; draft.symbols.len()];
    for entry in &draft.entries {
        let Some(id) = entry.symbol else { continue };
        if std::mem::replace(&mut is_checked[id.index()], true) {
            continue;
        }
        let symbol = &draft.symbols[id.index()];
        let mut checker = Checker { draft, report, symbol, name: draft.display_name(id) };
        if symbol.kind == Type::Unknown {
            checker.warn(
                codes::NO_TYPE,
                entry.span,
                format!("config symbol defined without type: {}", symbol.name),
                "add `bool`, `int`, `hex` or `string` below it; without a type it has no value",
            );
        }
        if symbol.is_transitional {
            checker.transitional();
        }
        checker.defaults();
        checker.missing_default();
        checker.ranges();
        checker.selects();
    }
}

struct Checker<'d> {
    draft: &'d Draft,
    report: &'d mut Report,
    symbol: &'d Symbol,
    name: &'d str,
}

impl Checker<'_> {
    fn warn(&mut self, code: Code, span: Span, message: String, help: &str) {
        self.report.add(Diagnostic::new(code, Some(span), message).help(help));
    }

    fn is_numeric(&self) -> bool {
        matches!(self.symbol.kind, Type::Int | Type::Hex)
    }

    fn symbol_of(&self, id: SymbolId) -> &Symbol {
        &self.draft.symbols[id.index()]
    }

    /// Whether a default or an end of a range can be a number of the symbol's type.
    fn can_be_number(&self, id: SymbolId) -> bool {
        let other = self.symbol_of(id);
        match other.kind {
            Type::Int | Type::Hex => true,
            Type::Unknown => self.is_numeric() && self.symbol.kind.accepts(&other.name),
            _ => false,
        }
    }

    fn defaults(&mut self) {
        let name = self.name;
        for default in &self.symbol.defaults {
            let span = default.span;
            let Expr::Symbol(value) = self.draft.exprs.get(default.value) else {
                if self.is_numeric() || self.symbol.kind == Type::String {
                    let message = format!("default for config symbol '{name}' must be a single symbol");
                    self.warn(
                        codes::DEFAULT_EXPRESSION,
                        span,
                        message,
                        "use several defaults with conditions",
                    );
                }
                continue;
            };
            if self.is_numeric() && !self.can_be_number(value) {
                let text = &self.symbol_of(value).name;
                let message = format!("'{name}': number is invalid: {text:?}");
                let help = match self.symbol.kind {
                    Type::Int => "an int is digits, with `-` before them perhaps, and no leading zero",
                    _ => "a hex is hexadecimal digits, with `0x` before them",
                };
                self.warn(codes::INVALID_NUMBER, span, message, help);
            }
            if self.symbol.role == Role::Choice && !self.is_member(value) {
                let value = self.draft.display_name(value);
                let message = format!("choice default symbol '{value}' is not contained in the choice");
                self.warn(codes::DEFAULT_OUTSIDE_CHOICE, span, message, "name one of its members");
            }
        }
    }

    /// Linux is silent about it, and its value is 0.
    fn missing_default(&mut self) {
        let draft = self.draft;
        if !self.is_numeric() || !self.symbol.defaults.is_empty() || self.symbol.is_automatic {
            return;
        }
        let mut entries = self.symbol.nodes.iter().map(|node| draft.entry(node.0));
        if let Some(entry) = entries.find(|entry| entry.prompt.is_some()) {
            let zero = if self.symbol.kind == Type::Int { "0" } else { "0x0" };
            let message = format!("'{}' has no default and so is {zero} until it is set", self.name);
            self.warn(codes::NUMBER_WITHOUT_DEFAULT, entry.span, message, "add a `default`");
        }
    }

    fn is_member(&self, id: SymbolId) -> bool {
        self.symbol.members.contains(&id)
    }

    fn ranges(&mut self) {
        for range in &self.symbol.ranges {
            if !self.is_numeric() {
                self.warn(
                    codes::RANGE_TYPE,
                    range.span,
                    format!("range is only allowed for int or hex symbols: '{}' is neither", self.name),
                    "remove it, or change the type",
                );
            } else if let Some(&end) = [range.low, range.high].iter().find(|&&end| !self.can_be_number(end)) {
                let message = format!("range is invalid: {:?} is no number", self.symbol_of(end).name);
                self.warn(
                    codes::INVALID_RANGE,
                    range.span,
                    message,
                    "give a number, or an int or hex symbol",
                );
            }
        }
    }

    fn selects(&mut self) {
        let selects = self.symbol.selects.iter().map(|select| (select, "select"));
        let implies = self.symbol.implies.iter().map(|imply| (imply, "imply"));
        for (select, word) in selects.chain(implies) {
            if !matches!(self.symbol.kind, Type::Bool | Type::Tristate) {
                let message =
                    format!("config symbol '{}' uses {word}, but is not bool or tristate", self.name);
                self.warn(codes::SELECT_BY_VALUE, select.span, message, "only `y` and `m` can select");
                continue;
            }
            let target = self.symbol_of(select.target);
            if !matches!(target.kind, Type::Unknown | Type::Bool | Type::Tristate) {
                let message = format!(
                    "'{}' has wrong type. '{word}' only accept arguments of bool and tristate type",
                    target.name
                );
                let help = format!("give '{}' a `default … if {}` instead", target.name, self.name);
                self.warn(codes::SELECT_OF_VALUE, select.span, message, &help);
            }
        }
    }

    /// A transitional symbol only carries a value from an old `.config` to the defaults of newer symbols.
    fn transitional(&mut self) {
        let draft = self.draft;
        let yes = |expr: Option<ExprId>| expr.is_none_or(|expr| expr == ExprId::YES);
        for node in &self.symbol.nodes {
            let entry = draft.entry(node.0);
            let mut properties = entry.properties.clone().map(|index| &draft.properties[index as usize]);
            let span = match properties.next() {
                Some(property) => property.span,
                None if !yes(entry.depends) => entry.span,
                None => continue,
            };
            let message =
                format!("transitional symbols can only have help sections: '{}' has more", self.name);
            self.warn(
                codes::TRANSITIONAL_ATTRIBUTE,
                span,
                message,
                "its value comes from an old `.config` alone; put the rest into the symbol that replaces it",
            );
        }
    }
}
