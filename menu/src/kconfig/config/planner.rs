//! The search behind [`Config::plan_to_set`]: from what is needed back to what can be set.
//!
//! The planner tries things out on a copy of the configuration. It has a budget, for each way that it tries
//! costs a copy, and it never goes back on what it set: the caller checks that everything lasts.

use super::super::expr::{Comparison, Expr, ExprId};
use super::super::tree::{Role, SymbolId, Tristate, Type};
use super::plan::{Blocked, Obstacle};
use super::slot::has_own_value;
use super::{Atom, Config, Need, SetError, number};

/// Steps of one search.
const STEPS: u32 = 500;
/// Nested needs; also bounds the recursion.
const DEPTH: u32 = 40;

/// A search under way.
#[derive(Clone)]
pub(super) struct Planner {
    /// The configuration with what has been set so far.
    config: Config,
    assignments: Vec<(SymbolId, String)>,
    steps: u32,
    depth: u32,
}

/// One of several ways to get what is needed.
enum Way {
    /// Make an expression so.
    Expr(ExprId, Need),
    /// Make a default the one that counts, and its value and condition at least that.
    Default(SymbolId, usize, Tristate),
    /// Make a default the one that counts, whatever its value.
    Text(SymbolId, usize),
    /// Set a symbol.
    Set(SymbolId, &'static str),
}

type Outcome = Result<(), Blocked>;

impl Planner {
    /// A planner that begins at `config`.
    pub(super) fn new(config: &Config) -> Self {
        Self { config: config.clone(), assignments: Vec::new(), steps: STEPS, depth: 0 }
    }

    /// What to set, in order, so that `symbol` gets `value`.
    pub(super) fn plan(mut self, symbol: SymbolId, value: &str) -> Result<Vec<(SymbolId, String)>, Blocked> {
        self.set(symbol, value)?;
        Ok(self.assignments)
    }

    fn set(&mut self, symbol: SymbolId, value: &str) -> Outcome {
        self.nested(|this| {
            // Each turn removes one kind of obstacle; there are not more kinds than turns.
            for _ in 0..4 {
                match this.config.set(symbol, value) {
                    Ok(()) => {
                        this.assignments.retain(|(other, _)| *other != symbol);
                        this.assignments.push((symbol, value.to_owned()));
                        return Ok(());
                    }
                    Err(_) if this.config.has_value(symbol, value) => return Ok(()),
                    Err(error) => this.remove_obstacle(symbol, value, error)?,
                }
            }
            Err(Obstacle::Conflict(symbol, value.to_owned()).into())
        })
    }

    fn remove_obstacle(&mut self, symbol: SymbolId, value: &str, error: SetError) -> Outcome {
        let tree = self.config.tree.clone();
        let definition = tree.symbol(symbol);
        let wanted = super::set::tristate_of(value).unwrap_or(Tristate::Mod);
        let least = match definition.kind {
            Type::Tristate if self.config.modules_enabled() => wanted.max(Tristate::Mod),
            _ => Tristate::Mod,
        };
        match error {
            SetError::Invisible if definition.visibility == ExprId::NO => {
                Err(Obstacle::NoPrompt(symbol).into())
            }
            SetError::Invisible | SetError::Limited(_) => {
                if let Some(choice) = definition.choice
                    && tree.symbol(choice).is_optional
                    && self.config.tristate(choice) == Tristate::No
                {
                    self.set(choice, "y")?;
                }
                self.bring(definition.visibility, Need::AtLeast(least))
            }
            SetError::Selected(at) if wanted < at => {
                self.bring_all(definition.selected_by.iter().map(|reason| reason.expr), Need::AtMost(wanted))
            }
            SetError::Selected(_) => self.bring(definition.visibility, Need::AtLeast(least)),
            error => Err(Obstacle::Refused(symbol, value.to_owned(), error).into()),
        }
    }

    fn bring_all(&mut self, exprs: impl IntoIterator<Item = ExprId>, need: Need) -> Outcome {
        exprs.into_iter().try_for_each(|expr| self.bring(expr, need))
    }

    /// Makes an expression what is needed.
    fn bring(&mut self, expr: ExprId, need: Need) -> Outcome {
        if need.holds(self.config.evaluate(expr)) {
            return Ok(());
        }
        self.nested(|this| match (this.config.tree.exprs().get(expr), need) {
            (Expr::Symbol(symbol), _) => this.bring_symbol(symbol, need),
            (Expr::Not(inner), _) => this.bring(inner, need.negate()),
            (Expr::And(..), Need::AtLeast(_)) | (Expr::Or(..), Need::AtMost(_)) => {
                this.bring_all(this.config.flat(expr), need)
            }
            (Expr::And(..) | Expr::Or(..), _) => {
                let ways = this.config.flat(expr).into_iter().map(|operand| Way::Expr(operand, need));
                this.bring_one(ways.collect(), Obstacle::Several(expr, need))
            }
            (Expr::Compare(comparison, left, right), _) => {
                this.bring_comparison(comparison, left, right, need)
            }
        })
    }

    fn bring_symbol(&mut self, symbol: SymbolId, need: Need) -> Outcome {
        let tree = self.config.tree.clone();
        let definition = tree.symbol(symbol);
        if let Need::AtMost(_) = need
            && let Some(choice) = definition.choice
        {
            return self.pick_another(choice, symbol, need);
        }
        let has_mod = definition.kind == Type::Tristate && self.config.modules_enabled();
        let value = match need {
            Need::AtLeast(Tristate::Mod) | Need::AtMost(Tristate::Mod) if has_mod => "m",
            Need::AtLeast(_) => "y",
            Need::AtMost(_) => "n",
        };
        match definition.role {
            Role::Choice if !definition.is_optional => {
                let depends = |&node| Way::Expr(tree.node(node).depends, need);
                self.bring_one(
                    definition.nodes.iter().map(depends).collect(),
                    Obstacle::SeveralFor(symbol, need),
                )
            }
            _ if !self.config.is_switch(symbol) => Err(Obstacle::Atom(Atom::Symbol(symbol), need).into()),
            _ if definition.visibility != ExprId::NO => self.set(symbol, value),
            _ => match need {
                Need::AtLeast(least) => self.raise(symbol, least),
                Need::AtMost(greatest) => self.lower(symbol, greatest),
            },
        }
    }

    /// Makes the member of a choice `n`: turns an optional choice off, or picks another member: the one that the
    /// choice names as its default, else the only one there is.
    fn pick_another(&mut self, choice: SymbolId, symbol: SymbolId, need: Need) -> Outcome {
        let tree = self.config.tree.clone();
        let definition = tree.symbol(choice);
        if definition.is_optional {
            return self.set(choice, "n");
        }
        let others = || definition.members.iter().copied().filter(|&member| member != symbol);
        let mut candidates: Vec<SymbolId> =
            others().filter(|&member| self.config.visibility(member) != Tristate::No).collect();
        // A member that cannot be picked now may be one that something else makes possible.
        if candidates.is_empty() {
            candidates = others().collect();
        }
        let defaults =
            definition.defaults.iter().filter_map(|default| match tree.exprs().get(default.value) {
                Expr::Symbol(member) if self.config.evaluate(default.condition) != Tristate::No => {
                    Some(member)
                }
                _ => None,
            });
        if let Some(usual) = defaults.into_iter().find(|member| candidates.contains(member)) {
            candidates = vec![usual];
        }
        let ways = candidates.into_iter().map(|other| Way::Set(other, "y")).collect();
        self.bring_one(ways, Obstacle::SeveralFor(symbol, need))
    }

    /// Makes a symbol without prompt at least that, by one of its defaults or of what selects or implies it.
    fn raise(&mut self, symbol: SymbolId, least: Tristate) -> Outcome {
        let tree = self.config.tree.clone();
        let definition = tree.symbol(symbol);
        let need = Need::AtLeast(least);
        let defaults = (0..definition.defaults.len()).map(|place| Way::Default(symbol, place, least));
        let reasons = definition.selected_by.iter().chain(&definition.implied_by);
        let ways = defaults.chain(reasons.map(|reason| Way::Expr(reason.expr, need))).collect();
        self.bring_one(ways, Obstacle::SeveralFor(symbol, need))
    }

    /// Makes a symbol without prompt at most that: nothing may select or imply it, nor its default be more.
    fn lower(&mut self, symbol: SymbolId, greatest: Tristate) -> Outcome {
        let tree = self.config.tree.clone();
        let definition = tree.symbol(symbol);
        let need = Need::AtMost(greatest);
        let reasons = definition.selected_by.iter().chain(&definition.implied_by);
        self.bring_all(reasons.map(|reason| reason.expr), need)?;
        // When one default no longer counts, the next may.
        for _ in &definition.defaults {
            let active =
                self.config.ask(|this| Ok(this.active_default(definition)?.map(|(place, ..)| place)));
            let Some(default) = active.map(|place| definition.defaults[place]) else { break };
            if need.holds(self.config.tristate(symbol)) {
                break;
            }
            let ways = vec![Way::Expr(default.value, need), Way::Expr(default.condition, need)];
            self.bring_one(ways, Obstacle::SeveralFor(symbol, need))?;
        }
        Ok(())
    }

    fn bring_comparison(
        &mut self,
        comparison: Comparison,
        left: SymbolId,
        right: SymbolId,
        need: Need,
    ) -> Outcome {
        let tree = self.config.tree.clone();
        let blocked = || Obstacle::Atom(Atom::Compare(comparison, left, right), need).into();
        let holds = match need {
            Need::AtLeast(_) => comparison,
            Need::AtMost(_) => comparison.opposite(),
        };
        let (subject, constant, holds) = match [left, right].map(|side| has_own_value(&tree, side)) {
            [false, true] => (left, right, holds),
            [true, false] => (right, left, holds.exchanged()),
            _ => return Err(blocked()),
        };
        let definition = tree.symbol(subject);
        let value = &*tree.symbol(constant).name;
        if self.config.is_switch(subject) {
            return match (holds, super::set::tristate_of(value)) {
                (Comparison::Equal, Some(Tristate::Yes)) => {
                    self.bring_symbol(subject, Need::AtLeast(Tristate::Yes))
                }
                (Comparison::Equal, Some(Tristate::No)) => {
                    self.bring_symbol(subject, Need::AtMost(Tristate::No))
                }
                (Comparison::Equal, Some(Tristate::Mod)) => self.set(subject, "m"),
                (Comparison::Unequal, Some(Tristate::Yes)) => {
                    self.bring_symbol(subject, Need::AtMost(Tristate::Mod))
                }
                (Comparison::Unequal, Some(Tristate::No)) => {
                    self.bring_symbol(subject, Need::AtLeast(Tristate::Mod))
                }
                _ => Err(blocked()),
            };
        }
        if definition.visibility != ExprId::NO {
            let value = nearest(holds, definition.kind, value).ok_or_else(blocked)?;
            return self.set(subject, &value);
        }
        let ways = (0..definition.defaults.len()).filter(|&place| {
            let Expr::Symbol(source) = tree.exprs().get(definition.defaults[place].value) else {
                return false;
            };
            let text = self.config.value(source);
            holds.holds(number::compare((text, definition.kind), (value, tree.symbol(constant).kind)))
        });
        let ways = ways.map(|place| Way::Text(subject, place)).collect();
        self.bring_one(ways, Obstacle::Atom(Atom::Compare(comparison, left, right), need))
    }

    /// Takes the only way that works, or the only shortest of those.
    fn bring_one(&mut self, ways: Vec<Way>, several: Obstacle) -> Outcome {
        let mut best: Option<Self> = None;
        let mut is_tie = false;
        let mut obstacles = Vec::new();
        for way in ways {
            let mut attempt = self.clone();
            let result = attempt.nested(|this| this.take(&way));
            self.steps = attempt.steps;
            match (result, &best) {
                (Err(blocked), _) => obstacles.extend(blocked.obstacles),
                (Ok(()), Some(shortest)) if attempt.assignments.len() > shortest.assignments.len() => {}
                (Ok(()), Some(shortest)) if attempt.assignments.len() == shortest.assignments.len() => {
                    is_tie |= attempt.assignments != shortest.assignments;
                }
                (Ok(()), _) => {
                    best = Some(attempt);
                    is_tie = false;
                }
            }
        }
        match best {
            Some(_) if is_tie => Err(several.into()),
            Some(best) => {
                *self = Self { steps: self.steps, depth: self.depth, ..best };
                Ok(())
            }
            None if obstacles.is_empty() => Err(several.into()),
            None => Err(Blocked { obstacles }),
        }
    }

    fn take(&mut self, way: &Way) -> Outcome {
        let (symbol, place, least) = match *way {
            Way::Expr(expr, need) => return self.bring(expr, need),
            Way::Set(symbol, value) => return self.set(symbol, value),
            Way::Text(symbol, place) => (symbol, place, None),
            Way::Default(symbol, place, least) => (symbol, place, Some(least)),
        };
        let tree = self.config.tree.clone();
        let defaults = &tree.symbol(symbol).defaults;
        let default = defaults[place];
        if let Some(least) = least {
            self.bring(default.value, Need::AtLeast(least))?;
        }
        self.bring(default.condition, Need::AtLeast(least.unwrap_or(Tristate::Mod)))?;
        let earlier = defaults[..place].iter().map(|earlier| earlier.condition);
        self.bring_all(earlier, Need::AtMost(Tristate::No))
    }

    /// Counts a step, one level deeper.
    fn nested(&mut self, step: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        if self.depth >= DEPTH || self.steps == 0 {
            return Err(Obstacle::TooComplex.into());
        }
        self.steps -= 1;
        self.depth += 1;
        let outcome = step(self);
        self.depth -= 1;
        outcome
    }
}

/// The value nearest to `value` for which the comparison holds, if there is one that is nearest.
fn nearest(comparison: Comparison, kind: Type, value: &str) -> Option<String> {
    if comparison == Comparison::Equal {
        return Some(value.to_owned());
    }
    let base = number::base_of(kind, 0);
    if base == 0 || !kind.accepts(value) {
        return None;
    }
    let number = number::prefix(value, base);
    let number = match comparison {
        Comparison::LessOrEqual | Comparison::GreaterOrEqual => number,
        Comparison::Less => number.checked_sub(1)?,
        Comparison::Greater => number.checked_add(1)?,
        Comparison::Equal | Comparison::Unequal => return None,
    };
    match kind {
        Type::Hex => u64::try_from(number).ok().map(|number| format!("{number:#x}")),
        _ => Some(number.to_string()),
    }
}
