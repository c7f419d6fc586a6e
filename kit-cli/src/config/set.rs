//! `kit config set` and `kit config unset`.

use clap::Args;
use kit_menu::kconfig::{Config, SymbolId, Tree};
use kit_menu::session::{Refusal, Session, refusal};
use serde_json::{Value, json};

use super::{Place, json as shape, names};
use crate::{Failure, Result};

/// Arguments of `kit config set`.
#[derive(Args)]
pub struct SetArgs {
    /// Options with their new values, such as NET_SOCKETS=64
    #[arg(required = true, value_name = "NAME=VALUE")]
    pub assignments: Vec<String>,
    /// Also set what they need, and say what was
    #[arg(long, conflicts_with = "force")]
    pub with_deps: bool,
    /// Store values that do not take now, too
    #[arg(long)]
    pub force: bool,
    /// Print `{"saved", "changes": [{name, before, after}], "refused": [{name, wanted, reason, plan}], "warnings"}`
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `kit config unset`.
#[derive(Args)]
pub struct UnsetArgs {
    /// Names of options
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<String>,
    /// Print the same object as `kit config set`
    #[arg(long)]
    pub json: bool,
}

/// What a change is compared with.
pub struct Before {
    config: Config,
    problems: Vec<String>,
}

/// `kit config set`: all of the values or, unless they are forced, none.
pub fn command(place: &Place, arguments: &SetArgs) -> Result<u8> {
    let mut session = place.read()?;
    let tree = session.tree().clone();
    let wishes = arguments.assignments.iter().map(|text| names::assignment(&tree, text));
    let wishes: Vec<_> = wishes.collect::<Result<_>>()?;
    let before = Before::of(&session);
    // All are given before one is judged: they may need each other, in any order.
    for (symbol, value) in &wishes {
        session.preset(*symbol, value).map_err(|refusal| not_of_type(&tree, &refusal))?;
    }
    // What can be set as in a menu is: that takes a choice from the member that had it.
    for (symbol, value) in &wishes {
        if session.config().check(*symbol, value).is_ok() {
            session.set(*symbol, value).map_err(|refusal| Failure::failed(refusal.message(&tree)))?;
        }
    }
    if arguments.with_deps {
        for refusal in refused(&session, &wishes) {
            // One plan may have helped with another wish.
            if let Some(plan) = &refusal.plan
                && session.config().value(refusal.symbol) != refusal.wanted
            {
                session.apply(plan).map_err(|refusal| Failure::failed(refusal.message(&tree)))?;
            }
        }
    }
    let refused = refused(&session, &wishes);
    if !refused.is_empty() && !arguments.force {
        if arguments.json {
            shape::print(&json!({
                "saved": false,
                "changes": [],
                "refused": refused.iter().map(|refusal| object(&tree, refusal)).collect::<Vec<_>>(),
                "warnings": [],
            }));
        }
        return Err(Failure::failed(told(&tree, &refused, arguments.with_deps)));
    }
    save(&mut session)?;
    report_with(&session, &before, &refused, arguments.json);
    if before.config.compare(session.config()).is_empty() && !arguments.json && refused.is_empty() {
        println!("no value changes");
    }
    Ok(0)
}

/// `kit config unset`.
pub fn unset(place: &Place, arguments: &UnsetArgs) -> Result<u8> {
    let mut session = place.read()?;
    let found = arguments.names.iter().map(|name| names::find(session.tree(), name));
    let found: Vec<_> = found.collect::<Result<_>>()?;
    let before = Before::of(&session);
    for symbol in found {
        session.unset(symbol);
    }
    save(&mut session)?;
    report(&session, &before, arguments.json);
    Ok(0)
}

/// Saves what a command has changed.
pub fn save(session: &mut Session) -> Result<()> {
    session.save().map_err(|error| Failure::failed(error.message))
}

impl Before {
    /// The present state.
    pub fn of(session: &Session) -> Self {
        let problems = session.problems().into_iter().map(|problem| problem.message);
        Self { config: session.config().clone(), problems: problems.collect() }
    }
}

/// Prints what a command has changed, and warns of what is wrong now and was not before.
pub fn report(session: &Session, before: &Before, is_json: bool) {
    report_with(session, before, &[], is_json);
}

/// The same; `forced` was stored although it does not take.
fn report_with(session: &Session, before: &Before, forced: &[Refusal], is_json: bool) {
    let changes = before.config.compare(session.config());
    let mut warnings: Vec<_> = session.problems().into_iter().map(|problem| problem.message).collect();
    warnings.retain(|message| !before.problems.contains(message));
    for refusal in forced {
        let assignment = format!("{}={} ", session.tree().symbol(refusal.symbol).name, refusal.wanted);
        if !warnings.iter().any(|warning| warning.starts_with(&assignment)) {
            warnings.push(refusal.message(session.tree()));
        }
    }
    if is_json {
        shape::print(&json!({
            "saved": true,
            "changes": shape::changes(session.tree(), &changes),
            "refused": [],
            "warnings": warnings,
        }));
        return;
    }
    for change in &changes {
        let is_gone = !session.config().is_written(change.symbol) && before.config.is_written(change.symbol);
        match is_gone && change.after != "n" {
            true => println!("{}: {} is gone", session.tree().symbol(change.symbol).name, change.before),
            false => println!("{}", session.describe(change)),
        }
    }
    warnings.iter().for_each(|warning| eprintln!("kit: warning: {warning}"));
}

fn refused(session: &Session, wishes: &[(SymbolId, String)]) -> Vec<Refusal> {
    let config = session.config();
    wishes.iter().filter_map(|(symbol, value)| refusal::of(config, *symbol, value)).collect()
}

fn not_of_type(tree: &Tree, refusal: &Refusal) -> Failure {
    Failure::usage(format!("{} {}", tree.symbol(refusal.symbol).name, refusal.reason))
}

/// What did not take and why, and which flag would help.
fn told(tree: &Tree, refused: &[Refusal], is_with_deps: bool) -> String {
    let mut text: Vec<_> = refused.iter().map(|refusal| refusal.message(tree)).collect();
    if !is_with_deps && refused.iter().any(|refusal| refusal.plan.is_some()) {
        text.push("  = `--with-deps` sets what is needed, too".to_string());
    }
    text.push("  = nothing was changed; `--force` stores values that do not take".to_string());
    text.join("\n")
}

fn object(tree: &Tree, refusal: &Refusal) -> Value {
    let name = |symbol: SymbolId| &*tree.symbol(symbol).name;
    let kind = |symbol: SymbolId| tree.symbol(symbol).kind;
    let plan = refusal.plan.as_ref().map(|plan| {
        let set = |(symbol, text): &(SymbolId, String)| {
            json!({ "name": name(*symbol), "value": shape::value(kind(*symbol), text) })
        };
        json!({
            "set": plan.assignments.iter().map(set).collect::<Vec<_>>(),
            "changes": shape::changes(tree, &plan.changes),
        })
    });
    json!({
        "name": name(refusal.symbol),
        "wanted": shape::value(kind(refusal.symbol), &refusal.wanted),
        "reason": refusal.reason,
        "plan": plan,
    })
}
