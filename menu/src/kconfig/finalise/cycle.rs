//! Recursive dependencies: a symbol whose value depends on itself.
//!
//! A depth-first search over symbols and expressions with a stack of its own. A choice and its members are one
//! place of the graph, for the value of one decides the others. Like Linux's search it gives up a path on which
//! it found a loop, and so tells each loop once.

use super::super::codes;
use super::super::diagnostic::Diagnostic;
use super::super::draft::{Draft, Value};
use super::super::expr::{Expr, ExprId};
use super::super::span::{Sources, Span};
use super::super::tree::{Role, SymbolId};
use super::super::world::Report;

/// Links of a loop that are told: the middle of a longer one is left out.
const MOST_LINKS: usize = 100;

/// Reports each loop of dependencies.
pub(super) fn check(draft: &Draft, sources: &Sources, report: &mut Report) {
    let mut search = Search {
        draft,
        sources,
        report,
        symbols: vec![State::New; draft.symbols.len()],
        exprs: vec![State::New; draft.exprs.len()],
        stack: Vec::new(),
    };
    for symbol in draft.entries.iter().filter_map(|entry| entry.symbol) {
        search.run(symbol);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// On the stack.
    Open,
    Done,
}

/// A reason for which `from` depends on an expression.
#[derive(Clone, Copy)]
struct Link {
    from: SymbolId,
    how: &'static str,
    expr: ExprId,
    span: Span,
}

enum Frame {
    /// A symbol, or a choice with all its members, and the name under which it was reached.
    Symbol {
        group: SymbolId,
        reached: SymbolId,
        links: Vec<Link>,
        next: usize,
    },
    Expr {
        expr: ExprId,
        operands: [Option<Operand>; 2],
        next: usize,
    },
}

#[derive(Clone, Copy)]
enum Operand {
    Symbol(SymbolId),
    Expr(ExprId),
}

struct Search<'d> {
    draft: &'d Draft,
    sources: &'d Sources,
    report: &'d mut Report,
    /// By symbol; a choice stands for its members.
    symbols: Vec<State>,
    exprs: Vec<State>,
    stack: Vec<Frame>,
}

impl Search<'_> {
    fn run(&mut self, start: SymbolId) {
        self.visit(Operand::Symbol(start));
        while let Some(frame) = self.stack.last_mut() {
            let operand = match frame {
                Frame::Symbol { links, next, .. } => {
                    *next += 1;
                    links.get(*next - 1).map(|link| Operand::Expr(link.expr))
                }
                Frame::Expr { operands, next, .. } => {
                    *next += 1;
                    operands.get(*next - 1).copied().flatten()
                }
            };
            match operand {
                Some(operand) => self.visit(operand),
                None => match self.stack.pop() {
                    Some(Frame::Symbol { group, .. }) => self.symbols[group.index()] = State::Done,
                    Some(Frame::Expr { expr, .. }) => self.exprs[expr.0 as usize] = State::Done,
                    None => {}
                },
            }
        }
    }

    fn visit(&mut self, operand: Operand) {
        let operand = match operand {
            // Most expressions are a symbol: they need no frame of their own.
            Operand::Expr(expr) => match self.draft.exprs.get(expr) {
                Expr::Symbol(symbol) => Operand::Symbol(symbol),
                _ => operand,
            },
            Operand::Symbol(_) => operand,
        };
        match operand {
            Operand::Symbol(symbol) => {
                let group = self.draft.symbols[symbol.index()].choice.unwrap_or(symbol);
                match self.symbols[group.index()] {
                    State::New => {
                        self.symbols[group.index()] = State::Open;
                        let links = self.links(group);
                        self.stack.push(Frame::Symbol { group, reached: symbol, links, next: 0 });
                    }
                    State::Open => self.report_loop(group, symbol),
                    State::Done => {}
                }
            }
            Operand::Expr(expr) => match self.exprs[expr.0 as usize] {
                State::New => {
                    self.exprs[expr.0 as usize] = State::Open;
                    let operands = match self.draft.exprs.get(expr) {
                        Expr::Symbol(symbol) => [Some(Operand::Symbol(symbol)), None],
                        Expr::Compare(_, a, b) => [Some(Operand::Symbol(a)), Some(Operand::Symbol(b))],
                        Expr::Not(a) => [Some(Operand::Expr(a)), None],
                        Expr::And(a, b) | Expr::Or(a, b) => [Some(Operand::Expr(a)), Some(Operand::Expr(b))],
                    };
                    self.stack.push(Frame::Expr { expr, operands, next: 0 });
                }
                State::Open => {
                    // The way from this expression led back to it, through the symbol after it on the stack.
                    let mut after = self.stack.iter().skip_while(|frame| !is_expr(frame, expr));
                    let symbol = after.find_map(|frame| match frame {
                        Frame::Symbol { group, reached, .. } => Some((*group, *reached)),
                        Frame::Expr { .. } => None,
                    });
                    if let Some((group, reached)) = symbol {
                        self.report_loop(group, reached);
                    }
                }
                State::Done => {}
            },
        }
    }

    /// What the value of a symbol, or of a choice and its members, depends on.
    fn links(&self, group: SymbolId) -> Vec<Link> {
        let mut links = Vec::new();
        for &from in std::iter::once(&group).chain(&self.draft.symbols[group.index()].members) {
            let symbol = &self.draft.symbols[from.index()];
            // A symbol that is selected and nowhere defined has no entry. Of a choice and its members only what
            // their prompts depend on counts, which is as much.
            let first =
                symbol.nodes.first().filter(|_| symbol.role != Role::Choice && symbol.choice.is_none());
            links.extend(first.map(|first| Link {
                from,
                how: "depends on",
                expr: symbol.depends,
                span: self.draft.entry(first.0).span,
            }));
            links.extend(symbol.selected_by.iter().map(|reverse| Link {
                from,
                how: "is selected by",
                expr: reverse.expr,
                span: reverse.span,
            }));
            links.extend(symbol.implied_by.iter().map(|reverse| Link {
                from,
                how: "is implied by",
                expr: reverse.expr,
                span: reverse.span,
            }));
            for node in &symbol.nodes {
                for index in self.draft.entry(node.0).properties.clone() {
                    let property = &self.draft.properties[index as usize];
                    let how = match property.value {
                        Value::Prompt(_) => "prompt is visible depending on",
                        Value::Default(_) => "default is visible depending on",
                        Value::Range(..) => "range is visible depending on",
                        Value::Select(_) | Value::Imply(_) => continue,
                    };
                    let span = property.span;
                    links.extend(property.condition.map(|expr| Link { from, how, expr, span }));
                    if let Value::Default(expr) = property.value
                        && symbol.role != Role::Choice
                    {
                        links.push(Link { from, how: "default value contains", expr, span });
                    }
                }
            }
        }
        links
    }

    /// Reports the loop from `group`, which is on the stack, to itself, reached as `symbol`; and gives up.
    fn report_loop(&mut self, group: SymbolId, symbol: SymbolId) {
        let from = self
            .stack
            .iter()
            .position(|frame| matches!(frame, Frame::Symbol { group: open, .. } if *open == group));
        let frames = self.stack[from.unwrap_or_default()..].iter().filter_map(|frame| match frame {
            Frame::Symbol { reached, links, next, .. } => Some((*reached, links[*next - 1])),
            Frame::Expr { .. } => None,
        });
        let steps: Vec<(SymbolId, Link)> = frames.collect();
        let mut diagnostic = Diagnostic::new(
            codes::RECURSIVE_DEPENDENCY,
            steps.first().map(|(_, link)| link.span),
            "recursive dependency detected!",
        );
        for (index, (_, link)) in steps.iter().enumerate() {
            if steps.len() > MOST_LINKS && (MOST_LINKS / 2..steps.len() - MOST_LINKS / 2).contains(&index) {
                if index == MOST_LINKS / 2 {
                    let message = format!("{} more links", steps.len() - MOST_LINKS / 2 * 2);
                    diagnostic = diagnostic.note(None, message);
                }
                continue;
            }
            // The next step begins with another member of the choice that this one leads to, perhaps.
            let (reached, leaves) = match steps.get(index + 1) {
                Some((reached, next)) => (*reached, next.from),
                None => (symbol, steps[0].1.from),
            };
            let name = |symbol| self.draft.display_name(symbol);
            let message = format!("symbol {} {} {}", name(link.from), link.how, name(reached));
            diagnostic = diagnostic.note(Some(link.span), message);
            if reached != leaves
                && let Some(choice) = self.draft.symbols[reached.index()].choice
            {
                let span = self.draft.entry(self.draft.symbols[choice.index()].nodes[0].0).span;
                let position = self.sources.position(span);
                let (path, line) = (position.path.display(), position.line);
                let message = format!("symbol {} is part of choice block at {path}:{line}", name(reached));
                diagnostic = diagnostic.note(Some(span), message);
            }
        }
        self.report.add(
            diagnostic.help(
                "break the loop: drop one of these, or turn a `select` into `depends on` or the reverse",
            ),
        );
        for frame in self.stack.drain(..) {
            match frame {
                Frame::Symbol { group, .. } => self.symbols[group.index()] = State::Done,
                // What is left of it was not looked at.
                Frame::Expr { expr, .. } => self.exprs[expr.0 as usize] = State::New,
            }
        }
    }
}

fn is_expr(frame: &Frame, wanted: ExprId) -> bool {
    matches!(frame, Frame::Expr { expr, .. } if *expr == wanted)
}
