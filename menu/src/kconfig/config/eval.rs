//! Computes values when they are asked for.
//!
//! The computation is recursive, as the rules are, but only to a fixed depth: beyond it the functions give up
//! with the node at which they stopped ([`Deeper`]). [`Evaluator::complete`] then computes that node first, on a
//! stack of its own, and asks again; what was found meanwhile is in the cache. So a chain of any length needs
//! little stack, and short chains, which is nearly all, pay one comparison.

use super::super::expr::{Comparison, Expr, ExprId};
use super::super::tree::{Default, Range, ReverseDependency, Role, Symbol, SymbolId, Tree, Tristate, Type};
use super::input::{Input, User};
use super::number;
use super::slot::{Cache, Cached, Slot, State, Text};

/// Nested computations before one gives up.
const DEPTH: u32 = 200;

/// The node that must be computed first.
pub(super) struct Deeper(Node);

#[derive(Clone, Copy)]
enum Node {
    Expr(ExprId),
    Symbol(SymbolId),
}

/// The value, or the node at which the computation gave up.
pub(super) type Step<T> = Result<T, Deeper>;

/// A computation over a tree, the user's values and the cache.
pub(super) struct Evaluator<'a> {
    pub(super) tree: &'a Tree,
    pub(super) input: &'a Input,
    pub(super) cache: &'a mut Cache,
    depth: u32,
}

impl<'a> Evaluator<'a> {
    /// An evaluator that already knows whether `m` is a value.
    pub(super) fn new(tree: &'a Tree, input: &'a Input, cache: &'a mut Cache) -> Self {
        let mut this = Self { tree, input, cache, depth: 0 };
        if this.cache.modules.is_none() {
            // What the modules symbol itself depends on is computed as if there were no modules, as in C.
            this.cache.modules = Some(false);
            let value = tree.modules().map(|symbol| this.complete(|this| this.tri(symbol)));
            this.cache.modules = Some(value.is_some_and(|value| value != Tristate::No));
        }
        this
    }

    /// Runs `ask` until it needs nothing deeper.
    pub(super) fn complete<T>(&mut self, ask: impl Fn(&mut Self) -> Step<T>) -> T {
        loop {
            self.depth = 0;
            match ask(self) {
                Ok(value) => return value,
                Err(Deeper(node)) => self.resolve(node),
            }
        }
    }

    /// Computes `node`, and before it whatever it needs. Each node on the stack waits for the one above it, so
    /// one that is asked for again while it waits is part of a cycle; it is marked as busy.
    fn resolve(&mut self, node: Node) {
        let mut stack = vec![node];
        self.mark_busy(node);
        while let Some(&node) = stack.last() {
            self.depth = 0;
            let result = match node {
                Node::Expr(expr) => self.compute_expr(expr).map(|_| ()),
                Node::Symbol(symbol) => self.compute(symbol),
            };
            match result {
                Ok(()) => {
                    stack.pop();
                }
                Err(Deeper(next)) => {
                    self.mark_busy(next);
                    stack.push(next);
                }
            }
        }
    }

    fn mark_busy(&mut self, node: Node) {
        match node {
            Node::Expr(expr) => self.cache.exprs[expr.0 as usize] = Cached::Busy,
            Node::Symbol(symbol) => self.cache.slots[symbol.index()].state = State::Busy,
        }
    }

    /// Value of an expression.
    pub(super) fn expr(&mut self, id: ExprId) -> Step<Tristate> {
        match self.cache.exprs[id.0 as usize] {
            Cached::Known(value) => return Ok(value),
            Cached::Busy => return Ok(Tristate::No),
            Cached::Unknown => (),
        }
        if let Expr::Symbol(symbol) = self.tree.exprs().get(id) {
            return self.tri(symbol);
        }
        if self.depth >= DEPTH {
            return Err(Deeper(Node::Expr(id)));
        }
        self.compute_expr(id)
    }

    fn compute_expr(&mut self, id: ExprId) -> Step<Tristate> {
        self.depth += 1;
        let value = match self.tree.exprs().get(id) {
            Expr::Symbol(symbol) => self.tri(symbol)?,
            Expr::Not(a) => self.expr(a)?.negate(),
            Expr::And(a, b) => match self.expr(a)? {
                Tristate::No => Tristate::No,
                a => a.min(self.expr(b)?),
            },
            Expr::Or(a, b) => match self.expr(a)? {
                Tristate::Yes => Tristate::Yes,
                a => a.max(self.expr(b)?),
            },
            Expr::Compare(comparison, left, right) => self.compare(comparison, left, right)?,
        };
        self.depth -= 1;
        self.cache.exprs[id.0 as usize] = Cached::Known(value);
        Ok(value)
    }

    fn compare(&mut self, comparison: Comparison, left: SymbolId, right: SymbolId) -> Step<Tristate> {
        let left = (*self.slot(left)?, left);
        let right = (*self.slot(right)?, right);
        let operand = |(slot, id): (Slot, SymbolId)| {
            let kind = if id <= SymbolId::YES { Type::Tristate } else { self.tree.symbol(id).kind };
            (self.input.text_of(self.tree, &slot), kind)
        };
        let holds = comparison.holds(number::compare(operand(left), operand(right)));
        Ok(if holds { Tristate::Yes } else { Tristate::No })
    }

    /// Value of a bool, tristate or choice; `n` for other types.
    pub(super) fn tri(&mut self, symbol: SymbolId) -> Step<Tristate> {
        Ok(self.slot(symbol)?.tri)
    }

    /// All that there is to know of a symbol.
    pub(super) fn slot(&mut self, id: SymbolId) -> Step<&Slot> {
        let index = id.index();
        if self.cache.slots[index].state == State::Unknown {
            if self.depth >= DEPTH {
                return Err(Deeper(Node::Symbol(id)));
            }
            self.cache.slots[index].state = State::Busy;
            if let Err(deeper) = self.compute(id) {
                self.cache.slots[index].state = State::Unknown;
                return Err(deeper);
            }
        }
        Ok(&self.cache.slots[index])
    }

    fn compute(&mut self, id: SymbolId) -> Step<()> {
        self.depth += 1;
        let tree = self.tree;
        let symbol = tree.symbol(id);
        let visible = self.visible(id)?;
        let mut slot = Slot { is_visible_known: true, visible, ..Slot::base(symbol.kind) };
        slot.is_written = visible != Tristate::No;
        // Whoever is part of a cycle and asks meanwhile gets this, which is what C gives too.
        self.cache.slots[id.index()] = Slot { state: State::Busy, ..slot };
        match (symbol.role, symbol.kind) {
            (Role::Choice, _) => self.compute_choice(id, &mut slot)?,
            (_, Type::Bool | Type::Tristate) => self.compute_tristate(id, symbol, &mut slot)?,
            (_, Type::Int | Type::Hex | Type::String) => self.compute_text(id, symbol, &mut slot)?,
            (_, Type::Unknown) => slot = Slot { text: Text::Name(id), is_written: false, ..slot },
        }
        slot.is_written &= !symbol.is_transitional && !symbol.is_automatic;
        slot.state = State::Known;
        self.cache.slots[id.index()] = slot;
        self.depth -= 1;
        Ok(())
    }

    fn compute_tristate(&mut self, id: SymbolId, symbol: &Symbol, slot: &mut Slot) -> Step<()> {
        if let Some(choice) = symbol.choice {
            // Selecting a member of a choice has no effect, and defaults of members are errors.
            if slot.visible != Tristate::No && self.pick(choice)? == Some(id) {
                slot.tri = Tristate::Yes;
            }
            return Ok(());
        }
        let is_bool = self.is_bool(symbol.kind);
        slot.selected = self.greatest(&symbol.selected_by, is_bool)?;
        match self.input.usable(id, symbol, slot.visible) {
            Some(&User::Tristate(value)) if symbol.is_transitional => slot.tri = value,
            Some(&User::Tristate(value)) => slot.tri = value.min(slot.visible),
            _ => {
                slot.is_written |= slot.selected != Tristate::No;
                if let Some((_, default, condition)) = self.active_default(symbol)? {
                    slot.tri = self.expr(default.value)?.min(condition);
                    slot.is_written |= slot.tri != Tristate::No;
                }
                let implied = self.greatest(&symbol.implied_by, is_bool)?;
                if implied != Tristate::No {
                    slot.is_written = true;
                    slot.tri = slot.tri.max(implied).min(self.direct(symbol)?);
                }
            }
        }
        slot.tri = promoted(slot.tri.max(slot.selected), is_bool);
        Ok(())
    }

    fn compute_text(&mut self, id: SymbolId, symbol: &Symbol, slot: &mut Slot) -> Step<()> {
        // A number or text should not be selected. Whatever selects it, the user's value counts, but it is not
        // changeable.
        slot.selected = self.greatest(&symbol.selected_by, false)?;
        if let Some(User::Text(_)) = self.input.usable(id, symbol, slot.visible) {
            slot.text = Text::User(id);
        } else if let Some((_, default, _)) = self.active_default(symbol)?
            && let Expr::Symbol(source) = self.tree.exprs().get(default.value)
        {
            slot.is_written = true;
            slot.text = self.raw(source)?;
        }
        let base = number::base_of(symbol.kind, 0);
        if base != 0
            && let Some(range) = self.active_range(symbol)?
        {
            // Ends of ranges are not checked for cycles: whoever asks meanwhile gets the value as it is so far.
            self.cache.slots[id.index()].text = slot.text;
            let value = number::prefix(self.input.resolve(self.tree, slot.text), base);
            let (low, high) = (self.raw(range.low)?, self.raw(range.high)?);
            if value < self.bound(range.low, low, base) {
                slot.text = low;
            } else if value > self.bound(range.high, high, base) {
                slot.text = high;
            }
        }
        Ok(())
    }

    /// The number that one end of a range is: in its own base if it is a number, else in that of the symbol.
    pub(super) fn bound(&self, end: SymbolId, text: Text, base: u32) -> i64 {
        let base = number::base_of(self.tree.symbol(end).kind, base);
        number::prefix(self.input.resolve(self.tree, text), base)
    }

    /// The text that C keeps of a symbol: `n` for every bool and tristate that is no constant.
    pub(super) fn raw(&mut self, symbol: SymbolId) -> Step<Text> {
        Ok(match self.slot(symbol)?.text {
            Text::Letter => Text::No,
            text => text,
        })
    }

    /// The first default whose condition holds: its place, itself, its condition's value.
    pub(super) fn active_default<'s>(
        &mut self,
        symbol: &'s Symbol,
    ) -> Step<Option<(usize, &'s Default, Tristate)>> {
        for (place, default) in symbol.defaults.iter().enumerate() {
            let condition = self.expr(default.condition)?;
            if condition != Tristate::No {
                return Ok(Some((place, default, condition)));
            }
        }
        Ok(None)
    }

    /// The first range whose condition holds.
    pub(super) fn active_range<'s>(&mut self, symbol: &'s Symbol) -> Step<Option<&'s Range>> {
        for range in &symbol.ranges {
            if self.expr(range.condition)? != Tristate::No {
                return Ok(Some(range));
            }
        }
        Ok(None)
    }

    /// The greatest of the prompts' conditions.
    pub(super) fn visible(&mut self, id: SymbolId) -> Step<Tristate> {
        let slot = &self.cache.slots[id.index()];
        if slot.is_visible_known {
            return Ok(slot.visible);
        }
        let symbol = self.tree.symbol(id);
        let mut visible = self.expr(symbol.visibility)?;
        if let Some(choice) = symbol.choice
            && self.tree.symbol(choice).is_optional
        {
            visible = visible.min(self.tri(choice)?);
        }
        visible = promoted(visible, symbol.kind != Type::Tristate || !self.has_modules());
        let slot = &mut self.cache.slots[id.index()];
        slot.visible = visible;
        slot.is_visible_known = true;
        Ok(visible)
    }

    /// What a symbol depends on directly.
    pub(super) fn direct(&mut self, symbol: &Symbol) -> Step<Tristate> {
        let is_bool = self.is_bool(symbol.kind);
        Ok(promoted(self.expr(symbol.depends)?, is_bool))
    }

    /// The greatest of reverse dependencies.
    pub(super) fn greatest(&mut self, reasons: &[ReverseDependency], is_bool: bool) -> Step<Tristate> {
        let mut greatest = Tristate::No;
        for reason in reasons {
            greatest = greatest.max(self.expr(reason.expr)?);
            if greatest == Tristate::Yes {
                break;
            }
        }
        Ok(promoted(greatest, is_bool))
    }

    /// Whether `m` is a value.
    pub(super) fn has_modules(&self) -> bool {
        self.cache.modules == Some(true)
    }

    /// Whether a type is bool now: tristate is without modules.
    pub(super) fn is_bool(&self, kind: Type) -> bool {
        kind == Type::Bool || (kind == Type::Tristate && !self.has_modules())
    }
}

/// `value`, with `y` for `m` where there is no `m`.
pub(super) fn promoted(value: Tristate, has_no_mod: bool) -> Tristate {
    if value == Tristate::Mod && has_no_mod { Tristate::Yes } else { value }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;
    use std::sync::Arc;

    use super::super::super::context::{Context, MemoryFiles, NoShell};
    use super::super::super::expr::Expr;
    use super::super::super::load::load;
    use super::super::super::tree::{SymbolId, Tree};
    use super::super::Config;

    /// A tree of `length` symbols, each of which defaults to the next and the last to the first: more than the
    /// reader lets through.
    fn ring(length: usize, has_prompts: bool) -> Tree {
        let mut text = String::new();
        for index in 0..length {
            let prompt = if has_prompts { " \"s\"" } else { "" };
            writeln!(text, "config S{index}\n\tbool{prompt}\n\tdefault y").unwrap();
        }
        let mut files = MemoryFiles::default();
        files.0.insert("Kconfig".into(), text.into());
        let environment = Default::default();
        let (files, shell) = (Box::new(files), Box::new(NoShell));
        let mut context = Context { srctree: None, environment, files, shell };
        let mut tree = load(Path::new("Kconfig"), &mut context).unwrap().tree;
        let symbols: Vec<SymbolId> =
            (0..length).map(|index| tree.find(&format!("S{index}")).unwrap()).collect();
        for (index, symbol) in symbols.iter().enumerate() {
            let next = symbols[(index + 1) % length];
            let after = symbols[(index + 2) % length];
            let [next, after] = [next, after].map(|symbol| tree.exprs.add(Expr::Symbol(symbol)));
            let value = tree.exprs.add(Expr::Or(next, after));
            tree.symbols[symbol.index()].defaults[0].value = value;
        }
        tree
    }

    #[test]
    fn cycles_come_to_an_end() {
        for length in [1, 2, 3, super::DEPTH as usize, 1000, 20_000] {
            for has_prompts in [false, true] {
                let mut config = Config::new(Arc::new(ring(length, has_prompts)));
                let symbols: Vec<SymbolId> =
                    (0..length).map(|index| config.tree().find(&format!("S{index}")).unwrap()).collect();
                let no = |config: &Config| symbols.iter().all(|&symbol| config.value(symbol) == "n");
                assert!(no(&config), "nothing gives any of them a value");
                if has_prompts {
                    config.set(symbols[0], "y").unwrap();
                    assert_eq!(config.value(symbols[0]), "y");
                    assert!(symbols.iter().all(|&symbol| config.value(symbol) == "y"), "all follow from it");
                    config.unset(symbols[0]);
                    config.value(symbols[length - 1]);
                }
            }
        }
    }
}
