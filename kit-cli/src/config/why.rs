//! `kit config why`.

use clap::Args;
use kit_menu::session::{Explanation, Link, Piece, State, Why, condition};
use serde_json::{Value, json};

use super::json::{kind, value};
use super::{Place, json as shape, names};
use crate::Result;

/// Arguments of `kit config why`.
#[derive(Args)]
pub struct WhyArgs {
    /// Name of an option
    pub name: String,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// `kit config why`: the value and where it comes from, what it needs with the failing parts marked by their
/// values, who selects it, where it is defined, its help.
pub fn command(place: &Place, arguments: &WhyArgs) -> Result<u8> {
    let session = place.read()?;
    let symbol = names::find(session.tree(), &arguments.name)?;
    let explanation = session.explain(symbol);
    match arguments.json {
        true => shape::print(&object(&explanation)),
        false => print!("{}", explanation.to_text()),
    }
    Ok(0)
}

/// Everything about an option. Beside the keys of [`shape`]: `why` (a word of `origin`, the sentence `text`, and
/// the names in `by`), `set_to`, `obstacle`, `allowed`, `range`, `depends` and the conditions as text with their
/// parts (`text`, `state`, `name`s value), `selects`, `implies`, `selected_by`, `implied_by`, `defined`, `help`,
/// `bytes`.
fn object(explanation: &Explanation) -> Value {
    let (origin, by) = match &explanation.why {
        Why::NoValue | Why::Nothing => ("nothing", Vec::new()),
        Why::User(_) => ("user", Vec::new()),
        Why::Default { .. } => ("default", Vec::new()),
        Why::Selected(links) => ("selected", links.iter().collect()),
        Why::Implied(links) => ("implied", links.iter().collect()),
        Why::Choice { picked, .. } => ("choice", picked.iter().collect()),
    };
    let by: Vec<_> = by.into_iter().map(|link| link.name.as_str()).collect();
    let defined: Vec<_> = explanation
        .definitions
        .iter()
        .map(|definition| {
            json!({
                "place": definition.place.to_string(),
                "prompt": definition.prompt,
                "menu": definition.path,
            })
        })
        .collect();
    json!({
        "name": explanation.name,
        "type": kind(explanation.kind),
        "value": value(explanation.kind, &explanation.value),
        "why": { "origin": origin, "text": explanation.why_text(), "by": by },
        "set_to": explanation.set_to.as_ref().map(|text| value(explanation.kind, text)),
        "changeable": explanation.is_changeable,
        "obstacle": explanation.obstacle,
        "allowed": explanation.allowed.iter().map(|text| value(explanation.kind, text)).collect::<Vec<_>>(),
        "range": explanation.range,
        "depends": conditions(&explanation.depends),
        "selects": links(&explanation.selects),
        "implies": links(&explanation.implies),
        "selected_by": links(&explanation.selected_by),
        "implied_by": links(&explanation.implied_by),
        "defined": defined,
        "help": explanation.help,
        "bytes": explanation.bytes,
    })
}

fn conditions(pieces: &[Piece]) -> Value {
    let part = |piece: &Piece| {
        let state = match piece.state {
            State::Neutral => return None,
            State::Met => "met",
            State::Failing => "failing",
        };
        Some(json!({ "text": piece.text, "state": state, "value": piece.value }))
    };
    match pieces {
        [] => Value::Null,
        pieces => json!({
            "text": condition::text(pieces),
            "parts": pieces.iter().filter_map(part).collect::<Vec<_>>(),
        }),
    }
}

fn links(links: &[Link]) -> Value {
    let link = |link: &Link| {
        json!({
            "name": link.name,
            "value": link.value,
            "active": link.is_active,
            "if": conditions(&link.condition),
            "place": link.place.as_ref().map(ToString::to_string),
        })
    };
    links.iter().map(link).collect()
}
