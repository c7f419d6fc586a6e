//! What the page is sent: the model's answers as JSON. Entries and symbols are numbers that hold while the server runs.

use serde::Serialize;

use std::collections::HashSet;

use crate::kconfig::{Change, NodeId, Severity, Tristate, Type};
use crate::session::condition::name;
use crate::session::{
    Explanation, Hit, Link, Matches, Outcome, Piece, Place, Plan, Problem, Refusal, Repair, RepairAction,
    Row, RowKind, Session, Shown, Snippet, State, Value, Why,
};

/// What stands around the tree.
#[derive(Serialize)]
pub struct StateView {
    version: u64,
    title: String,
    store: String,
    image_bytes: Option<u64>,
    libraries: Option<usize>,
    problems: usize,
    changed: bool,
    undo: Option<String>,
    redo: Option<String>,
}

/// A row of the tree.
#[derive(Serialize)]
pub struct RowView {
    node: u32,
    symbol: Option<u32>,
    kind: &'static str,
    level: usize,
    prompt: String,
    name: Option<String>,
    value: Option<String>,
    allowed: Vec<&'static str>,
    changeable: bool,
    opens: bool,
    empty: bool,
    set: bool,
    hidden: Option<String>,
}

/// All about one entry.
#[derive(Serialize)]
pub struct ExplanationView {
    symbol: Option<u32>,
    name: String,
    kind: &'static str,
    value: String,
    why: String,
    /// The default that the value comes from, as it is written.
    default: Option<String>,
    set_to: Option<String>,
    obstacle: Option<String>,
    range: Option<(String, String)>,
    depends: Vec<PieceView>,
    selects: Vec<LinkView>,
    implies: Vec<LinkView>,
    selected_by: Vec<LinkView>,
    implied_by: Vec<LinkView>,
    members: Vec<LinkView>,
    definitions: Vec<DefinitionView>,
    help: String,
    bytes: Option<u64>,
}

#[derive(Serialize)]
struct LinkView {
    symbol: u32,
    name: String,
    value: String,
    condition: Vec<PieceView>,
    active: bool,
    place: Option<String>,
}

#[derive(Serialize)]
struct DefinitionView {
    node: u32,
    place: String,
    prompt: Option<String>,
    path: String,
}

#[derive(Serialize)]
struct PieceView {
    text: String,
    state: &'static str,
    symbol: Option<u32>,
    value: Option<String>,
}

/// What a search found.
#[derive(Serialize)]
pub struct MatchesView {
    total: usize,
    hits: Vec<HitView>,
}

#[derive(Serialize)]
struct HitView {
    node: u32,
    symbol: Option<u32>,
    name: Option<SnippetView>,
    prompt: Option<SnippetView>,
    help: Option<SnippetView>,
    value: String,
    hidden: bool,
}

#[derive(Serialize)]
struct SnippetView {
    text: String,
    matching: Vec<usize>,
}

/// Something that is wrong.
#[derive(Serialize)]
pub struct ProblemView {
    severity: &'static str,
    message: String,
    detail: String,
    node: Option<u32>,
    repairs: Vec<RepairView>,
}

#[derive(Serialize)]
struct RepairView {
    label: String,
    /// What it would change, if that has to be agreed to.
    plan: Option<Vec<String>>,
}

/// What a step did.
#[derive(Serialize)]
pub struct OutcomeView {
    label: String,
    changes: Vec<String>,
}

/// Why a step was not done.
#[derive(Serialize)]
pub struct RefusalView {
    /// In one line, with the name of the symbol.
    refused: String,
    symbol: u32,
    wanted: String,
    condition: Vec<PieceView>,
    plan: Option<Vec<String>>,
}

/// What stands around the tree now.
pub fn state(session: &Session, version: u64) -> StateView {
    let summary = session.summary();
    StateView {
        version,
        title: session.title().to_string(),
        store: session.store_name(),
        image_bytes: summary.image_bytes,
        libraries: summary.libraries,
        problems: summary.problems,
        changed: summary.is_changed,
        undo: session.undo_label().map(str::to_string),
        redo: session.redo_label().map(str::to_string),
    }
}

/// The rows of the main menu, each menu in `open` followed by its own.
pub fn rows(session: &Session, open: &HashSet<NodeId>, shown: Shown) -> Vec<RowView> {
    let mut views = Vec::new();
    let mut menus = vec![(0, session.rows(NodeId::ROOT, shown).into_iter())];
    while let Some((level, rest)) = menus.last_mut() {
        let Some(row) = rest.next() else {
            menus.pop();
            continue;
        };
        let (node, opens, level) = (row.node, row.opens && !row.is_empty, *level + row.depth);
        views.push(view_of(row, level));
        if opens && open.contains(&node) {
            menus.push((level + 1, session.rows(node, shown).into_iter()));
        }
    }
    views
}

fn view_of(row: Row, level: usize) -> RowView {
    let (value, allowed) = match row.value {
        Value::None => (None, Vec::new()),
        Value::Tristate { value, allowed } => {
            (Some(value.as_str().to_string()), allowed.into_iter().map(Tristate::as_str).collect())
        }
        Value::Text(text) => (Some(text), Vec::new()),
        Value::Picked(picked) => (picked, Vec::new()),
    };
    RowView {
        node: row.node.0,
        symbol: row.symbol.map(|symbol| symbol.0),
        kind: match row.kind {
            RowKind::Menu => "menu",
            RowKind::Comment => "comment",
            RowKind::Bool => "bool",
            RowKind::Tristate => "tristate",
            RowKind::Int => "int",
            RowKind::Hex => "hex",
            RowKind::Text => "string",
            RowKind::Choice => "choice",
            RowKind::Member => "member",
        },
        level,
        prompt: row.prompt,
        name: row.name,
        value,
        allowed,
        changeable: row.is_changeable,
        opens: row.opens,
        empty: row.is_empty,
        set: row.is_set,
        hidden: row.hidden,
    }
}

/// All about an entry.
pub fn explanation(explanation: Explanation) -> ExplanationView {
    let why = explanation.why_text();
    let default = match explanation.why {
        Why::Default { text, .. } => Some(text),
        _ => None,
    };
    let definitions = explanation.definitions.into_iter().map(|definition| DefinitionView {
        node: definition.node.0,
        place: definition.place.to_string(),
        prompt: definition.prompt,
        path: definition.path,
    });
    ExplanationView {
        symbol: explanation.symbol.map(|symbol| symbol.0),
        name: explanation.name,
        kind: match explanation.kind {
            Type::Unknown => "",
            Type::Bool => "bool",
            Type::Tristate => "tristate",
            Type::Int => "int",
            Type::Hex => "hex",
            Type::String => "string",
        },
        value: explanation.value,
        why,
        default,
        set_to: explanation.set_to,
        obstacle: explanation.obstacle,
        range: explanation.range,
        depends: pieces(explanation.depends),
        selects: links(explanation.selects),
        implies: links(explanation.implies),
        selected_by: links(explanation.selected_by),
        implied_by: links(explanation.implied_by),
        members: links(explanation.members),
        definitions: definitions.collect(),
        help: explanation.help,
        bytes: explanation.bytes,
    }
}

fn links(links: Vec<Link>) -> Vec<LinkView> {
    let view = |link: Link| LinkView {
        symbol: link.symbol.0,
        name: link.name,
        value: link.value,
        condition: pieces(link.condition),
        active: link.is_active,
        place: link.place.as_ref().map(Place::to_string),
    };
    links.into_iter().map(view).collect()
}

fn pieces(pieces: Vec<Piece>) -> Vec<PieceView> {
    let view = |piece: Piece| PieceView {
        text: piece.text,
        state: match piece.state {
            State::Neutral => "neutral",
            State::Met => "met",
            State::Failing => "failing",
        },
        symbol: piece.symbol.map(|symbol| symbol.0),
        value: piece.value,
    };
    pieces.into_iter().map(view).collect()
}

/// What a search found.
pub fn matches(matches: Matches) -> MatchesView {
    let snippet = |snippet: Snippet| SnippetView { text: snippet.text, matching: snippet.matching };
    let hit = |hit: Hit| HitView {
        node: hit.node.0,
        symbol: hit.symbol.map(|symbol| symbol.0),
        name: hit.name.map(snippet),
        prompt: hit.prompt.map(snippet),
        help: hit.help.map(snippet),
        value: hit.value,
        hidden: hit.shown == Shown::All,
    };
    MatchesView { total: matches.total, hits: matches.hits.into_iter().map(hit).collect() }
}

/// What is wrong.
pub fn problems(session: &Session) -> Vec<ProblemView> {
    let repair = |Repair { label, action }| RepairView {
        label,
        plan: match action {
            RepairAction::Plan(plan) => Some(changes(session, &plan.changes)),
            _ => None,
        },
    };
    let view = |problem: Problem| ProblemView {
        severity: match problem.severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        },
        message: problem.message,
        detail: problem.detail,
        node: problem.node.map(|node| node.0),
        repairs: problem.repairs.into_iter().map(repair).collect(),
    };
    session.problems().into_iter().map(view).collect()
}

/// What a step did.
pub fn outcome(session: &Session, outcome: &Outcome) -> OutcomeView {
    OutcomeView { label: outcome.label.clone(), changes: changes(session, &outcome.changes) }
}

/// Why a step was not done.
pub fn refusal(session: &Session, refusal: Refusal) -> RefusalView {
    let plan = refusal.plan.as_ref().map(|plan: &Plan| changes(session, &plan.changes));
    // What has the wanted value already, though it cannot be set to it, needs no plan.
    let plan = plan.filter(|lines| !lines.is_empty());
    RefusalView {
        symbol: refusal.symbol.0,
        refused: format!("{}={}: {}", name(session.tree(), refusal.symbol), refusal.wanted, refusal.reason),
        wanted: refusal.wanted,
        condition: pieces(refusal.condition.into_vec()),
        plan,
    }
}

/// Changes as lines that a person reads, the form in which a plan is offered and agreed to.
pub fn changes(session: &Session, changes: &[Change]) -> Vec<String> {
    changes.iter().map(|change| session.describe(change)).collect()
}
