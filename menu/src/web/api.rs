//! The calls beneath `/api/`. Reading is `GET` with a query, changing is `POST` with a JSON body.
//!
//! | call | body or query | answer |
//! |---|---|---|
//! | `GET state` | | what stands around the tree |
//! | `GET tree` | `open` (menus, `12,7`), `all=1` | state, and the rows of the main menu with those of open menus |
//! | `GET locate` | `node` | the menus around an entry, and whether only `all=1` shows it |
//! | `GET explain` | `node` or `symbol` | all about an entry |
//! | `GET search` | `q` | the best matches |
//! | `GET problems` | | what is wrong, with repairs |
//! | `GET graph` | `symbol`, `all=1` | what it depends on and what depends on it, as SVG |
//! | `GET check` | `symbol`, `text` | what there is to say about a text that is being typed |
//! | `POST set` | `symbol`, `value` | what it did, or why it cannot be, with a plan |
//! | `POST apply` | `symbol`, `value`, `plan` (its lines, as shown) | what it did; refused if the plan is another by now |
//! | `POST toggle`, `unset` | `symbol` | what it did |
//! | `POST reset` | `node` | what it did |
//! | `POST repair` | `problem` (message), `repair` (label), `plan` | what it did; refused if it is another by now |
//! | `POST undo`, `redo`, `save` | | what it did |
//! | `POST quit` | | nothing; the server ends |
//!
//! A call that cannot be done now is answered with `{"refused": sentence}`: that is no error, but what the page is
//! there to show. A call that makes no sense is one, `{"error": sentence}` with a status of 400 or above.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::http::{Request, Response};
use super::{graph, view};
use crate::kconfig::{NodeId, SymbolId};
use crate::session::{Outcome, Plan, Refusal, RepairAction, Session, Shown};

/// Most hits of a search that the page is sent.
const HITS: usize = 100;

/// The session, and what the calls keep beside it.
pub struct Api {
    session: Session,
    /// How many changes there were: a page with another number is out of date.
    version: u64,
    is_closed: bool,
}

/// Why a call has no answer of its own.
enum Failure {
    /// The call makes no sense: 400.
    Bad(String),
    /// It makes sense and cannot be done now.
    Refused(Box<Refusal>),
    /// The same, said in one sentence.
    NotNow(String),
    /// No such call: 404.
    Unknown,
    /// Another method: 405.
    Method,
}

type Answer<T> = Result<T, Failure>;

#[derive(Deserialize)]
struct Assignment {
    symbol: u32,
    value: String,
}

#[derive(Deserialize)]
struct Agreed {
    symbol: u32,
    value: String,
    plan: Vec<String>,
}

#[derive(Deserialize)]
struct OneSymbol {
    symbol: u32,
}

#[derive(Deserialize)]
struct OneNode {
    node: u32,
}

#[derive(Deserialize)]
struct RepairCall {
    problem: String,
    repair: String,
    plan: Option<Vec<String>>,
}

impl Api {
    /// For a session.
    pub fn new(session: Session) -> Self {
        Self { session, version: 0, is_closed: false }
    }

    /// Whether the page has closed the server.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Whether there are changes that were not saved.
    pub fn is_changed(&self) -> bool {
        self.session.is_changed()
    }

    /// Answers one call.
    pub fn answer(&mut self, request: &Request) -> Response {
        let name = request.path.trim_start_matches("/api/");
        let answer = match request.method.as_str() {
            "GET" => self.read(name, request),
            "POST" => self.change(name, request).map(|value| object(200, &value)),
            _ => Err(Failure::Method),
        };
        answer.unwrap_or_else(|failure| match failure {
            Failure::Bad(reason) => object(400, &json!({ "error": reason })),
            Failure::NotNow(reason) => object(200, &json!({ "refused": reason })),
            Failure::Refused(refusal) => object(200, &view::refusal(&self.session, *refusal)),
            Failure::Unknown => object(404, &json!({ "error": "there is no such call" })),
            Failure::Method => object(405, &json!({ "error": "calls are GET or POST" })),
        })
    }

    fn read(&mut self, name: &str, request: &Request) -> Answer<Response> {
        let parameter = |name| request.parameter(name).unwrap_or_default();
        let shown = if parameter("all") == "1" { Shown::All } else { Shown::Visible };
        let session = &mut self.session;
        let value = match name {
            "state" => json!(view::state(session, self.version)),
            "tree" => {
                let open = parameter("open").split(',').filter(|number| !number.is_empty());
                let open = open.map(|number| node(session, number.parse().ok())).collect::<Answer<_>>()?;
                json!({ "state": view::state(session, self.version), "rows": view::rows(session, &open, shown) })
            }
            "locate" => {
                let node = node(session, parameter("node").parse().ok())?;
                let path = session.path(session.menu_of(node));
                let menus: Vec<_> = path.iter().map(|(menu, _)| menu.0).collect();
                json!({ "menus": menus, "hidden": session.needs(node) == Shown::All })
            }
            "explain" => {
                let explanation = match request.parameter("symbol") {
                    Some(text) => session.explain(symbol(session, text.parse().ok())?),
                    None => session.explain_node(node(session, parameter("node").parse().ok())?),
                };
                json!(view::explanation(explanation))
            }
            "search" => json!(view::matches(session.search(parameter("q"), HITS))),
            "problems" => json!(view::problems(session)),
            "graph" => {
                let symbol = symbol(session, parameter("symbol").parse().ok())?;
                let svg = graph::draw(session.config(), symbol, shown == Shown::All);
                return Ok(Response::new(200, "image/svg+xml", svg));
            }
            "check" => {
                let symbol = symbol(session, parameter("symbol").parse().ok())?;
                let input = session.check_input(symbol, parameter("text"));
                json!({ "expected": input.expected, "error": input.error })
            }
            _ => return Err(Failure::Unknown),
        };
        Ok(object(200, &value))
    }

    fn change(&mut self, name: &str, request: &Request) -> Answer<Value> {
        let session = &mut self.session;
        let outcome = match name {
            "set" => {
                let call: Assignment = body(request)?;
                session.set(symbol(session, Some(call.symbol))?, &call.value)?
            }
            "apply" => apply(session, &body(request)?)?,
            "toggle" => {
                let call: OneSymbol = body(request)?;
                session.toggle(symbol(session, Some(call.symbol))?)?
            }
            "unset" => {
                let call: OneSymbol = body(request)?;
                session.unset(symbol(session, Some(call.symbol))?)
            }
            "reset" => {
                let call: OneNode = body(request)?;
                session.reset(node(session, Some(call.node))?)
            }
            "repair" => repair(session, &body(request)?)?,
            "undo" => prefixed("undone", session.undo())?,
            "redo" => prefixed("redone", session.redo())?,
            "save" => {
                session.save().map_err(|error| Failure::NotNow(error.to_string()))?;
                Outcome { label: format!("saved {}", session.store_name()), changes: Vec::new() }
            }
            "quit" => {
                self.is_closed = true;
                return Ok(json!({}));
            }
            _ => return Err(Failure::Unknown),
        };
        self.version += 1;
        Ok(json!(view::outcome(session, &outcome)))
    }
}

/// Carries out the plan that a refused `set` offered, if it still is what the person has seen.
fn apply(session: &mut Session, call: &Agreed) -> Answer<Outcome> {
    let symbol = symbol(session, Some(call.symbol))?;
    let refusal = match session.set(symbol, &call.value) {
        // What stood in the way has gone: the value alone is less than what was agreed to.
        Ok(outcome) => return Ok(outcome),
        Err(refusal) => refusal,
    };
    match &refusal.plan {
        Some(plan) if view::changes(session, &plan.changes) == call.plan => Ok(session.apply(plan)?),
        _ => Err(refusal.into()),
    }
}

fn repair(session: &mut Session, call: &RepairCall) -> Answer<Outcome> {
    let problem = session.problems().into_iter().find(|problem| problem.message == call.problem);
    let repair = problem.and_then(|problem| problem.repairs.into_iter().find(|way| way.label == call.repair));
    let Some(repair) = repair else {
        return Err(Failure::NotNow("that problem is gone".into()));
    };
    if let RepairAction::Plan(Plan { changes, .. }) = &repair.action
        && call.plan.as_ref() != Some(&view::changes(session, changes))
    {
        return Err(Failure::NotNow("it would change something else by now: look again".into()));
    }
    Ok(session.repair(&repair)?)
}

fn prefixed(word: &str, outcome: Option<Outcome>) -> Answer<Outcome> {
    let outcome = outcome.ok_or_else(|| Failure::NotNow(format!("nothing can be {word}")))?;
    Ok(Outcome { label: format!("{word}: {}", outcome.label), ..outcome })
}

fn node(session: &Session, number: Option<u32>) -> Answer<NodeId> {
    let count = session.tree().nodes.len();
    number
        .filter(|&number| (number as usize) < count)
        .map(NodeId)
        .ok_or_else(|| Failure::Bad(format!("a node is a number below {count}")))
}

fn symbol(session: &Session, number: Option<u32>) -> Answer<SymbolId> {
    let count = session.tree().symbols.len();
    number
        .filter(|&number| (number as usize) < count)
        .map(SymbolId)
        .ok_or_else(|| Failure::Bad(format!("a symbol is a number below {count}")))
}

fn body<T: DeserializeOwned>(request: &Request) -> Answer<T> {
    // A foreign page can send a form without asking first; JSON it cannot.
    if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Failure::Bad("the body must be application/json".into()));
    }
    serde_json::from_slice(&request.body).map_err(|error| Failure::Bad(error.to_string()))
}

fn object(status: u16, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => Response::new(status, "application/json", body),
        Err(error) => Response::text(500, &error.to_string()),
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

#[cfg(test)]
mod tests;
