//! What a change makes void, and how it is computed again.
//!
//! A change spreads in an order in which everything comes after what it is computed from, and only as far as
//! values differ: what comes out as before is not followed. So a keypress costs what it changes, not what it
//! might have changed. Where there is no such order, because ranges or the modules symbol make a cycle, all that
//! might have changed is forgotten.

use super::super::expr::{Expr, ExprId};
use super::super::tree::{SymbolId, Tree, Tristate};
use super::eval::Evaluator;
use super::graph::{Graph, Node};
use super::input::Input;
use super::slot::{Cache, Cached, Slot, State, Text};

/// How changes spread in a tree.
#[derive(Debug)]
pub(super) struct Spread {
    graph: Graph,
    order: Option<Order>,
}

/// The order in which values are computed. A choice and its members have one place, for its pick is computed
/// from the members' prompts and their values from its pick.
#[derive(Debug)]
struct Order {
    /// The node at each place; the choice, where it is one with its members.
    nodes: Vec<u32>,
    /// The place of each node.
    places: Vec<u32>,
}

/// A set of places that is emptied in order.
struct Queue {
    words: Vec<u64>,
    /// All words before it are empty.
    first: usize,
}

impl Spread {
    /// How changes spread in `tree`.
    pub(super) fn new(tree: &Tree) -> Self {
        let graph = Graph::new(tree);
        Self { order: Order::new(&graph), graph }
    }

    /// Brings the cache up to date after the user's values of `changed` have changed.
    pub(super) fn settle(&self, tree: &Tree, input: &Input, cache: &mut Cache, changed: &[SymbolId]) {
        match &self.order {
            Some(order) => {
                Update { spread: self, order, changed, evaluator: Evaluator::new(tree, input, cache) }.run();
            }
            None => self.forget(tree, cache, changed),
        }
    }

    /// Forgets what was computed of `changed` and of everything that may depend on it.
    ///
    /// What is unknown already is not followed: all that read it was forgotten when it became unknown.
    fn forget(&self, tree: &Tree, cache: &mut Cache, changed: &[SymbolId]) {
        let mut stack: Vec<u32> = changed.iter().map(|symbol| symbol.0).collect();
        while let Some(number) = stack.pop() {
            let was_known = match self.graph.node(number) {
                Node::Symbol(symbol) => forget_symbol(tree, cache, symbol),
                Node::Expr(expr) => forget_expr(tree, cache, expr),
            };
            if was_known {
                stack.extend(self.graph.targets(number));
            }
        }
    }
}

fn forget_symbol(tree: &Tree, cache: &mut Cache, id: SymbolId) -> bool {
    let slot = &mut cache.slots[id.index()];
    let was_known = slot.state == State::Known || slot.is_visible_known;
    *slot = Slot::base(tree.symbol(id).kind);
    if tree.modules() == Some(id) {
        cache.modules = None;
    }
    cache.picks.remove(&id).is_some() || was_known
}

fn forget_expr(tree: &Tree, cache: &mut Cache, id: ExprId) -> bool {
    let was_known = cache.exprs[id.0 as usize] != Cached::Unknown;
    cache.exprs[id.0 as usize] = Cached::Unknown;
    was_known || is_mere_symbol(tree, id)
}

/// Whether an expression is a symbol: those are never kept, so whether it was read is not known either.
fn is_mere_symbol(tree: &Tree, id: ExprId) -> bool {
    matches!(tree.exprs().get(id), Expr::Symbol(_))
}

impl Order {
    /// The order of a tree; none if there is a cycle.
    fn new(graph: &Graph) -> Option<Self> {
        let count = graph.len() as u32;
        // Members stand where their choice stands.
        let mut leaders: Vec<u32> = (0..count).collect();
        for (choice, members) in graph.choices() {
            members.iter().for_each(|&member| leaders[member as usize] = choice);
        }
        let is_leader = |node: &u32| leaders[*node as usize] == *node;
        let each_target = |node: u32, leader: u32, act: &mut dyn FnMut(u32)| {
            for &to in graph.targets(node) {
                let to = leaders[to as usize];
                if to != leader {
                    act(to);
                }
            }
        };
        // How many of the nodes that each is computed from have no place yet.
        let mut waiting = vec![0u32; count as usize];
        for node in 0..count {
            each_target(node, leaders[node as usize], &mut |to| waiting[to as usize] += 1);
        }
        let mut nodes: Vec<u32> =
            (0..count).filter(|node| is_leader(node) && waiting[*node as usize] == 0).collect();
        let mut places = vec![0; count as usize];
        let mut next = 0;
        while let Some(&leader) = nodes.get(next) {
            places[leader as usize] = next as u32;
            next += 1;
            for &node in std::iter::once(&leader).chain(graph.members(leader)) {
                each_target(node, leader, &mut |to| {
                    waiting[to as usize] -= 1;
                    if waiting[to as usize] == 0 {
                        nodes.push(to);
                    }
                });
            }
        }
        if nodes.len() < (0..count).filter(is_leader).count() {
            return None;
        }
        for (choice, members) in graph.choices() {
            members.iter().for_each(|&member| places[member as usize] = places[choice as usize]);
        }
        Some(Self { nodes, places })
    }
}

/// A change on its way.
struct Update<'a> {
    spread: &'a Spread,
    order: &'a Order,
    changed: &'a [SymbolId],
    evaluator: Evaluator<'a>,
}

impl Update<'_> {
    fn run(&mut self) {
        let mut queue = Queue { words: vec![0; self.order.nodes.len().div_ceil(64)], first: usize::MAX };
        for symbol in self.changed {
            queue.insert(self.order.places[symbol.index()]);
        }
        while let Some(place) = queue.pop() {
            let leader = self.order.nodes[place as usize];
            let changed: Vec<u32> = match self.spread.graph.node(leader) {
                Node::Expr(expr) => self.expr(expr).then_some(leader).into_iter().collect(),
                Node::Symbol(symbol) => self.symbols(symbol, leader),
            };
            for node in changed {
                for &to in self.spread.graph.targets(node) {
                    let to = self.order.places[to as usize];
                    // The others of a group have been computed with the first.
                    if to != place {
                        queue.insert(to);
                    }
                }
            }
        }
    }

    /// Computes an expression again if it was known; tells whether it differs.
    fn expr(&mut self, id: ExprId) -> bool {
        let before = self.evaluator.cache.exprs[id.0 as usize];
        let Cached::Known(before) = before else { return is_mere_symbol(self.evaluator.tree, id) };
        self.evaluator.cache.exprs[id.0 as usize] = Cached::Unknown;
        self.evaluator.complete(|this| this.expr(id)) != before
    }

    /// Computes what was known of a symbol again, or of a choice and its members; returns those that differ.
    fn symbols(&mut self, leader: SymbolId, number: u32) -> Vec<u32> {
        let tree = self.evaluator.tree;
        let members = self.spread.graph.members(number);
        let group: Vec<u32> = std::iter::once(number).chain(members.iter().copied()).collect();
        let before: Vec<Slot> = group.iter().map(|&node| self.evaluator.cache.slots[node as usize]).collect();
        self.evaluator.cache.picks.remove(&leader);
        for &node in &group {
            self.evaluator.cache.slots[node as usize] = Slot::base(tree.symbols[node as usize].kind);
        }
        let computed = group.into_iter().zip(&before);
        computed.filter(|(node, before)| self.symbol(SymbolId(*node), before)).map(|(node, _)| node).collect()
    }

    /// Computes as much of a symbol again as was known; tells whether that differs.
    fn symbol(&mut self, id: SymbolId, before: &Slot) -> bool {
        if before.state != State::Known {
            return before.is_visible_known
                && self.evaluator.complete(|this| this.visible(id)) != before.visible;
        }
        let after = self.evaluator.complete(|this| this.slot(id).copied());
        if self.evaluator.tree.modules() == Some(id) {
            self.evaluator.cache.modules = Some(after.tri != Tristate::No);
        }
        after != *before || matches!(after.text, Text::User(source) if self.changed.contains(&source))
    }
}

impl Queue {
    fn insert(&mut self, place: u32) {
        let word = place as usize / 64;
        self.words[word] |= 1 << (place % 64);
        self.first = self.first.min(word);
    }

    fn pop(&mut self) -> Option<u32> {
        while let Some(word) = self.words.get_mut(self.first) {
            if *word != 0 {
                let bit = word.trailing_zeros();
                *word &= *word - 1;
                return Some(self.first as u32 * 64 + bit);
            }
            self.first += 1;
        }
        None
    }
}
