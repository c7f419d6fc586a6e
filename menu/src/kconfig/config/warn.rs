//! What the values make of the tree that its author, or the user, may not have meant.

use super::super::codes;
use super::super::diagnostic::Diagnostic;
use super::super::span::Span;
use super::super::tree::{Role, SymbolId, Tristate, Type};
use super::input::User;
use super::{Config, Need};

impl Config {
    /// Selected symbols whose own dependencies do not hold, and user values that were clamped or did not take;
    /// in the order of the tree. The spans are in the files of the tree, whatever file the values came from.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        let warnings = self.tree.symbols().flat_map(|(id, symbol)| {
            let is_candidate = symbol.role == Role::Plain && self.is_defined(id);
            let unmet = (is_candidate && self.is_unmet(id)).then(|| self.unmet_warning(id));
            let user = if is_candidate { self.value_warning(id) } else { None };
            unmet.into_iter().chain(user)
        });
        warnings.collect()
    }

    /// The warning about a symbol that [`is_unmet`](Self::is_unmet).
    pub fn unmet_warning(&self, symbol: SymbolId) -> Diagnostic {
        let definition = self.tree.symbol(symbol);
        let direct = self.ask(|this| this.direct(definition));
        let least = if direct == Tristate::Mod { Tristate::Yes } else { Tristate::Mod };
        let lacking = self.lacking(definition.depends, Need::AtLeast(least));
        let message = format!("{} is selected, but needs {lacking}", definition.name);
        let mut diagnostic = Diagnostic::new(codes::UNMET_DEPENDENCY, self.place_of(symbol), message);
        for reason in &definition.selected_by {
            if self.evaluate(reason.expr) > direct {
                diagnostic =
                    diagnostic.note(Some(reason.span), format!("{} selects it", self.name_of(reason.by)));
            }
        }
        diagnostic.help("set what it needs, or turn off what selects it")
    }

    /// The warning about what the user gave a symbol, if that is not its value.
    pub fn value_warning(&self, symbol: SymbolId) -> Option<Diagnostic> {
        let user = self.input.get(symbol)?;
        let definition = self.tree.symbol(symbol);
        let wanted = match user {
            User::Tristate(value) => {
                super::eval::promoted(*value, self.with(|this| this.is_bool(definition.kind))).as_str()
            }
            User::Text(text) => text,
        };
        if definition.is_transitional || wanted == self.value(symbol) {
            return None;
        }
        let name = &definition.name;
        let place = self.place_of(symbol);
        let diagnostic =
            |code, why: String| Diagnostic::new(code, place, format!("{name}={wanted} did not take: {why}"));
        let has_prompt = definition.nodes.iter().any(|&node| self.tree.node(node).prompt.is_some());
        if !has_prompt {
            let why = "it has no prompt, its value is computed".into();
            return Some(diagnostic(codes::NO_PROMPT, why).help("remove the assignment"));
        }
        if self.visibility(symbol) == Tristate::No {
            let why = format!("needs {}", self.lacking(definition.visibility, Need::AtLeast(Tristate::Mod)));
            return Some(diagnostic(codes::VALUE_WITHOUT_EFFECT, why).help("set what it needs"));
        }
        if let Some(choice) = definition.choice {
            return Some(self.choice_warning(symbol, choice, diagnostic));
        }
        if matches!(definition.kind, Type::Int | Type::Hex) {
            let (low, high) = self.range(symbol)?;
            let message = format!("{name}={wanted} is not in {low}..{high}: {} is used", self.value(symbol));
            let help = format!("set a value from {low} to {high}");
            return Some(Diagnostic::new(codes::VALUE_CLAMPED, place, message).help(help));
        }
        let selected = self.ask(|this| Ok(this.slot(symbol)?.selected));
        let why = if self.tristate(symbol) == selected {
            let by = self.strongest(&definition.selected_by);
            let names: Vec<_> = by.into_iter().map(|symbol| self.name_of(symbol)).collect();
            format!("selected by {}", names.join(", "))
        } else {
            format!("needs {}", self.lacking(definition.visibility, Need::AtLeast(Tristate::Yes)))
        };
        Some(diagnostic(codes::VALUE_WITHOUT_EFFECT, why).help("remove the assignment, or change that"))
    }

    fn choice_warning(
        &self,
        symbol: SymbolId,
        choice: SymbolId,
        diagnostic: impl Fn(super::super::Code, String) -> Diagnostic,
    ) -> Diagnostic {
        let why = match self.picked(choice) {
            Some(picked) if picked == symbol => "a choice needs a member".into(),
            Some(picked) => format!("{} was set later in the same choice", self.name_of(picked)),
            None => "no member of the choice is visible".into(),
        };
        diagnostic(codes::CHOICE_CONFLICT, why).help("keep one assignment to y for each choice")
    }

    /// Where a symbol is defined.
    fn place_of(&self, symbol: SymbolId) -> Option<Span> {
        let nodes = &self.tree.symbol(symbol).nodes;
        let with_prompt = nodes.iter().find(|&&node| self.tree.node(node).prompt.is_some());
        with_prompt.or(nodes.first()).map(|&node| self.tree.node(node).span)
    }
}
